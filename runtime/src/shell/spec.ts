/**
 * What a program's arguments mean, as data: `specs/*.json`, one entry a program. A spec is trusted only as far as it says
 * `complete`: a flag it does not list makes the command's facts incomplete, unless the program can do no harm by any flag.
 *
 * A flag is `"-r -R --recursive": "MEANING"`. MEANING is empty for a switch, else what the value is, and what giving the flag
 * does, for instance `"write"`, `"value !delete"`, `"!delete"`:
 *   value · value? (only glued or by `=`) · read · write · append · delete · list (a path whose names alone are read) · cwd ·
 *   shell (text for sh) · sql · url
 *   !EFFECT adds an effect; !inline and !file add code of that sort; !opaque says that nothing of the effects is known; !ends: what
 *   stands behind the value is for the program that the value names.
 */
import type { ShellFacts } from "../facts/generated.js";
import builds from "./specs/builds.json" with { type: "json" };
import clouds from "./specs/clouds.json" with { type: "json" };
import containers from "./specs/containers.json" with { type: "json" };
import databases from "./specs/databases.json" with { type: "json" };
import files from "./specs/files.json" with { type: "json" };
import languages from "./specs/languages.json" with { type: "json" };
import network from "./specs/network.json" with { type: "json" };
import system from "./specs/system.json" with { type: "json" };
import text from "./specs/text.json" with { type: "json" };
import versions from "./specs/versions.json" with { type: "json" };
import wrappers from "./specs/wrappers.json" with { type: "json" };

type ListItem<T> = T extends readonly (infer I)[] ? I : never;
export type Effect = Extract<ListItem<ShellFacts["effects"]>, string>;
export type Code = Extract<ListItem<ShellFacts["code"]>, string>;

/** What a value or an operand is. */
export type Role =
  | "value"
  | "read"
  | "write"
  | "append"
  | "delete"
  | "move"
  | "permissions"
  | "link"
  | "linked"
  | "list"
  | "cwd"
  | "shell"
  | "sql"
  | "url"
  | "command";

/** A spec as its file has it. What is missing is none, or no. */
export interface ToolSource {
  readonly flags?: { readonly [names: string]: string };
  /** Every flag that matters is listed: any other makes the facts incomplete. Without it, so does any flag at all. */
  readonly complete?: boolean;
  /** No flag of the program does more than what its operands and effects say: unlisted ones are taken as switches. */
  readonly harmless?: boolean;
  /** `getopt` (the default): clusters, glued values, abbreviations. `go`: no abbreviations. `single`: long names with one dash. */
  readonly style?: "getopt" | "go" | "single";
  /** The first word may be letters without a dash, as in `tar xf`. */
  readonly bundled?: boolean;
  /** Flags end at the first operand. */
  readonly stops?: boolean;
  /** Roles of operands in order; the last one may end in `...` and repeats; one before it may be `role...` when it takes all but those behind. */
  readonly operands?: readonly string[];
  /** Flags any of which stands for the first operand. */
  readonly first_given_by?: readonly string[];
  readonly effects?: readonly Effect[];
  readonly code?: Code;
  /** Its effects cannot be told at all from its arguments. */
  readonly opaque?: boolean;
  /** Operands are recursive by nature. */
  readonly recursive?: boolean;
  readonly place?: "remote" | "container";
  readonly privileged?: boolean;
  /** Leading `A=b` operands set environment variables. */
  readonly assignments?: boolean;
  /** Further operands are parts of one shell text, joined by blanks. */
  readonly joins?: boolean;
  readonly dialect?: "postgres" | "mysql" | "bigquery" | "sqlite";
  /** Its own code in `tools/`. */
  readonly handler?: string;
  readonly subcommands?: { readonly [names: string]: ToolSource };
  /** Whether an unlisted subcommand is known to be as the tool itself says. */
  readonly any_subcommand?: boolean;
}

export interface FlagSpec {
  /** The longest of its names. */
  readonly name: string;
  readonly role: Role | null;
  /** Its value comes only glued or behind `=`. */
  readonly is_optional: boolean;
  readonly effects: readonly Effect[];
  readonly code: readonly Code[];
  readonly is_opaque: boolean;
  /** Everything behind its value is for whatever it names: `python -m pytest -k x`. */
  readonly ends: boolean;
}

