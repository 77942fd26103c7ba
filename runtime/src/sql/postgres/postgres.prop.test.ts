import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { bypasses } from "../../../test/sql/bypasses.cases.js";
import { effects, harmless } from "../../../test/sql/effects.cases.js";
import { lineage } from "../../../test/sql/lineage.cases.js";
import { analyse } from "../../../test/sql/shop.js";
import { loadPostgres } from "./parser.js";

beforeAll(() => loadPostgres());

const texts = [...effects, ...lineage, ...bypasses].map(([text]) => text);
const someText = fc.constantFrom(...texts, ...harmless);
const factsOf = (text: string) => analyse(text).map((action) => (action.opaque ? action.reasons : action.facts));

/** Words, numbers, quoted names, strings, and single signs. */
const lexemes = (text: string): readonly string[] => text.match(/"[^"]*"|'[^']*'|[\w$]+|\s+|[^\w\s]/g) ?? [];

test("mutated statements and random text are always answered", () => {
  const mutated = fc.tuple(someText, someText, fc.nat(), fc.nat()).map(([a, b, at, from]) => {
    const [left, right] = [[...lexemes(a)], lexemes(b)];
    left.splice(at % (left.length + 1), from % 3, right[from % (right.length || 1)] ?? "");
    return left.join("");
  });
  const noise = fc.oneof(
    mutated,
    fc.string({ unit: "binary", maxLength: 60 }),
    fc.string({ unit: "grapheme", maxLength: 60 }),
  );
  fc.assert(
    fc.property(noise, (text) => {
      for (const action of analyse(text)) {
        if (action.opaque) expect(action.reasons).not.toContain("internal_error");
        else expect(action.facts.reasons).not.toEqual(expect.arrayContaining([expect.stringMatching(/^unreached:/)]));
      }
    }),
    { numRuns: 3_000 },
  );
});

/** Statements whose words can be re-spelled one by one: nothing in them depends on case or neighbors. */
const plain = texts.filter(
  (text) =>
    /^[\w \n(),.;*=<>+:]*\w[\w \n(),.;*=<>+:]*$/.test(text) &&
    !/\b(ROLE|default|json_table|1a|ORDINALITY|NOT|NULLS)\b/i.test(text),
);

test("case, comments and blanks change no facts", () => {
  const spelling = fc.record({
    upper: fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }),
    gap: fc.constantFrom(" ", "\n", "\t", " /* DROP TABLE users; */ ", " -- DELETE FROM users\n", "/**/ "),
  });
  fc.assert(
    fc.property(fc.constantFrom(...plain), spelling, (text, { upper, gap }) => {
      const respelled = lexemes(text)
        .map((lexeme, i) =>
          /^\s+$/.test(lexeme) ? gap : upper[i % upper.length] ? lexeme.toUpperCase() : lexeme.toLowerCase(),
        )
        .join("");
      expect(factsOf(respelled)).toEqual(factsOf(text));
    }),
    { numRuns: 1_500 },
  );
});

test.each([
  ["SELECT email FROM users WHERE id = 7", "SELECT (email) FROM users WHERE (((id)) = (7))"],
  ["SELECT id FROM users UNION SELECT id FROM orders", "(SELECT id FROM users) UNION ((SELECT id FROM orders))"],
  ["UPDATE users SET name = email WHERE id = 7", "UPDATE users SET name = (email) WHERE ((id = (7)))"],
  ["DELETE FROM users WHERE id = 1 AND 2 > 1", "DELETE FROM users WHERE (id = 1) AND ((2) > (1))"],
])("parentheses change no facts: %s", (bare, wrapped) => {
  expect(factsOf(wrapped)).toEqual(factsOf(bare));
});

test("words inside strings, comments and aliases never add an effect", () => {
  const word = fc.constantFrom("DROP TABLE users", "; DELETE FROM users", "pg_read_file(1)", "INTO x", "FOR UPDATE");
  fc.assert(
    fc.property(word, fc.constantFrom("'", '"', "$$", "/*"), (words, quote) => {
      const inner = { "'": `'${words}'`, '"': `1 AS "${words}"`, $$: `$$${words}$$`, "/*": `1 /* ${words} */` }[quote];
      const [action] = analyse(`SELECT ${inner}`);
      expect(action?.opaque === false && action.facts).toMatchObject({
        effects: ["read"],
        relations: [],
        complete: true,
      });
    }),
  );
});
