/**
 * The rules of Codex (execpolicy): `prefix_rule(pattern = [..], decision = "allow" | "prompt" | "forbidden")`.
 *
 * A pattern is the beginning of a list of words, each one text or several to choose from. HPL has no order of words, so:
 *   forbidden, prompt   the program, and the words anywhere among its arguments: more than the prefix, never less. A program
 *                       that only starts another one (`sudo`) is looked for among the wrappers, too.
 *   allow               the words must be the program's subcommand, with no flag in front of it, and nothing around the command:
 *                       no wrapper, variable, redirection or word that is only known when it runs. Other grants are left out.
 * What no rule matches needs approval: Codex asks, or runs what it holds for safe.
 */
import { isUnknown, itemsOf } from "@hpl/runtime";
import { flagsInFront, shellFrontEnd } from "@hpl/runtime/shell";
import { quote, quotedSet } from "../hpl-text.js";
import { type Import, type ImportedRule, idMaker } from "./imported.js";
import { type Literal, type LiteralCall, readLiteralCalls } from "./literal-calls.js";

/** Ways to choose one word for each place of a grant: each is looked at. A rule of more is left out. */
export const CHOICES_MAX = 256;

/** Switches that are taken back are not among the flags, and could stand in front of a subcommand, too. */
const takenBack = ["--no-*", "-*=false", "-*=False", "-*=0", "-*=no", "-*=none"];

const plain =
  'let plain = all a in command.argv where (a like "**") and no w in command.wrappers where (w like "**") and no e in command.env where (e like "**") and no r in command.redirects where (r.path like "**") and command.stdin in {none, pipe} and command.place == local';

const header = [
  "# Imported from the rules of Codex. Name the people who approve, and read what was left out.",
  "policy imported.codex governs shell",
  "default require approval from approvers within 15m",
  'group approvers = "approvers"',
];
const names = ["# A command with nothing around it, and no word that is only known when it runs.", plain];
const namesOfSubcommands = [
  "# No switch is taken back: that could stand in front of a subcommand.",
  `let straight = no a in command.argv where (a like ${quotedSet(takenBack)})`,
];
const fixtures = [
  'fixture agent = principal { id: "agent", kind: agent }',
  'fixture workstation = connection { name: "workstation", kind: host, env: dev }',
];

/** What the rules need in front of them: a name that nothing uses is a finding. */
function headFor(rules: readonly ImportedRule[]): readonly string[] {
  const items = rules.flatMap((rule) => rule.items);
  return [
    ...header,
    ...(items.some((item) => item.startsWith("allow ")) ? ["", ...names] : []),
    ...(items.some((item) => item.includes(" and straight")) ? namesOfSubcommands : []),
    ...(items.some((item) => item.includes(" as agent on ")) ? ["", ...fixtures] : []),
  ];
}

/** Reads a file of rules. */
export function importCodexRules(text: string): Import {
  const read = readLiteralCalls(text);
  if (!read.ok) return read;
  const nextId = idMaker();
  const rules: ImportedRule[] = [];
  for (const call of read.calls) {
    const rule = ruleOf(call, nextId);
    if (typeof rule === "string") return { ok: false, line: call.line, reason: rule };
    rules.push(rule);
  }
  return { ok: true, head: headFor(rules), rules };
}

type Decision = "allow" | "prompt" | "forbidden";

interface PrefixRule {
  readonly pattern: readonly (readonly string[])[];
  readonly decision: Decision;
  readonly justification: string | null;
  /** Command lines that it must match, and must not. */
  readonly hits: readonly string[];
  readonly misses: readonly string[];
}

/** What a call amounts to, or what is wrong with it. */
function ruleOf(call: LiteralCall, nextId: (text: string) => string): ImportedRule | string {
  const plain = { line: call.line, original: call.original, items: [], left_out: [], gaps: [] };
  switch (call.name) {
    case "prefix_rule": {
      const rule = readPrefixRule(call);
      return typeof rule === "string" ? rule : { ...plain, ...translate(rule, nextId) };
    }
    case "host_executable":
      return {
        ...plain,
        left_out: ["paths of a program: grants are for programs without a path, restrictions for any"],
      };
    case "network_rule":
      return call.arguments.get("decision") === "allow"
        ? { ...plain, left_out: ["a grant of a network rule"] }
        : { ...plain, gaps: ["a network rule: write one on `http.host`, in a policy that governs http"] };
    default:
      return `\`${call.name}\` is no rule that is known`;
  }
}

const known: ReadonlySet<string> = new Set(["pattern", "decision", "justification", "match", "not_match"]);
const isDecision = (value: unknown): value is Decision => ["allow", "prompt", "forbidden"].includes(String(value));
const isText = (value: Literal | undefined): value is string => typeof value === "string";

