import { readFileSync } from "node:fs";
import fc from "fast-check";

/** Sentences of the language, derived from `spec/grammar.ebnf`: what the parser has to accept and the formatter to keep. */
const file = new URL("../../../spec/grammar.ebnf", import.meta.url);
const text = readFileSync(file, "utf8").replace(/\(\*[\s\S]*?\*\)/g, "");

/** What stands right of `=`: alternatives of sequences of parts. */
type Part =
  | { readonly kind: "terminal" | "rule"; readonly name: string }
  | { readonly kind: "group" | "optional" | "repeated"; readonly alternatives: readonly (readonly Part[])[] };

/** Right sides as written, by rule. */
export const rules: ReadonlyMap<string, string> = new Map(
  [...text.matchAll(/^(\w+)\s*=\s*([\s\S]*?)\s;\s*$/gm)].map(([, name = "", right = ""]) => [name, right]),
);

const closers = { "(": ")", "[": "]", "{": "}" } as const;
const kinds = { "(": "group", "[": "optional", "{": "repeated" } as const;

function readAlternatives(tokens: string[], end: string | null): readonly (readonly Part[])[] {
  const alternatives: Part[][] = [[]];
  for (let token = tokens.shift(); token !== undefined && token !== end; token = tokens.shift()) {
    if (token === "|") alternatives.push([]);
    else if (token === "(" || token === "[" || token === "{") {
      alternatives.at(-1)?.push({ kind: kinds[token], alternatives: readAlternatives(tokens, closers[token]) });
    } else if (token.startsWith('"')) alternatives.at(-1)?.push({ kind: "terminal", name: token.slice(1, -1) });
    else if (token !== ",") alternatives.at(-1)?.push({ kind: "rule", name: token });
  }
  return alternatives;
}

const grammar = new Map(
  [...rules]
    .filter(([, right]) => !right.startsWith("?"))
    .map(([name, right]) => [name, readAlternatives(right.match(/"[^"]+"|\w+|[()[\]{}|,]/g) ?? [], null)]),
);

/** Spellings of the words the grammar describes in prose. */
const words: Readonly<Record<string, fc.Arbitrary<string>>> = {
  NAME: fc.constantFrom("a", "b1", "people", "column", "fix", "rows", "reason"),
  ID: fc.constantFrom('"a"', '"no-ddl"', '"r2"'),
  TEXT: fc.constantFrom('"text"', "'raw # \\'", '"\\u{41}\\n"', '"""\nmany\n"""', '""'),
  INTEGER: fc.constantFrom("0", "7", "1_000"),
  TICKET: fc.constantFrom('"INC-4312"', '"a"'),
  DURATION: fc.constantFrom("30m", "1h", "500ms"),
  SIZE: fc.constantFrom("10 GB", "1kB", "4_096 B", "2 TiB"),
  INSTANT: fc.constantFrom("2026-12-01T00:00Z", "2028-02-29T23:59:59-05:30"),
  TIMEOFDAY: fc.constantFrom("00:00", "09:30", "24:00"),
  CONTROL: fc.constantFrom("soc2:CC8.1", "nist:AC-6(9)"),
  OPERATOR: fc.constantFrom("==", "!=", "<", "<=", ">", ">="),
};

/** Starts of lines: an item, and a line of a body. */
const onOwnLine: ReadonlySet<string> = new Set([
  ...["item", "line", "amountline"],
  ...["given", "expect"],
  ...["pattern", "check", "context", "reason"],
]);

/** Sentences of the rule `name`, at most `depth` rules deep. */
export function derive(name: string, depth: number): fc.Arbitrary<string> {
  const word = words[name];
  if (word !== undefined) return word;
  const alternatives = grammar.get(name);
  if (alternatives === undefined) throw new Error(`the grammar has no rule ${name}`);
  const derived = choose(alternatives, depth - 1);
  return onOwnLine.has(name) ? derived.map((line) => `\n${line}`) : derived;
}

function choose(alternatives: readonly (readonly Part[])[], depth: number): fc.Arbitrary<string> {
  const sequences = alternatives.map((parts) => () => sequence(parts, depth));
  const pick = depth > 0 ? fc.nat(sequences.length - 1) : fc.constant(0);
  return pick.chain((index) => (sequences[index] ?? (() => fc.constant("")))());
}

const sequence = (parts: readonly Part[], depth: number): fc.Arbitrary<string> =>
  fc
    .tuple(...parts.map((part) => derivePart(part, depth)))
    .map((pieces) => pieces.filter((piece) => piece !== "").join(" "));

function derivePart(part: Part, depth: number): fc.Arbitrary<string> {
  if ("name" in part) return part.kind === "terminal" ? fc.constant(part.name) : derive(part.name, depth);
  if (part.kind === "group") return choose(part.alternatives, depth);
  if (depth <= 0) return fc.constant("");
  const times = fc.nat(part.kind === "optional" ? 1 : 2);
  return times.chain((count) =>
    fc
      .tuple(...Array.from({ length: count }, () => choose(part.alternatives, depth)))
      .map((pieces) => pieces.join(" ")),
  );
}

/** The rules of items, one for each sort. */
export const itemRules: readonly string[] = (grammar.get("item") ?? []).flatMap((parts) =>
  parts.flatMap((part) => ("name" in part ? [part.name] : [])),
);
