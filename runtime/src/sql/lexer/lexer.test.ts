import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bypasses } from "../../../test/sql/bypasses.cases.js";
import { effects, harmless } from "../../../test/sql/effects.cases.js";
import { lineage } from "../../../test/sql/lineage.cases.js";
import psqlQueries from "../../../test/sql/psql-15.json" with { type: "json" };
import { limits } from "../limits.js";
import { loadPostgres, parse } from "../postgres/parser.js";
import { bigqueryRules, mysqlRules, postgresRules } from "./dialects.js";
import { identifiersOf } from "./identifiers.js";
import { lex, type Tokens } from "./lexer.js";
import type { LexicalRules } from "./rules.js";
import { byteRangesOf, splitPostgresStatements, splitStatements } from "./statements.js";

// The cases below are chosen by what the grammar accepts.
await loadPostgres();

const dialects = {
  pg: postgresRules(),
  "pg, old strings": postgresRules(false),
  my: mysqlRules({ ansi_quotes: false, no_backslash_escapes: false }),
  "my, ansi": mysqlRules({ ansi_quotes: true, no_backslash_escapes: false }),
  "my, plain": mysqlRules({ ansi_quotes: false, no_backslash_escapes: true }),
  bq: bigqueryRules,
} as const satisfies Record<string, LexicalRules>;

const marks = { word: "", quoted: "Q", string: "S", number: "N", parameter: "P", variable: "V", operator: "" } as const;

const textsOf = ({ text, kinds, starts, ends }: Tokens): readonly string[] =>
  kinds.map((kind, i) => `${marks[kind]}${text.slice(starts[i], ends[i])}`);

/** Tokens parted by `·`; what is no word or operator is marked by the letter of its kind. A refusal is its reason. */
const cases: readonly (readonly [keyof typeof dialects, string, string])[] = [
  ["pg", "select 'a''b', E'\\'', $1 from t", "select·S'a''b'·,·SE'\\''·,·P$1·from·t"],
  ["pg", "'\\' ; --'", "S'\\'·;"],
  ["pg, old strings", "'\\' ; --'", "S'\\' ; --'"],
  ["pg", "E'x'\n'\\''", "SE'x'\n'\\''"],
  ["pg", "E'x' -- c\n '\\''", "SE'x' -- c\n '\\''"],
  ["pg", "E'x' '\\'", "SE'x'·S'\\'"],
  ["pg", 'U&"a""b" U&\'x\' u & 1', 'QU&"a""b"·SU&\'x\'·u·&·N1'],
  ["pg", "$a$ ; $b$ $a$ $$'$$ a$b$c", "S$a$ ; $b$ $a$·S$$'$$·a$b$c"],
  ["pg", "$a$ ; ", "unclosed"],
  ["pg", "1 /* /* */ ; */ 2", "N1·N2"],
  ["pg", "1 /* /* */ 2", "unclosed"],
  ["pg", "1 --\r2", "N1·N2"],
  ["pg", "1 --\u2028 2", "N1"],
  ["pg", "1.5e-3 .5 1_000 0x1F", "N1.5e-3·N.5·N1_000·N0x1F"],
  ["pg", "a@b #> c ?| d", "a·@·b·#·>·c·?·|·d"],
  ["pg", "é \u00a0x", "é·\u00a0x"],
  ["pg", "\u0001", "bad_character"],
  ["my", "'a\\'b' \"c\\\"d\" `e``f`", "S'a\\'b'·S\"c\\\"d\"·Qe".replace("Qe", "Q`e``f`")],
  ["my, plain", "'a\\' b", "S'a\\'·b"],
  ["my, ansi", '"a\\" b', 'Q"a\\"·b'],
  ["my", "1 --1", "N1·-·-·N1"],
  ["my", "1 --\u00011", "N1"],
  ["my", "1 -- \r 2\n3 # \r 4\n5", "N1·N3·N5"],
  ["my", "1 /* /* */ 2", "N1·N2"],
  ["my", "/*! 1 */", "executable_comment"],
  ["my", "/*M!100100 1 */", "executable_comment"],
  ["my", "/* !1 */ 2", "N2"],
  [
    "my",
    "1a 1e5 1e 1.5e3 0x4g 0xAB 0XAB b'01' x'4D' t.1e5 t.0x1",
    "1a·N1e5·1e·N1.5e3·0x4g·N0xAB·0XAB·Sb'01'·Sx'4D'·t·.·1e5·t·.·0x1",
  ],
  ["my", "1.e(2)", "bad_number"],
  ["my", "@a @`b c` @'d' @@global.e @a.b ?", "V@a·V@`b c`·V@'d'·V@@global.e·V@a.b·P?"],
  ["my", "a->>'$.b' <=> c := d || e", "a·->>·S'$.b'·<=>·c·:=·d·||·e"],
  ["my", "$a", "$a"],
  ["bq", "r'\\'' b\"x\" rb'''a'b''' '''c''d'''", "Sr'\\''·Sb\"x\"·Srb'''a'b'''·S'''c''d'''"],
  ["bq", "'' '''a'''", "S''·S'''a'''"],
  ["bq", "'''a''", "unclosed"],
  ["bq", "`a-b.c` `d\\`e` @p @@x.y", "Q`a-b.c`·Q`d\\`e`·P@p·V@@x.y"],
  ["bq", "a # b\rc -- d\re", "a·c·e"],
  ["bq", "1.5e3 p-1.d ARRAY<STRUCT<a>>", "N1.5e3·p·-·N1·.·d·ARRAY·<·STRUCT·<·a·>·>"],
  ["bq", "1a", "bad_number"],
  ["bq", "é", "bad_character"],
];

