import { expect, test } from "vitest";
import { createCellMasks } from "./cell-masks.js";
import type { ValueSearch } from "./enforcement.js";

const key = Uint8Array.from({ length: 32 }, (_, i) => i);
const masks = createCellMasks(new Map([["k", key]]), () => ({ add: () => {}, end: () => "" }));

/** Finds `KEY-17`, and any run of 32 hex digits. */
const searchWith = (transform: "redact" | "null"): ValueSearch => ({
  transform,
  rule: "m/keys",
  find: (bytes) => {
    const text = new TextDecoder("latin1").decode(bytes);
    return [...text.matchAll(/KEY-17|[0-9a-f]{32}/g)].map((found) => ({
      start: found.index,
      end: found.index + found[0].length,
    }));
  },
});

function shown(transform: string, type_oid: number, value: string, search: ValueSearch | null): string | null {
  const mask = masks.open(transform, type_oid, 0, search);
  const bytes = new TextEncoder().encode(value);
  const masked = mask.kind === "each" ? mask.mask(bytes) : mask.kind === "constant" ? mask.bytes : bytes;
  return masked && new TextDecoder().decode(masked);
}

const [TEXT, JSON_TYPE, TEXTS] = [25, 114, 1009];
test.each([
  ["partial(first: 6)", TEXT, "KEY-17 and more", "KEY-17***", "******", null],
  ["partial(last: 4)", TEXT, "KEY-17", "***Y-17", "***Y-17", "***Y-17"],
  ['json(keep: "$.a")', JSON_TYPE, '{"a": "KEY-17", "b": 1}', '{"a": "KEY-17"}', '{"a": "***"}', null],
  ["elements(partial(first: 6))", TEXTS, "{KEY-17xx}", '{"KEY-17***"}', "{}", null],
  ["redact", TEXT, "KEY-17", "***", "***", "***"],
  ["partial(first: 6)", TEXT, "nothing to find", "nothin***", "nothin***", "nothin***"],
])("what %s leaves is searched", (transform, type_oid, value, alone, redacted, nulled) => {
  expect(shown(transform, type_oid, value, null)).toBe(alone);
  expect(shown(transform, type_oid, value, searchWith("redact"))).toBe(redacted);
  expect(shown(transform, type_oid, value, searchWith("null"))).toBe(nulled);
});

test("a stand-in that a key made is not: it holds nothing, and may look like anything", () => {
  const transform = 'hmac(key: "k")';
  expect(shown(transform, TEXT, "KEY-17", searchWith("redact"))).toBe(shown(transform, TEXT, "KEY-17", null));
  expect(shown(transform, TEXT, "KEY-17", searchWith("redact"))).toMatch(/^[0-9a-f]{32}$/);
});
