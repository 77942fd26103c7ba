/**
 * Hooks: what a coding agent says before it uses a tool, and what it expects to hear. In: text. Out: the command line, or why
 * there is none; and an answer in the words of that hook. What is not understood is denied: an agent that is shown an error
 * instead of an answer may go on.
 */
import { isAbsolute } from "node:path";
import { quoteWord, quoteWords } from "./quote.js";

export const hookFormats = ["pre-tool-use", "plain"] as const;
export type HookFormat = (typeof hookFormats)[number];

export type Permission = "allow" | "ask" | "deny";

/** UTF-8 bytes of what a hook may be told: command lines have a limit far below. */
export const hook_bytes_max = 1_048_576;

/** What a hook asks. `tool` is null where the format has only one. */
export type HookQuestion =
  | { readonly kind: "command"; readonly line: string; readonly folder: string | null; readonly tool: string | null }
  | { readonly kind: "other tool"; readonly tool: string }
  | { readonly kind: "bad"; readonly reason: string };

export interface HookAnswer {
  readonly permission: Permission;
  readonly reason: string;
}

type Json = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const bad = (reason: string): HookQuestion => ({ kind: "bad", reason });

/** Reads what a hook is told. Never throws, and never repeats what it read. */
export function readHook(text: string, format: HookFormat): HookQuestion {
  const json = parse(text);
  if (!isObject(json)) return bad("the hook was told something that is not a JSON object");
  if (format === "plain") return readCommand(json, json, null);
  const { tool_name, tool_input } = json;
  if (typeof tool_name !== "string" || tool_name === "") return bad("`tool_name` is missing");
  if (!isObject(tool_input)) return bad("`tool_input` is missing");
  return "command" in tool_input ? readCommand(tool_input, json, tool_name) : { kind: "other tool", tool: tool_name };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const folderNames = ["cwd", "workdir", "working_directory", "directory"] as const;

/** The command that `input` holds. The folder may stand beside it, or in `outer`; the nearer one counts. */
function readCommand(input: Json, outer: Json, tool: string | null): HookQuestion {
  const line = lineOf(input.command);
  if (line === null) return bad("`command` is neither a text nor a list of words");
  const [inner, around] = [foldersOf(input), foldersOf(outer)];
  const [folder = null, ...others] = inner.length > 0 ? inner : around;
  if (others.some((other) => other !== folder)) return bad("two working folders are given");
  if (folder !== null && !(typeof folder === "string" && isAbsolute(folder)))
    return bad("the working folder is not an absolute path");
  const exports = exportsOf(input.env ?? {});
  if (exports === null) return bad("`env` is not an object of texts");
  return { kind: "command", line: `${exports}${line}`, folder, tool };
}

function lineOf(command: unknown): string | null {
  if (typeof command === "string") return command;
  if (!Array.isArray(command) || command.length === 0) return null;
  return command.every((word) => typeof word === "string") ? quoteWords(command) : null;
}

const foldersOf = (json: Json): readonly unknown[] =>
  folderNames.map((name) => json[name]).filter((value) => value !== undefined && value !== null);

/** Variables that the tool sets are judged like those that the line sets. */
function exportsOf(env: unknown): string | null {
  if (!isObject(env)) return null;
  const lines = Object.entries(env).map(([name, value]) =>
    /^[A-Za-z_]\w*$/.test(name) && typeof value === "string" ? `export ${name}=${quoteWord(value)}\n` : null,
  );
  return lines.includes(null) ? null : lines.join("");
}

/** The answer in the words of the hook, one line of JSON. */
export function answerHook({ permission, reason }: HookAnswer, format: HookFormat): string {
  const answer =
    format === "plain"
      ? { decision: permission, reason }
      : {
          hookSpecificOutput: {
            hookEventName: "PreToolUse",
            permissionDecision: permission,
            permissionDecisionReason: reason,
          },
        };
  return JSON.stringify(answer);
}