export interface ToolSpec extends Omit<ToolSource, "flags" | "subcommands"> {
  readonly names: string;
  readonly flags: ReadonlyMap<string, FlagSpec>;
  /** Long names, for abbreviations. */
  readonly long: readonly string[];
  readonly subcommands: ReadonlyMap<string, ToolSpec>;
}

const codes: ReadonlySet<string> = new Set<Code>(["project", "package", "file", "inline", "fetched", "unknown"]);

function readFlag(names: readonly string[], meaning: string): FlagSpec {
  const words = meaning.split(" ").filter((word) => word !== "");
  const marks = words.filter((word) => word.startsWith("!")).map((word) => word.slice(1));
  const role = words.find((word) => !word.startsWith("!")) ?? null;
  return {
    name: names.toSorted((a, b) => b.length - a.length)[0] ?? "",
    role: role === null ? null : (role.replace("?", "") as Role),
    is_optional: role?.endsWith("?") ?? false,
    effects: marks.filter((mark) => mark !== "opaque" && mark !== "ends" && !codes.has(mark)) as Effect[],
    code: marks.filter((mark) => codes.has(mark)) as Code[],
    is_opaque: marks.includes("opaque"),
    ends: marks.includes("ends"),
  };
}

/** Reads one spec; flags of the tool itself hold in its subcommands, too. */
export function readSpec(name: string, source: ToolSource, inherited: ReadonlyMap<string, FlagSpec>): ToolSpec {
  const flags = new Map(inherited);
  for (const [written, meaning] of Object.entries(source.flags ?? {})) {
    const names = written.split(" ");
    const flag = readFlag(names, meaning);
    for (const each of names) flags.set(each, flag);
  }
  const subcommands = new Map<string, ToolSpec>();
  for (const [written, sub] of Object.entries(source.subcommands ?? {})) {
    const names = written.split(" ");
    const spec = readSpec(names[0] ?? "", withDefaults(sub, source), flags);
    for (const each of names) subcommands.set(each, spec);
  }
  const long = [...new Set([...flags.keys()].filter((flag) => flag.startsWith("--")))];
  return { ...source, names: name, flags, long, subcommands };
}

/** How arguments are read is the same in all of a tool. */
const withDefaults = (sub: ToolSource, tool: ToolSource): ToolSource => ({
  ...(tool.style === undefined ? {} : { style: tool.style }),
  ...(tool.complete === undefined ? {} : { complete: tool.complete }),
  ...(tool.harmless === undefined ? {} : { harmless: tool.harmless }),
  ...(tool.handler === undefined ? {} : { handler: tool.handler }),
  ...(tool.dialect === undefined ? {} : { dialect: tool.dialect }),
  ...sub,
});

/** All spec files, by name. */
export const specFiles: { readonly [file: string]: { readonly [names: string]: unknown } } = {
  builds,
  clouds,
  containers,
  databases,
  files,
  languages,
  network,
  system,
  text,
  versions,
  wrappers,
};

const sources = new Map<string, ToolSource>(
  Object.values(specFiles).flatMap((file) =>
    Object.entries(file as Record<string, ToolSource>).flatMap(([names, source]) =>
      names.split(" ").map((name) => [name, source] as const),
    ),
  ),
);
const read = new Map<string, ToolSpec>();

/** The spec of the program `name`; null when nobody has described it. Read when it is first asked for. */
export function specOf(name: string): ToolSpec | null {
  const known = read.get(name);
  if (known !== undefined) return known;
  const source = sources.get(name);
  if (source === undefined) return null;
  const spec = readSpec(name, source, new Map());
  read.set(name, spec);
  return spec;
}

/** Names of all programs that have a spec. */
export const knownPrograms = (): readonly string[] => [...sources.keys()];

/**
 * Names of the flags that `program` takes in front of the last of `words`, which choose a subcommand of it. Null where there is
 * no such subcommand, or where a flag that is not listed may stand there.
 */
export function flagsInFront(program: string, words: readonly string[]): readonly string[] | null {
  let spec = specOf(program);
  let flags: readonly string[] = [];
  for (const word of words) {
    if (spec === null || spec.harmless === true) return null;
    flags = [...new Set([...spec.flags.values()].map(({ name }) => name))];
    spec = spec.subcommands.get(word) ?? null;
  }
  return spec === null ? null : flags;
}
