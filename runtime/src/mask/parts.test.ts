import fc from "fast-check";
import { expect, test } from "vitest";
import { maskCell } from "./mask-cell.js";

const [JSON_TYPE, JSONB, TEXTS, INTS, RECORD, BOX, BOOL, DATE] = [114, 3802, 1009, 1007, 2249, 603, 16, 1082];
const shown = (transform: string, type_oid: number, text: string): string | null => {
  const masked = maskCell(transform, { type_oid, format: 0, bytes: new TextEncoder().encode(text) });
  return masked && new TextDecoder().decode(masked);
};

test.each([
  ['json(keep: "$.city")', '{"city": "Bern", "name": "Ann"}', '{"city": "Bern"}'],
  ['json(keep: "$.city")', '{"name": "Ann", "city" : { "zip" : 3.10e2 } }', '{"city": { "zip" : 3.10e2 }}'],
  ['json(keep: "$.a.b", keep: "$.c")', '{"c":1,"a":{"x":2,"b":[1,2]},"d":3}', '{"c": 1, "a": {"b": [1,2]}}'],
  ['json(keep: "$.items[*].sku")', '{"items":[{"sku":1,"name":"x"},{"name":"y"},7]}', '{"items": [{"sku": 1}]}'],
  ['json(keep: "$[*]")', "[1, [2, 3]]", "[1, [2, 3]]"],
  ['json(keep: "$.id")', '{"id": 9007199254740993.10}', '{"id": 9007199254740993.10}'],
  ['json(keep: "$.city")', '{"c\\u0069ty": 1}', '{"c\\u0069ty": 1}'],
  ['json(keep: "$.city")', '{"city": 1, "city": "ann"}', '{"city": 1, "city": "ann"}'],
  ['json(keep: "$.city")', '{"x": {"city": 1}}', "null"],
  ['json(keep: "$.city")', '[{"city": 1}]', "null"],
  ['json(keep: "$.city")', '"city"', "null"],
  ['json(keep: "$.a")', '{"x": "}, \\"a\\": 1", "y": [{}], "a": "}"}', '{"a": "}"}'],
  ['json(keep: "$.__proto__")', '{"__proto__": 1, "constructor": 2}', '{"__proto__": 1}'],
  ['json(keep: "$.constructor.name")', '{"a": 1}', "null"],
  ['json(keep: "$.city")', '{"city": ', null],
  ['json(keep: "$.city")', "", null],
])("%s of %s", (transform, document, expected) => {
  expect(shown(transform, JSON_TYPE, document)).toBe(expected);
  const binary = maskCell(transform, {
    type_oid: JSONB,
    format: 1,
    bytes: Uint8Array.of(1, ...new TextEncoder().encode(document)),
  });
  expect(binary && new TextDecoder().decode(binary)).toBe(expected === null ? null : `\u0001${expected}`);
});

test("a document as deep as a client can make it is hidden, not a fault", () => {
  const deep = `${'{"x":'.repeat(100_000)}1${"}".repeat(100_000)}`;
  expect([null, "null"]).toContain(shown('json(keep: "$.city")', JSON_TYPE, deep));
});

test("nothing but what is kept remains of a document", () => {
  fc.assert(
    fc.property(fc.json(), fc.json(), (kept, other) => {
      const document = `{"a": ${other}, "b": ${kept}, "c": [${other}]}`;
      expect(shown('json(keep: "$.b")', JSON_TYPE, document)).toBe(`{"b": ${kept}}`);
    }),
  );
});

test.each([
  ["composite(keep: 1)", "(1,ann)", "(1,)"],
  ["composite(keep: 2)", '(1,"a ""b"", (c)")', '(,"a ""b"", (c)")'],
  ["composite(keep: 1, keep: 3)", "(a,,c,d)", "(a,,c,)"],
  ["composite(keep: 3)", "(a,b)", "(,)"],
  ["composite(keep: 1)", "()", "()"],
  ["composite(keep: 2)", '("a\\\\",b)', "(,b)"],
  ["composite(keep: 1)", "(a,b", null],
  ["composite(keep: 1)", "(a,b)x", null],
  ["composite(keep: 1)", "a,b", null],
  ["composite(keep: 1)", '("a,b)', null],
  ["composite(keep: 1)", "", null],
])("%s of %s", (transform, value, expected) => {
  expect(shown(transform, RECORD, value)).toBe(expected);
  expect(shown(transform, 16_384, value)).toBe(expected);
});

test("built-in types are no composites", () => {
  expect(shown("composite(keep: 1)", BOX, "(1,2),(3,4)")).toBeNull();
  expect(shown("composite(keep: 1)", BOOL, "t")).toBe("f");
});

