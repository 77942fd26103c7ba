import fc from "fast-check";
import { expect, test } from "vitest";
import { maskCell } from "./mask-cell.js";

const TEXT = 25;
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array | null): string | null => (bytes === null ? null : new TextDecoder().decode(bytes));
const hex = (bytes: Uint8Array | null): string | null => (bytes === null ? null : Buffer.from(bytes).toString("hex"));

test.each([
  ["redact", "ann@corp.io", "***"],
  ["null", "ann@corp.io", null],
  ["clear", "ann@corp.io", "ann@corp.io"],
  ["partial(keep_domain)", "ann@corp.io", "***@corp.io"],
  ["partial(keep_domain)", "not an address", "***"],
  ["partial(keep_domain)", "a@b@c", "***"],
  ["partial(keep_domain)", "@corp.io", "***"],
  ["partial(last: 4)", "4012888888881881", "***1881"],
  ["partial(first: 1, last: 1)", "añb", "a***b"],
  ["partial(last: 4)", "1881", "***"],
  ["partial(country)", "+49 30 1234567", "+49***"],
  ["partial(country)", "+1 (212) 555-0123", "+1***"],
  ["partial(country)", "+352 26 12 34 56", "+352***"],
  ["partial(country)", "030 1234567", "***"],
  ["partial(country)", "+49", "***"],
  ["network(v4: 24, v6: 48)", "10.1.2.3", "10.1.2.0"],
  ["network(v4: 24, v6: 48)", "2001:db8:1:2::3", "2001:db8:1::"],
  ["network(v4: 24, v6: 48)", "10.1.2", "***"],
  ["truncate(month)", "2026-03-04", "***"],
  ["round(to: 0)", "7", "***"],
  ["partial(last: 4)", "", "***"],
  ["a transform of tomorrow", "ann@corp.io", "***"],
])("%s of %j is %j", (transform, value, expected) => {
  expect(textOf(maskCell(transform, { type_oid: TEXT, format: 0, bytes: bytesOf(value) }))).toBe(expected);
});

// Stand-ins as a live PostgreSQL 18 sends them in each format.
test.each([
  ["int4", 23, "0", "00000000"],
  ["int8", 20, "0", "0000000000000000"],
  ["numeric", 1700, "0", "0000000000000000"],
  ["bool", 16, "f", "00"],
  ["date", 1082, "1970-01-01", "ffffd533"],
  ["timestamp", 1114, "1970-01-01 00:00:00", "fffca2fec4c82000"],
  ["jsonb", 3802, "null", "016e756c6c"],
  ["inet", 869, "0.0.0.0", "0220000400000000"],
  ["text[]", 1009, "{}", "000000000000000000000019"],
  ["bytea", 17, "\\x", ""],
])("a redacted %s keeps its type", (_name, type_oid, text, binary) => {
  const bytes = bytesOf("91000");
  expect(textOf(maskCell("redact", { type_oid, format: 0, bytes }))).toBe(text);
  expect(hex(maskCell("redact", { type_oid, format: 1, bytes }))).toBe(binary);
});

test("a value of a type without a stand-in becomes NULL", () => {
  expect(maskCell("redact", { type_oid: 600, format: 0, bytes: bytesOf("(1,2)") })).toBeNull();
});

test("a redacted value says nothing of the original", () => {
  const cell = fc.record({
    type_oid: fc.constantFrom(25, 1043, 23, 20, 1700, 16, 1082, 114, 3802, 17, 869, 600, 99_999),
    format: fc.constantFrom(0 as const, 1 as const),
  });
  const transform = fc.constantFrom("redact", "null", "unheard-of(3)");
  fc.assert(
    fc.property(cell, transform, fc.uint8Array(), fc.uint8Array(), (type, text, a, b) => {
      expect(hex(maskCell(text, { ...type, bytes: a }))).toBe(hex(maskCell(text, { ...type, bytes: b })));
    }),
  );
});
