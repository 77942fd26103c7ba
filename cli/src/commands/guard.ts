import { existsSync, readFileSync, realpathSync } from "node:fs";
import { isAbsolute } from "node:path";
import { type Decision, loadPolicy, type Policy, type Verdict } from "@hpl/runtime";
import { type Command, Option } from "commander";
import { CommandFailure, exitCode } from "../exit-code.js";
import { loadFrontEnds } from "../front-ends.js";
import { decisionJson, refusalLines } from "../guard/answer-text.js";
import { decideLine, type Guard } from "../guard/decide.js";
import {
  answerHook,
  type HookAnswer,
  type HookFormat,
  type HookQuestion,
  hook_bytes_max,
  hookFormats,
  type Permission,
  readHook,
} from "../guard/hooks.js";
import { readMachine } from "../guard/machine.js";
import { quoteWords } from "../guard/quote.js";
import { runCommand } from "../guard/run-command.js";
import { parseJsonOption } from "../requests.js";
import { openTerminal, type Terminal } from "../terminal.js";
import { visibleJson } from "../visible.js";

interface GuardOptions {
  readonly policy: string;
  readonly principal: string;
  readonly connection: string;
  readonly session: string;
  readonly workspace?: string;
  readonly env?: string;
  readonly dryRun?: true;
  readonly format: "text" | "json";
  /** True when `--hook` has no value. */
  readonly hook?: HookFormat | true;
  readonly shellTools: string;
  readonly otherTools: Permission;
}

const help = `
Examples:
  $ hpl guard --policy policy.wasm --principal '{"id":"coder","kind":"agent"}' -- git push origin HEAD
  $ hpl guard --policy policy.wasm --hook < call.json    for the hooks of coding agents: docs/guide/guard.md

Exit code: the command's; 3 when it needs approval and 4 when it is blocked (nothing ran then), 2 usage, 1 the policy has
errors. With --dry-run 0, 3 or 4. With --hook 0 and an answer, whatever happens: what cannot be decided is denied.`;

export function addGuard(program: Command, run: (code: Promise<number>) => void): void {
  program
    .command("guard")
    .summary("run a command if the policy allows it")
    .description("Decides on a command by a policy, then runs it or refuses; or answers the hook of a coding agent.")
    .argument("[command...]", "after --: the program and its words, as they are")
    .requiredOption("--policy <policy>", "a .hpl file, a folder of them, or, fastest, a compiled .wasm")
    .option("--principal <json>", "who runs it", nobody)
    .option("--connection <json>", "on what", "{}")
    .option("--session <json>", "in what session", "{}")
    .option("--workspace <folder>", "what counts as inside (default: the current folder)")
    .option("--env <names>", "variables whose values are told to the policy (default: all; with --hook: HOME)")
    .option("--dry-run", "decide, and run nothing")
    .addOption(new Option("--format <format>", "how a decision is printed").choices(["text", "json"]).default("text"))
    .addOption(
      new Option("--hook [format]", `answer a pre-tool hook on standard input: ${hookFormats.join(", ")}`).choices(
        hookFormats,
      ),
    )
    .option("--shell-tools <names>", "tools whose `command` is a shell line", "Bash,bash,shell,run_shell_command")
    .addOption(
      new Option("--other-tools <answer>", "the answer for tools that are not known")
        .choices(["allow", "ask", "deny"])
        .default("ask"),
    )
    .addHelpText("after", help)
    .action((words: string[], options: GuardOptions, command: Command) =>
      run(guard(words, options, openTerminal(command.optsWithGlobals().color))),
    );
}

/** Nothing is known of who runs it, which is stricter than any answer. */
const nobody = "{}";
const nobodyHint = `hint: what a policy asks of who runs it is unknown without --principal '{"id":"..","kind":"agent"}'`;

function guard(words: readonly string[], options: GuardOptions, terminal: Terminal): Promise<number> {
  if (options.hook !== undefined) {
    if (words.length > 0) throw new CommandFailure("--hook reads the command from standard input");
    return answer(options, options.hook === true ? "pre-tool-use" : options.hook, terminal);
  }
  if (words.length === 0) throw new CommandFailure("give the command after --");
  return decideAndRun(words, options, terminal);
}