test.each([
  ["elements(partial(last: 2))", TEXTS, '{abcd,"e \\"f",NULL,"NULL"}', '{"***cd","***\\"f",NULL,"***LL"}'],
  ["elements(redact)", TEXTS, "{{a,b},{c,d}}", '{{"***","***"},{"***","***"}}'],
  ["elements(redact)", TEXTS, "[2:3]={a,b}", '[2:3]={"***","***"}'],
  ["elements(null)", TEXTS, "{a,b}", "{NULL,NULL}"],
  ["elements(redact)", TEXTS, "{}", "{}"],
  ["elements(bucket(size: 10))", INTS, "{7,-7,NULL}", '{"0","-10",NULL}'],
  ["elements(truncate(month))", INTS, "{7}", '{"0"}'],
  ["elements(redact)", TEXTS, "{a", null],
  ["elements(redact)", TEXTS, "a", null],
  ["elements(redact)", TEXTS, "{a}{b}", null],
  ["elements(redact)", TEXTS, "{a}}", null],
  ["elements(redact)", TEXTS, "", null],
  ["elements(redact)", DATE, "2026-03-04", "1970-01-01"],
  ["elements(elements(redact))", TEXTS, "{a}", "{}"],
])("%s of type %i, %s", (transform, type_oid, value, expected) => {
  expect(shown(transform, type_oid, value)).toBe(expected);
});

test.each([
  ["n/a", 25, "n/a", "6e2f61"],
  ["7", 23, "7", "00000007"],
  ["x", 23, "0", "00000000"],
  ["-7", 1700, "-7", "0001000040000000" + "0007"],
  ["true", 16, "t", "01"],
  ["2026-03-04", 1082, "2026-03-04", "00002557"],
  ["2026-02-31", 1082, "1970-01-01", "ffffd533"],
  ["0.5", 701, "0.5", "3fe0000000000000"],
  ["{}", 114, "{}", "7b7d"],
  ["n/a", 3802, '"n/a"', "01226e2f6122"],
  ["00000000-0000-0000-0000-000000000007", 2950, "00000000-0000-0000-0000-000000000007", `${"0".repeat(31)}7`],
  ["n/a", 17, "\\x", ""],
  ["n/a", 600, null, null],
])("fixed %j in a column of type %i", (value, type_oid, text, binary) => {
  const transform = `fixed(${JSON.stringify(value)})`;
  expect(shown(transform, type_oid, "anything")).toBe(text);
  const masked = maskCell(transform, { type_oid, format: 1, bytes: Uint8Array.of(1, 2, 3) });
  expect(masked && Buffer.from(masked).toString("hex")).toBe(binary);
});

test.each([0, 1, 6, 7])("a binary array of %i dimensions", (dimensions) => {
  const bytes = new Uint8Array(12 + dimensions * 8 + (dimensions > 0 ? 5 : 0));
  const view = new DataView(bytes.buffer);
  view.setInt32(0, dimensions);
  view.setInt32(8, 25);
  for (let i = 0; i < dimensions; i++) view.setInt32(12 + i * 8, 1);
  if (dimensions > 0) view.setInt32(12 + dimensions * 8, 1);
  const masked = maskCell("elements(null)", { type_oid: TEXTS, format: 1, bytes });
  // The server has no array of more than six dimensions.
  if (dimensions > 6) expect(masked).toBeNull();
  else expect(masked?.length).toBe(bytes.length - (dimensions > 0 ? 1 : 0));
});

test("no bytes make a mask fail, and none grows without bound", () => {
  const transform = fc.constantFrom(
    "elements(partial(last: 4))",
    'json(keep: "$.a[*].b")',
    "composite(keep: 1)",
    "truncate(month)",
    "network(v4: 24, v6: 48)",
    "round(to: 10)",
  );
  const type = fc.constantFrom(25, 1009, 1007, 114, 3802, 2249, 99_999, 1082, 1184, 869, 1700, 700);
  const head = fc.constantFrom<readonly number[]>([], [0, 0, 0, 1, 0, 0, 0, 0], [0, 0, 0, 1], [1, 123], [123, 34]);
  fc.assert(
    fc.property(
      transform,
      type,
      fc.constantFrom(0 as const, 1 as const),
      head,
      fc.uint8Array(),
      (text, oid, format, first, rest) => {
        const bytes = Uint8Array.of(...first, ...rest);
        const masked = maskCell(text, { type_oid: oid, format, bytes });
        expect(masked?.length ?? 0).toBeLessThanOrEqual(bytes.length * 8 + 64);
      },
    ),
    { numRuns: 2_000 },
  );
});
