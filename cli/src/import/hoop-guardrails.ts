/**
 * Guardrails of hoop: lists of words, and regular expressions, that the text of a statement must not hold.
 *
 * HPL judges what a statement does and names, not its letters. So a word or an expression becomes the names without which it
 * matches nothing, looked for among `statement.identifiers`: every name and keyword of the statement, in small letters, open
 * where not all of it is understood. Blanks, comments and case no longer hide anything. A quoted text or a comment that happens
 * to hold the word is no longer refused, and each import says so. Rules on output have no counterpart: a result is masked, never
 * searched for a reason to refuse it.
 */
import { quote } from "../hpl-text.js";
import { type Import, type ImportedRule, idMaker } from "./imported.js";
import { type Needed, namesInPattern, namesInWord } from "./needed-names.js";

type Json = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const head = [
  "# Imported from guardrails of hoop. It restricts what other policies of the folder allow.",
  "# Names and keywords of a statement are looked at. A quoted text or a comment that holds a word refuses nothing.",
  "policy imported.guardrails governs sql",
];

const letters_only = "what stands in quoted texts and comments: a word there does nothing";

/** Reads guardrails as the API gives them: one, a list of them, or lists of rules alone. */
export function importGuardrails(text: string): Import {
  const json = parse(text);
  if (json === undefined) return { ok: false, line: null, reason: "the file is not JSON" };
  const nextId = idMaker();
  const rules: ImportedRule[] = [];
  for (const guardrail of Array.isArray(json) ? json : [json]) {
    const read = readGuardrail(guardrail, nextId);
    if (typeof read === "string") return { ok: false, line: null, reason: read };
    rules.push(...read);
  }
  return { ok: true, head, rules };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function readGuardrail(json: unknown, nextId: (text: string) => string): readonly ImportedRule[] | string {
  if (!isObject(json)) return "a guardrail is an object";
  if (!["rules", "input", "output"].some((name) => name in json)) return "a guardrail has `input`, `output` or `rules`";
  const name = typeof json.name === "string" ? json.name : "guardrail";
  const [plain, input, output] = [rulesOf(json), rulesOf(json.input), rulesOf(json.output)];
  if (plain === null || input === null || output === null) return `\`${name}\`: rules are a list of objects`;
  return [
    ...[...plain, ...input].map((rule) => inputRule(rule, name, nextId)),
    ...output.map((rule) => ({
      ...bare(rule),
      gaps: ["a rule on output: mask what it is about, by label or by detector"],
    })),
  ];
}

/** The rules of one direction; none where it is missing. */
function rulesOf(json: unknown): readonly Json[] | null {
  if (json === undefined || json === null) return [];
  if (!isObject(json)) return null;
  const { rules = [] } = json;
  if (rules === null) return [];
  return Array.isArray(rules) && rules.every(isObject) ? rules : null;
}

const bare = (rule: Json) => ({ line: null, original: JSON.stringify(rule), items: [], left_out: [], gaps: [] });

function inputRule(rule: Json, guardrail: string, nextId: (text: string) => string): ImportedRule {
  const found = needsOf(rule);
  if (typeof found === "string") return { ...bare(rule), gaps: [found] };
  const gaps = found.filter(({ needed }) => needed === null).map(({ text }) => `\`${text}\` needs no name or keyword`);
  const conditions = found.flatMap(({ needed }) => (needed === null ? [] : [conditionOf(needed)]));
  if (conditions.length === 0) return { ...bare(rule), gaps };
  const name = typeof rule.name === "string" && rule.name !== "" ? rule.name : guardrail;
  const condition = conditions.length === 1 ? conditions[0] : conditions.map((each) => `(${each})`).join(" or ");
  const why = `why ${quote(`The guardrail "${name}" does not allow this.`)}`;
  return {
    ...bare(rule),
    items: [`block "${nextId(name)}" when ${condition} {\n${why}\n}`],
    left_out: [letters_only],
    gaps,
  };
}

/** What each part of a rule needs, or what is wrong with the rule. Empty words and expressions match nothing, as with hoop. */
function needsOf({ type, words, pattern_regex }: Json): readonly { text: string; needed: Needed | null }[] | string {
  if (type === "deny_words_list") {
    if (!Array.isArray(words) || !words.every((word) => typeof word === "string"))
      return "its words are no list of texts";
    return words.filter((word) => word !== "").map((text) => ({ text, needed: namesInWord(text) }));
  }
  if (type !== "pattern_match") return `a rule of the type \`${String(type)}\``;
  if (typeof pattern_regex !== "string") return "its expression is no text";
  return pattern_regex === "" ? [] : [{ text: pattern_regex, needed: namesInPattern(pattern_regex) }];
}

function conditionOf(needed: Needed): string {
  if (needed.kind === "name") return `any i in statement.identifiers where (${nameTest(needed)})`;
  const parts = needed.parts.map((part) => (part.kind === "name" ? conditionOf(part) : `(${conditionOf(part)})`));
  return parts.join(needed.kind === "all" ? " and " : " or ");
}

/** Where a name ends in the pattern, it ends in the statement, or goes on with what is no letter: quoted names hold anything. */
function nameTest({ text, open_left, open_right }: Extract<Needed, { kind: "name" }>): string {
  if (open_left && open_right) return `i like ${quote(`*${text}*`)}`;
  const [before, after] = [open_left ? ".*" : "(.*\\W)?", open_right ? ".*" : "(\\W.*)?"];
  return `i matches '${before}${text}${after}'`;
}
