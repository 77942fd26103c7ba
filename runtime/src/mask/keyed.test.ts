import { createHmac, hkdfSync } from "node:crypto";
import { FF1 } from "@noble/ciphers/ff1.js";
import fc from "fast-check";
import { expect, test } from "vitest";
import { cellMasksWith } from "./cell-mask.js";
import { shiftCell, shiftOf } from "./date-shift.js";
import { keyNameOf, type MaskKeys } from "./keys.js";
import { type Cell, maskCell } from "./mask-cell.js";

const [TEXT, VARCHAR, BPCHAR, BYTEA, UUID] = [25, 1043, 1042, 17, 2950];
const [INT2, INT4, INT8, NUMERIC, DATE, TIMESTAMP, TIMESTAMPTZ] = [21, 23, 20, 1700, 1082, 1114, 1184];
const key = Uint8Array.from({ length: 32 }, (_, i) => i * 7 + 1);
const keys: MaskKeys = new Map([
  ["k", key],
  ["other", key.map((byte) => byte ^ 0xff)],
]);
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const cell = (type_oid: number, text: string): Cell => ({ type_oid, format: 0, bytes: bytesOf(text) });
const shown = (transform: string, of: Cell): string | null => {
  const masked = maskCell(transform, of, keys);
  return masked && new TextDecoder().decode(masked);
};
const text = (transform: string, value: string, type_oid = TEXT): string | null =>
  shown(transform, cell(type_oid, value));
const derived = (purpose: string): Buffer =>
  Buffer.from(hkdfSync("sha256", key, new Uint8Array(), `hpl/mask/1/${purpose}`, 32));

// NIST, FF1 samples (SP 800-38G, examples with intermediate values), 1 to 9.
const aes128 = "2B7E151628AED2A6ABF7158809CF4F3C";
const aes192 = `${aes128}EF4359D8D580AA4F`;
const aes256 = `${aes192}7F036D6F04FC6A94`;
test.each([
  [1, aes128, 10, "", "0123456789", "2433477484"],
  [2, aes128, 10, "39383736353433323130", "0123456789", "6124200773"],
  [3, aes128, 36, "3737373770717273373737", "0123456789abcdefghi", "a9tv40mll9kdu509eum"],
  [4, aes192, 10, "", "0123456789", "2830668132"],
  [5, aes192, 10, "39383736353433323130", "0123456789", "2496655549"],
  [6, aes192, 36, "3737373770717273373737", "0123456789abcdefghi", "xbj3kv35jrawxv32ysr"],
  [7, aes256, 10, "", "0123456789", "6657667009"],
  [8, aes256, 10, "39383736353433323130", "0123456789", "1001623463"],
  [9, aes256, 36, "3737373770717273373737", "0123456789abcdefghi", "xs8a0azh2avyalyzuwd"],
])("FF1 is NIST's, sample %i", (_sample, hex, radix, tweak, plain, expected) => {
  const ff1 = FF1(radix, Uint8Array.from(Buffer.from(hex, "hex")), Uint8Array.from(Buffer.from(tweak, "hex")));
  const digits = ff1.encrypt([...plain].map((digit) => Number.parseInt(digit, radix)));
  expect(digits.map((digit) => digit.toString(radix)).join("")).toBe(expected);
});

test("what hmac shows can be made with the key by anybody's tools", () => {
  const expected = createHmac("sha256", derived("hmac")).update("text\0ann@corp.io").digest("hex").slice(0, 32);
  expect(text('hmac(key: "k")', "ann@corp.io")).toBe(expected);
});

test("what FF1 shows can be made with the key by another FF1", () => {
  const ff1 = FF1(10, Uint8Array.from(derived("ff1")), bytesOf("text"));
  const digits = ff1.encrypt([..."4012888888881881"].map(Number)).join("");
  expect(text('ff1(key: "k", radix: 10)', "4012 8888-8888 1881")).toBe(
    `${digits.slice(0, 4)} ${digits.slice(4, 8)}-${digits.slice(8, 12)} ${digits.slice(12)}`,
  );
});