async function decideAndRun(words: readonly string[], options: GuardOptions, terminal: Terminal): Promise<number> {
  const opened = await openGuard(options, terminal.hasColors);
  const decision = decideLine(opened, quoteWords(words), machineOf(options, null, Object.keys(process.env)));
  if (options.dryRun) {
    print(decision, options.format, terminal.out);
    return verdictCodes[decision.verdict];
  }
  if (decision.verdict === "allow") return runCommand(words);
  // Standard output is the command's.
  print(decision, options.format, terminal.err);
  if (options.principal === nobody && options.format === "text") terminal.err(`  ${nobodyHint}`);
  return verdictCodes[decision.verdict];
}

const verdictCodes: Readonly<Record<Verdict, number>> = {
  allow: exitCode.ok,
  approve: exitCode.approve,
  block: exitCode.block,
};

function print(decision: Decision, format: GuardOptions["format"], write: (text: string) => void): void {
  const words = { allow: "", approve: "needs approval: ", block: "blocked: " }[decision.verdict];
  if (format === "json") write(visibleJson(decisionJson(decision)));
  else write(`hpl guard: ${words}${refusalLines(decision).join("\n  ")}`);
}

async function openGuard(options: GuardOptions, colors: boolean): Promise<Guard> {
  const principal = parseJsonOption(options.principal, "--principal");
  const connection = parseJsonOption(options.connection, "--connection");
  const session = parseJsonOption(options.session, "--session");
  const policy = await openPolicy(options.policy, colors);
  const frontEnds = await loadFrontEnds();
  return { policy, frontEnds, circumstances: { principal, connection, session, now_ms: Date.now() } };
}

/** A compiled policy needs no compiler, and loading that takes longer than all the rest. */
async function openPolicy(path: string, colors: boolean): Promise<Policy> {
  if (!path.endsWith(".wasm")) return (await import("../load-policy.js")).openPolicy(path, colors);
  if (!existsSync(path)) throw new CommandFailure(`there is no ${path}`);
  const loaded = loadPolicy(new Uint8Array(readFileSync(path)));
  if (loaded.ok) return loaded.policy;
  throw new CommandFailure(`error[${loaded.failure.code}]: ${loaded.failure.message}`, exitCode.findings);
}

/** `folder` is where the command starts when that is not our own folder; `names` are the variables that are sure by default. */
function machineOf({ workspace, env }: GuardOptions, folder: string | null, names: readonly string[]) {
  const here = realFolder(folder ?? process.cwd());
  const told = env === undefined ? names : env.split(",").map((name) => name.trim());
  return readMachine(realFolder(workspace ?? process.cwd()), here, process.env, told);
}

function realFolder(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    if (isAbsolute(path)) return path;
    throw new CommandFailure(`there is no folder ${path}`);
  }
}

/** Answers a hook. It is answered whatever goes wrong: agents take an error for leave to go on. */
async function answer(options: GuardOptions, format: HookFormat, terminal: Terminal): Promise<number> {
  const found = await decideHook(options, format).catch((error: unknown): HookAnswer => {
    terminal.err(error instanceof CommandFailure ? error.message : "hpl guard: HPL9001: the guard failed");
    return { permission: "deny", reason: "hpl guard: the policy cannot be asked" };
  });
  terminal.out(answerHook(found, format));
  return exitCode.ok;
}

async function decideHook(options: GuardOptions, format: HookFormat): Promise<HookAnswer> {
  const question = readHook(await readInput(), format);
  if (question.kind === "bad") return { permission: "deny", reason: `hpl guard: ${question.reason}` };
  const isShell = question.tool === null || options.shellTools.split(",").includes(question.tool);
  if (question.kind === "other tool")
    return isShell ? { permission: "deny", reason: "hpl guard: `command` is missing" } : otherTool(options.otherTools);
  const decided = await decideCommand(question, options);
  // A tool that is not known may read its `command` in another language: the stricter answer counts.
  return isShell || order[decided.permission] >= order[options.otherTools] ? decided : otherTool(options.otherTools);
}

const order: Readonly<Record<Permission, number>> = { allow: 0, ask: 1, deny: 2 };

const otherTool = (permission: Permission): HookAnswer => ({
  permission,
  reason: "hpl guard: the policy does not speak of this tool",
});

async function decideCommand(
  { line, folder }: Extract<HookQuestion, { kind: "command" }>,
  options: GuardOptions,
): Promise<HookAnswer> {
  const decision = decideLine(await openGuard(options, false), line, machineOf(options, folder, ["HOME"]));
  const permission = ({ allow: "allow", approve: "ask", block: "deny" } as const)[decision.verdict];
  return { permission, reason: `hpl guard: ${refusalLines(decision).join("\n")}` };
}

/** Standard input; a text that no hook sends when it is longer than the limit. */
async function readInput(): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > hook_bytes_max) return "";
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