describe("where tokens end", () => {
  test.each(cases)("%s: %s", (dialect, text, expected) => {
    const lexed = lex(text, dialects[dialect]);
    expect(lexed.kind === "tokens" ? textsOf(lexed.tokens).join("·") : lexed.reason).toBe(expected);
  });
});

const tokensOf = (text: string, rules: LexicalRules): Tokens => {
  const lexed = lex(text, rules);
  if (lexed.kind === "refused") throw new Error(lexed.reason);
  return lexed.tokens;
};

test("tokens and brackets are counted", () => {
  const reasonOf = (text: string) => {
    const lexed = lex(text, dialects.pg);
    return lexed.kind === "refused" ? lexed.reason : null;
  };
  expect(reasonOf("1 ".repeat(limits.tokens))).toBeNull();
  expect(reasonOf("1 ".repeat(limits.tokens + 1))).toBe("too_many_tokens");
  expect(reasonOf("(".repeat(limits.nesting))).toBeNull();
  expect(reasonOf("(".repeat(limits.nesting + 1))).toBe("too_deep");
  expect(reasonOf("()".repeat(limits.nesting + 1))).toBeNull();
});

test("ranges are bytes of UTF-8", () => {
  const text = "é '😀' ; x";
  const tokens = tokensOf(text, dialects.my);
  const ranges = byteRangesOf(tokens, splitStatements(tokens), new TextEncoder().encode(text).length);
  expect(ranges).toEqual([
    { start: 0, end: 9 },
    { start: 12, end: 13 },
  ]);
});

test("all names are collected, whatever they stand for", () => {
  const tokens = tokensOf("SELECT `A``b`, `p.d` FROM T -- gone\n WHERE 'no'", dialects.my);
  const names = identifiersOf(tokens, { start: 0, end: tokens.kinds.length });
  expect([...names]).toEqual(["select", "a`b", "p.d", "p", "d", "from", "t", "where"]);
});

describe("PostgreSQL's own grammar counts as many statements", () => {
  /** Null where the grammar does not accept the text. */
  const counts = (text: string): readonly [number, number] | null => {
    const parsed = parse(text, 18);
    if (parsed.kind === "failure") return null;
    const lexed = lex(text, dialects.pg);
    return [parsed.statements.length, lexed.kind === "refused" ? -1 : splitPostgresStatements(lexed.tokens).length];
  };

  const corpus = [...effects, ...bypasses, ...lineage].map(([text]) => text).concat(harmless, psqlQueries);
  const extra = [
    "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 2 END; END; SELECT 3",
    "CREATE OR REPLACE PROCEDURE p() BEGIN ATOMIC DELETE FROM t; END",
    "CREATE RULE r AS ON INSERT TO t DO (DELETE FROM a; DELETE FROM b); SELECT 1",
    "BEGIN; SELECT 1; END; SELECT 2",
    "SELECT 1 AS begin; SELECT 'a' AS atomic",
    ";; SELECT 1 ;;",
  ];
  test.each([...corpus, ...extra].filter((text) => counts(text) !== null && !text.includes("\0")))("%s", (text) => {
    const [truth, found] = counts(text) ?? [];
    expect(found).toBe(truth);
  });

  test("also after a change of one token, and for noise", () => {
    const pieces =
      "SELECT 1|;|'|\"|--|\n|/*|*/|$$|$a$|E'|\\|U&'|(|)|BEGIN ATOMIC|END|CREATE FUNCTION|x|CASE| |+|-|/|*|1|.|$1|é".split(
        "|",
      );
    const noise = fc.array(fc.constantFrom(...pieces), { maxLength: 14 }).map((words) => words.join(""));
    const changed = fc
      .tuple(fc.constantFrom(...corpus), fc.nat(), fc.constantFrom(...pieces))
      .map(([text, at, piece]) => text.slice(0, at % (text.length + 1)) + piece + text.slice(at % (text.length + 1)));
    fc.assert(
      fc.property(fc.oneof(noise, changed), (text) => {
        const both = text.includes("\0") ? null : counts(text);
        if (both !== null) expect(both[1]).toBe(both[0]);
      }),
      { numRuns: 6_000 },
    );
  });
});