/** Transform, type, value, and what comes out: a pattern, or the stand-in of the type. */
test.each([
  ['hmac(key: "k")', TEXT, "ann@corp.io", /^[0-9a-f]{32}$/],
  ['hmac(key: "k")', TEXT, "", /^[0-9a-f]{32}$/],
  ['hmac(key: "k")', BYTEA, "\\x00ff", /^\\x[0-9a-f]{32}$/],
  ['hmac(key: "k")', BYTEA, "no bytes", null],
  ['hmac(key: "k")', INT8, "7", "0"],
  ['hmac(key: "gone")', TEXT, "ann@corp.io", "***"],
  ['hmac(key: "k", days: 3)', TEXT, "ann@corp.io", "***"],
  ['hmac(key: "k")x', TEXT, "ann@corp.io", "***"],
  ['hmac(key: "__proto__")', TEXT, "ann@corp.io", "***"],
  ['date_shift(key: "k", days: 0)', DATE, "2026-03-04", "1970-01-01"],
  ['ff1(key: "k", radix: 2)', TEXT, "101010101010101010101010", "***"],
  ['surrogate(key: "k")', TEXT, "ann@corp.io", /^k:[a-z2-7]{26}$/],
  ['surrogate(key: "k")', UUID, "123e4567-e89b-42d3-a456-426614174000", /^.{8}-.{4}-8.{3}-[89ab].{3}-.{12}$/],
  ['surrogate(key: "k")', UUID, "123e4567", null],
  ['surrogate(key: "k")', INT8, "7", /^\d{10,19}$/],
  ['surrogate(key: "k")', NUMERIC, "7.50", /^\d{10,19}$/],
  ['surrogate(key: "k")', NUMERIC, "NaN", null],
  ['surrogate(key: "k")', INT4, "7", "0"],
  ['surrogate(key: "gone")', UUID, "123e4567-e89b-42d3-a456-426614174000", "00000000-0000-0000-0000-000000000000"],
  ['ff1(key: "k", radix: 10)', TEXT, "123456", /^\d{6}$/],
  ['ff1(key: "k", radix: 10)', TEXT, "12345", "***"],
  ['ff1(key: "k", radix: 10)', TEXT, "536-90-4399", /^\d{3}-\d\d-\d{4}$/],
  ['ff1(key: "k", radix: 10)', TEXT, "536-90-4399x", "***"],
  ['ff1(key: "k", radix: 10)', TEXT, "", "***"],
  ['ff1(key: "k", radix: 10)', TEXT, "٣٤٥٦٧٨٩", "***"],
  ['ff1(key: "k", radix: 10)', TEXT, "1".repeat(64), /^\d{64}$/],
  ['ff1(key: "k", radix: 10)', TEXT, "1".repeat(65), "***"],
  ['ff1(key: "k", radix: 36)', TEXT, "ab1z", /^[0-9a-z]{4}$/],
  ['ff1(key: "k", radix: 36)', TEXT, "ab1", "***"],
  ['ff1(key: "k", radix: 36)', TEXT, "AB-1Z", /^[0-9A-Z]{2}-[0-9A-Z]{2}$/],
  ['ff1(key: "k", radix: 36)', TEXT, "Ab1Z", "***"],
  ['ff1(key: "k", radix: 10)', INT2, "7", "0"],
  ['ff1(key: "k", radix: 10)', INT4, "-2147483648", /^-\d+$/],
  ['ff1(key: "k", radix: 10)', INT8, "9223372036854775807", /^\d+$/],
  ['ff1(key: "k", radix: 10)', NUMERIC, "7.00", /^\d+$/],
  ['ff1(key: "k", radix: 10)', NUMERIC, "7.01", "0"],
  ['ff1(key: "k", radix: 10)', NUMERIC, "999999999999999999", /^\d{1,18}$/],
  ['ff1(key: "k", radix: 10)', NUMERIC, "1000000000000000000", "0"],
  ['ff1(key: "k", radix: 10)', NUMERIC, "Infinity", null],
  ['date_shift(key: "k", days: 30)', DATE, "infinity", "infinity"],
  ['date_shift(key: "k", days: 30)', DATE, "04/03/2026", null],
  ['date_shift(key: "k", days: 30)', DATE, "2026-03-04 05:06:07", null],
  ['date_shift(key: "k", days: 30)', TEXT, "2026-03-04", "***"],
  ['date_shift(key: "gone", days: 30)', DATE, "2026-03-04", "1970-01-01"],
])("%s of type %i, %j", (transform, type_oid, value, expected) => {
  const masked = text(transform, value, type_oid);
  if (expected instanceof RegExp) expect(masked).toMatch(expected);
  else expect(masked).toBe(expected);
  if (expected instanceof RegExp) expect(masked).not.toBe(value);
});