function readPrefixRule({ arguments: given }: LiteralCall): PrefixRule | string {
  const stray = [...given.keys()].find((name) => !known.has(name));
  if (stray !== undefined) return `prefix_rule has no argument \`${stray}\``;
  const decision = given.get("decision") ?? "allow";
  if (!isDecision(decision)) return "a decision is allow, prompt or forbidden";
  const justification = given.get("justification") ?? null;
  if (justification !== null && !isText(justification)) return "a justification is a text";
  const pattern = readPattern(given.get("pattern"));
  const [hits, misses] = [readLines(given.get("match")), readLines(given.get("not_match"))];
  if (pattern === null) return "a pattern is a list of texts, or of lists of them, and not empty";
  if (hits === null || misses === null) return "match and not_match are lists of command lines, or of lists of words";
  return { pattern, decision, justification, hits, misses };
}

function readPattern(value: Literal | undefined): PrefixRule["pattern"] | null {
  if (value === undefined || isText(value) || value.length === 0) return null;
  const slots = value.map((slot) => (isText(slot) ? [slot] : slot));
  return slots.every((slot) => slot.length > 0 && slot.every(isText)) ? (slots as PrefixRule["pattern"]) : null;
}

function readLines(value: Literal = []): readonly string[] | null {
  if (isText(value)) return null;
  const lines = value.map((line) => (isText(line) ? line : line.every(isText) ? line.map(shellWord).join(" ") : null));
  return lines.every((line) => line !== null) ? lines : null;
}

/** A word as a shell reads it back. */
const shellWord = (word: string): string =>
  /^[\w%+,./:=@-]+$/.test(word) ? word : `'${word.replaceAll("'", `'"'"'`)}'`;

type Items = Pick<ImportedRule, "items" | "left_out" | "gaps">;

const translate = (rule: PrefixRule, nextId: (text: string) => string): Items =>
  rule.decision === "allow" ? grantOf(rule, nextId) : restrictionOf(rule, nextId);

function restrictionOf(rule: PrefixRule, nextId: (text: string) => string): Items {
  const [programs = [], ...slots] = rule.pattern;
  const first = slots.map(([word = ""]) => word);
  const places = [...new Set(programs.map(nameOf))].map((name) => ({ name, shown: shownAs(name, first) }));
  const unseen = places.filter(({ shown }) => shown === "nowhere").map(({ name }) => name);
  const own = places.filter(({ shown }) => shown !== "nowhere").map(({ name }) => name);
  const wrappers = places.filter(({ shown }) => shown === "around").map(({ name }) => name);
  const words = slots.map((slot) =>
    slot.length === 1 ? `command.argv has ${quote(slot[0] ?? "")}` : `command.argv has any ${quotedSet(slot)}`,
  );
  const direct = own.length === 0 ? [] : [[oneOf("command.program", own), ...words].join(" and ")];
  const around = wrappers.length === 0 ? [] : [`command.wrappers has any ${quotedSet(wrappers)}`];
  const gaps = unseen.map((name) => `\`${name}\` leaves no trace in the facts of a command`);
  const parts = [...direct, ...around];
  if (parts.length === 0) return { items: [], left_out: [], gaps };
  const condition = parts.length === 1 ? parts[0] : parts.map((part) => `(${part})`).join(" or ");
  const id = nextId(rule.pattern.map(([first]) => first).join("-"));
  const kind = rule.decision === "forbidden" ? `block "${id}"` : `require approval "${id}" from approvers within 15m`;
  return { items: [`${kind} when ${condition}${bodyOf(rule)}`], left_out: looseEnds(rule.pattern, wrappers), gaps };
}

/** What makes a restriction wider than its pattern. */
const looseEnds = (pattern: PrefixRule["pattern"], wrappers: readonly string[]): readonly string[] => [
  ...(pattern.length > 1 ? ["the order of the words: they count wherever they stand"] : []),
  ...(pattern.length > 1 && wrappers.length > 0
    ? [`what ${wrappers.join(", ")} is given: it counts whenever it starts another program`]
    : []),
];

function grantOf(rule: PrefixRule, nextId: (text: string) => string): Items {
  const [programs = [], ...slots] = rule.pattern;
  const choices = slots.reduce((count, slot) => count * slot.length, programs.length);
  if (choices > CHOICES_MAX) return { items: [], left_out: ["the grant: it has too many choices"], gaps: [] };
  const chosen = slots.reduce<readonly (readonly string[])[]>(
    (lists, slot) => lists.flatMap((list) => slot.map((word) => [...list, word])),
    [[]],
  );
  const grants = programs.flatMap((program) => chosen.map((words) => grant(program, words)));
  const conditions = mergeGrants(grants);
  const left_out = [...new Set(grants.flatMap(({ why }) => (why === null ? [] : [why])))];
  if (conditions.length === 0) return { items: [], left_out, gaps: [] };
  const condition = conditions.length === 1 ? conditions[0] : `(${conditions.map((each) => `(${each})`).join(" or ")})`;
  const id = nextId(rule.pattern.map(([first]) => first).join("-"));
  return { items: [`allow "${id}" when ${condition} and plain${bodyOf(rule)}`], left_out, gaps: [] };
}

interface Grant {
  /** A test of the program; null when nothing is granted. */
  readonly program: string | null;
  readonly subcommand: string | null;
  /** Flags that could stand in front of the subcommand. */
  readonly flags: readonly string[];
  /** What is left out; null for nothing. */
  readonly why: string | null;
}

