import { actionsOf, readRequest } from "@hpl/runtime";
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { loadFrontEnds } from "../front-ends.js";
import { GROUPS_DEEP_MAX, type Needed, namesInPattern, namesInWord, PATTERN_LETTERS_MAX } from "./needed-names.js";

/** As short as it reads: `drop` for a whole name, `~drop~` for a part. */
function shown(needed: Needed | null): string | null {
  if (needed === null) return null;
  if (needed.kind === "name") return `${needed.open_left ? "~" : ""}${needed.text}${needed.open_right ? "~" : ""}`;
  return `(${needed.parts.map(shown).join(needed.kind === "all" ? " & " : " | ")})`;
}

test.each([
  ["DROP", "~drop~"],
  ["DROP TABLE", "(~drop & table~)"],
  [" drop ", "drop"],
  ["xp_cmdshell", "~xp_cmdshell~"],
  ["pg_catalog.pg_authid", "(~pg_catalog & pg_authid~)"],
  ["OR 1=1", "~or"],
  ["1=1", null],
  ["4111", null],
  ["", null],
  ["; DROP --", null],
  ["'admin'", null],
  ["größe", "(~gr~ & ~e~)"],
])("word %j", (word, names) => {
  expect(shown(namesInWord(word))).toBe(names);
});

test.each([
  ["DROP", "~drop~"],
  ["(?i)\\bDROP\\s+TABLE\\b", "(drop & table)"],
  ["DROP\\s*TABLE", "(~drop~ & ~table~)"],
  ["^\\s*(DROP|TRUNCATE)\\b", "(~drop~ | ~truncate~)"],
  ["(?:a|b)?users", "~users~"],
  ["users{0,2}", "~user~"],
  ["users+?", "~users~"],
  ["(DELETE FROM)+ x{1,3}", "((~delete & from~) & x~)"],
  ["SELECT \\*", "~select"],
  ["[A-Z]{3}_key", "~_key~"],
  ["[ \\t]drop[\\s]", "drop"],
  ["(a|.*)", null],
  ["\\d{16}", null],
  ["a||b", null],
  ["(?!x)drop", null],
  ["drop(", null],
  ["drop)", null],
  ["*drop", null],
  ["\\x41", null],
  ["\\/\\*drop", null],
  ["(?P<verb>drop)", "~drop~"],
])("expression %j", (pattern, names) => {
  expect(shown(namesInPattern(pattern))).toBe(names);
});

test("limits, at the last and the one behind it", () => {
  const groups = (depth: number) => namesInPattern(`${"(".repeat(depth)}a${")".repeat(depth)}`) === null;
  expect([groups(GROUPS_DEEP_MAX), groups(GROUPS_DEEP_MAX + 1)]).toEqual([false, true]);
  for (const read of [namesInPattern, namesInWord]) {
    const long = (length: number) => read("a".repeat(length)) === null;
    expect([long(PATTERN_LETTERS_MAX), long(PATTERN_LETTERS_MAX + 1)]).toEqual([false, true]);
  }
});

let identifiersOf: (sql: string) => readonly string[];
beforeAll(async () => {
  const frontEnds = await loadFrontEnds();
  identifiersOf = (sql) => {
    const read = readRequest({ action: { sql: { text: sql } } }, null);
    const [action] = read.ok ? actionsOf(read.request, frontEnds).actions : [];
    if (action?.family !== "sql" || action.opaque || !Array.isArray(action.facts.identifiers)) throw new Error(sql);
    return action.facts.identifiers as readonly string[];
  };
});

/** What the rule made of it asks. */
function isMet(needed: Needed, names: readonly string[]): boolean {
  if (needed.kind === "all") return needed.parts.every((part) => isMet(part, names));
  if (needed.kind === "any") return needed.parts.some((part) => isMet(part, names));
  const { text, open_left, open_right } = needed;
  const whole = new RegExp(`^${open_left ? ".*" : "(.*\\W)?"}${text}${open_right ? ".*" : "(\\W.*)?"}$`, "s");
  return names.some((name) => whole.test(name));
}

const name = fc.constantFrom("users", "orders", "user_keys", "public", "drop_log", '"odd name"', "año");
const statement = fc.oneof(
  fc.tuple(name, name).map(([a, b]) => `SELECT ${a}.id FROM ${a} JOIN ${b} ON ${a}.id = ${b}.x WHERE ${b}.n > 10`),
  name.map((a) => `DELETE  FROM ${a} WHERE id = 1`),
  name.map((a) => `DROP\nTABLE ${a}`),
  fc.tuple(name, name).map(([a, b]) => `INSERT INTO ${a} SELECT * FROM ${b}`),
);
const atom = fc.constantFrom(
  "drop",
  "DROP",
  "users",
  "user",
  "keys",
  "\\s+",
  "\\s*",
  " ",
  "\\b",
  ".*",
  "\\w+",
  "[a-z]",
  "table",
  "from",
  "id",
  "_",
  "\\.",
  "o",
  "=",
  "n",
  "1",
  "ñ",
);
// Nothing is repeated that repeats itself: JavaScript would try for hours.
const times = fc.constantFrom("", "", "?", "{2}", "{0,1}");
const sequence = fc.array(
  fc.tuple(atom, times).map((parts) => parts.join("")),
  { minLength: 1, maxLength: 4 },
);
const group = fc
  .tuple(
    fc.array(
      sequence.map((parts) => parts.join("")),
      { minLength: 1, maxLength: 3 },
    ),
    times,
  )
  .map(([parts, many]) => `(${parts.join("|")})${many}`);
const pattern = fc
  .array(
    fc.oneof(
      atom,
      group,
      sequence.map((parts) => parts.join("")),
    ),
    { minLength: 1, maxLength: 3 },
  )
  .map((parts) => parts.join(""))
  .filter(isExpression);

function isExpression(text: string): boolean {
  try {
    return typeof new RegExp(text).source === "string";
  } catch {
    return false;
  }
}

test("what an expression matches, its names are in", () => {
  fc.assert(
    fc.property(pattern, statement, (regex, sql) => {
      const needed = namesInPattern(regex);
      if (needed === null || !new RegExp(regex, "is").test(sql)) return;
      expect([regex, sql, isMet(needed, identifiersOf(sql))]).toEqual([regex, sql, true]);
    }),
    { numRuns: 3_000 },
  );
});