test("equal values are equal in every type of their kind, and under one key alone", () => {
  for (const transform of ['hmac(key: "k")', 'surrogate(key: "k")']) {
    expect(text(transform, "ab", VARCHAR)).toBe(text(transform, "ab"));
    expect(text(transform, "ab   ", BPCHAR)).toBe(text(transform, "ab"));
    expect(text(transform.replace('"k"', '"other"'), "ab")).not.toBe(text(transform, "ab"));
  }
  const surrogate = 'surrogate(key: "k")';
  expect(text(surrogate, "7.00", NUMERIC)).toBe(text(surrogate, "7", INT8));
  expect(text(surrogate, "-0.0", NUMERIC)).toBe(text(surrogate, "0", INT8));
  expect(text(surrogate, "-7", INT8)).not.toBe(text(surrogate, "7", INT8));
});

test("two values never look the same under FF1", () => {
  const open = cellMasksWith(keys);
  const disguise = (type_oid: number, value: string): string => {
    const mask = open('ff1(key: "k", radix: 10)', type_oid, 0);
    const masked = mask.kind === "each" ? mask.mask(bytesOf(value)) : null;
    if (masked === null) throw new Error(`${value} is hidden`);
    return new TextDecoder().decode(masked);
  };
  fc.assert(
    fc.property(fc.integer(), fc.integer(), (a, b) => {
      const [one, two] = [disguise(INT4, String(a)), disguise(INT4, String(b))];
      expect(one === two).toBe(a === b);
      expect(Number(one) | 0).toBe(Number(one));
      expect(Number(one) < 0).toBe(a < 0);
    }),
    { numRuns: 60 },
  );
  const seen = new Set(Array.from({ length: 300 }, (_, i) => disguise(TEXT, String(100_000 + i))));
  expect(seen.size).toBe(300);
});

test("a number as long as PostgreSQL has them costs what it is long", () => {
  const zeros = "0".repeat(131_072);
  expect(text('surrogate(key: "k")', `1.${zeros}`, NUMERIC)).toBe(text('surrogate(key: "k")', "1", NUMERIC));
  expect(text('surrogate(key: "k")', `1.${zeros}x`, NUMERIC)).toBeNull();
  expect(text('surrogate(key: "k")', `${zeros}x`, NUMERIC)).toBeNull();
});

test("a surrogate does not show how long the value was, and hmac neither", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 300 }), (value) => {
      expect(text('surrogate(key: "k")', value)?.length).toBe(28);
      expect(text('hmac(key: "k")', value)?.length).toBe(32);
    }),
  );
});

test("dates of one key move by the same number of days, within bounds and never by none", () => {
  for (let days = 1; days <= 40; days++) {
    const shift = shiftOf(key, days);
    expect(Math.abs(shift)).toBeLessThanOrEqual(days);
    expect(shift).not.toBe(0);
  }
  const shifts = Array.from({ length: 400 }, (_, i) => shiftOf(Uint8Array.from([...key, i & 255, i >> 8]), 2));
  expect(new Set(shifts)).toEqual(new Set([-2, -1, 1, 2]));
});

test.each([
  ["2026-03-04", DATE, -4, "2026-02-28"],
  ["2024-03-01", DATE, -1, "2024-02-29"],
  ["0001-01-01", DATE, -1, "0001-12-31 BC"],
  ["0001-12-31 BC", DATE, 1, "0001-01-01"],
  ["4714-11-25 BC", DATE, -1, "4714-11-24 BC"],
  ["4714-11-24 BC", DATE, -1, null],
  ["9999-12-31", DATE, 1, "10000-01-01"],
  ["275760-09-13", DATE, 1, null],
  ["2026-03-04 05:06:07.5", TIMESTAMP, 1, "2026-03-05 05:06:07.5"],
  ["2026-03-04 05:06:07", TIMESTAMPTZ, 1, null],
  ["2026-03-04 05:06:07.5+02", TIMESTAMPTZ, 1, "2026-03-05 03:06:07.5+00"],
  ["2026-03-04 00:06:07+05:30", TIMESTAMPTZ, 1, "2026-03-04 18:36:07+00"],
  ["1880-03-04 23:06:07-00:01:15", TIMESTAMPTZ, 1, "1880-03-05 23:07:22+00"],
])("%s, of type %i, by %i days", (value, type_oid, days, expected) => {
  const moved = shiftCell(cell(type_oid, value), days);
  expect(moved && new TextDecoder().decode(moved)).toBe(expected);
});

test.each([
  ['hmac(key: "k")', "k"],
  ['ff1(key: "pii-2026", radix: 10)', "pii-2026"],
  ['elements(hmac(key: "k"))', "k"],
  ["redact", null],
  ['fixed("hmac(key: \\"k\\")")', null],
  ['json(keep: "$.key")', null],
])("the key of %s is %s", (transform, name) => {
  expect(keyNameOf(transform)).toBe(name);
});