/** What a program may be told to do by words that can only stand in front. */
function grant(program: string, words: readonly string[]): Grant {
  const command = `\`${[program, ...words].join(" ")}\``;
  const none = (why: string): Grant => ({
    program: null,
    subcommand: null,
    flags: [],
    why: `the grant of ${command}: ${why}`,
  });
  if (nameOf(program) !== program) return none("a program with a path is a file that may be anything");
  if (!isUnderstood([program, ...words])) return none("what it does is not known, so no grant of it counts");
  const test = `command.program == ${quote(program)} and command.argv has ${quote(program)}`;
  if (words.length === 0) return { program: test, subcommand: null, flags: [], why: null };
  const flags = flagsInFront(program, words);
  if (flags === null) return none("its words are no subcommand that is known, and arguments have no order in HPL");
  const why =
    flags.length === 0 ? null : `of ${program}, flags that may stand in front of a subcommand, wherever they stand`;
  return { program: test, subcommand: words.join(" "), flags, why };
}

/** Conditions, one for all subcommands behind the same flags. */
function mergeGrants(grants: readonly Grant[]): readonly string[] {
  const merged = new Map<string, Grant & { readonly subcommands: Set<string> }>();
  for (const grant of grants) {
    if (grant.program === null) continue;
    const key = JSON.stringify([grant.program, grant.subcommand === null, grant.flags]);
    const known = merged.get(key) ?? { ...grant, subcommands: new Set() };
    merged.set(key, known);
    if (grant.subcommand !== null) known.subcommands.add(grant.subcommand);
  }
  return [...merged.values()].map(({ program, subcommands, flags }) =>
    [program, ...(subcommands.size === 0 ? [] : testsOfSubcommand([...subcommands], flags))].join(" and "),
  );
}

/** A subcommand may be the beginning of a longer one. */
const testsOfSubcommand = (subcommands: readonly string[], flags: readonly string[]): readonly string[] => [
  `command.subcommand like {${subcommands.flatMap((each) => [likeText(each), likeText(each, " *")]).join(", ")}}`,
  ...(flags.length === 0 ? [] : [`not command.flags has any ${quotedSet(flags)}`]),
  "straight",
];

const likeText = (text: string, end = ""): string => quote(text.replaceAll(/[\\*{},]/g, (sign) => `\\${sign}`) + end);

const oneOf = (fact: string, names: readonly string[]): string =>
  names.length === 1 ? `${fact} == ${quote(names[0] ?? "")}` : `${fact} in ${quotedSet(names)}`;

function bodyOf({ justification, decision, hits, misses }: PrefixRule): string {
  const circumstances = "as agent on workstation";
  const lines = [
    ...(justification === null || decision === "allow" ? [] : [`why ${quote(justification)}`]),
    ...hits.map((line) => `hit shell ${quote(line)} ${circumstances}`),
    ...misses.map((line) => `miss shell ${quote(line)} ${circumstances}`),
  ];
  return lines.length === 0 ? "" : ` {\n${lines.map((line) => `  ${line}`).join("\n")}\n}`;
}

/** The last part of a path: what the facts call a program. */
const nameOf = (program: string): string => program.slice(program.lastIndexOf("/") + 1);

const analyse = (words: readonly string[]) =>
  shellFrontEnd.analyse(words.map(shellWord).join(" "), { cwd: "/workspace", env: { HOME: "/home/agent" } });

/**
 * Where a program shows in the facts of a command that calls it: as what runs, or also around another one that it starts. Nowhere
 * if one way to call it leaves no trace: `exec` is seen alone, and not in front of what it starts.
 */
function shownAs(name: string, words: readonly string[]): "program" | "around" | "nowhere" {
  const traces = [[name], [name, "true"], [name, ...words]].map((command) => tracesOf(name, command));
  if (traces.some((trace) => trace.size === 0)) return "nowhere";
  return traces.some((trace) => trace.has("around")) ? "around" : "program";
}

/** What nothing is understood of is blocked, whatever a policy says. */
function tracesOf(name: string, command: readonly string[]): ReadonlySet<"program" | "around" | "opaque"> {
  const { actions } = analyse(command);
  return new Set(
    actions.flatMap((action) => {
      if (action.opaque) return ["opaque" as const];
      if (action.family !== "shell") return [];
      const { wrappers, program } = action.facts;
      return [
        ...(!isUnknown(wrappers) && itemsOf(wrappers).includes(name) ? ["around" as const] : []),
        ...(program === name || isUnknown(program) ? ["program" as const] : []),
      ];
    }),
  );
}

/** Whether facts of the bare command are certain: a grant of anything else never counts. */
function isUnderstood(words: readonly string[]): boolean {
  const { actions } = analyse(words);
  const commands = actions.flatMap((action) => (action.family === "shell" && !action.opaque ? [action.facts] : []));
  return commands.length > 0 && commands.every(({ complete, program }) => complete === true && program === words[0]);
}
