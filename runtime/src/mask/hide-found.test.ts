import fc from "fast-check";
import { expect, test } from "vitest";
import { type FindIn, hideFound } from "./hide-found.js";

const [text, json, jsonb, int8, numeric, date, point] = [25, 114, 3802, 20, 1700, 1082, 600];
const bytesOf = (value: string): Uint8Array => new TextEncoder().encode(value);

/** Finds `KEY-` and digits, and the number 777. */
const find: FindIn = (bytes) =>
  [...new TextDecoder("latin1").decode(bytes).matchAll(/KEY-\d+|777/g)].map(({ index, 0: match }) => ({
    start: index,
    end: index + match.length,
  }));

const shown = (type_oid: number, value: string): string | null => {
  const hidden = hideFound({ type_oid, format: 0, bytes: bytesOf(value) }, find);
  return hidden && new TextDecoder().decode(hidden);
};

test.each([
  [text, "a KEY-1, b KEY-2", "a ***, b ***"],
  [text, "nothing", "nothing"],
  [json, '{"k": "KEY-1", "n": [1, 2.50]}', '{"k": "***", "n": [1, 2.50]}'],
  [json, '{"k": "\\u004bEY-1", "n": 1}', '{"k":"***","n":1}'],
  [json, '{"k": "\\u004bEY-1", "n": 12345678901234567890}', "null"],
  [json, '{"k": 777}', '{"k":0}'],
  [json, '{"KEY-1": {"KEY-2": null}}', '{"***": {"***": null}}'],
  [json, '{"k": "a\\nb"}', '{"k": "a\\nb"}'],
  [json, "KEY-1 and no document", "null"],
  [jsonb, '["KEY-1"]', '["***"]'],
  [int8, "777", "0"],
  [int8, "778", "778"],
  [date, "2026-07-77", "2026-07-77"],
  [point, "(777,1)", null],
])("of type %i: %s is seen as %s", (type_oid, value, expected) => {
  expect(shown(type_oid, value)).toBe(expected);
});

test.each([
  [int8, "0000000000000309", "0000000000000000"],
  [int8, "000000000000030a", "000000000000030a"],
  // 777.5: two groups, weight 0, scale 1.
  [numeric, "000200000000000103091388", "0000000000000000"],
  [jsonb, `01${Buffer.from('["KEY-1"]').toString("hex")}`, `01${Buffer.from('["***"]').toString("hex")}`],
])("in binary, of type %i: %s is seen as %s", (type_oid, value, expected) => {
  const hidden = hideFound({ type_oid, format: 1, bytes: Uint8Array.from(Buffer.from(value, "hex")) }, find);
  expect(hidden && Buffer.from(hidden).toString("hex")).toBe(expected);
});

test("whatever document it was, a document remains in which nothing is found", () => {
  const words = fc.constantFrom("KEY-1", "x", "KEY", "a KEY-22 b", "\n", '"', "\\", "");
  const value = fc.letrec((tie) => ({
    node: fc.oneof(
      { maxDepth: 3 },
      words,
      fc.constantFrom(1, 777, 7.5, null, true),
      fc.array(tie("node"), { maxLength: 3 }),
      fc.dictionary(words, tie("node"), { maxKeys: 3 }),
    ),
  })).node;
  /** Some letters as escapes: the same document, and nothing of it to be seen in its bytes. */
  const escaped = (document: string): string =>
    document.replaceAll(/[KE](?=[^"]*"[,\]}:])/g, (letter) => `\\u00${letter === "K" ? "4b" : "45"}`);
  fc.assert(
    fc.property(value, fc.boolean(), (document, hides) => {
      const plain = JSON.stringify(document);
      const written = hides ? escaped(plain) : plain;
      const hidden = shown(json, written) ?? "null";
      const parsed: unknown = JSON.parse(hidden);
      expect(find(bytesOf(hidden))).toEqual([]);
      expect(find(bytesOf(JSON.stringify(parsed)))).toEqual([]);
      if (find(bytesOf(plain)).length === 0) expect(hidden).toBe(written);
    }),
    { numRuns: 500 },
  );
});
