import { bench, describe } from "vitest";
import { cellMasksWith } from "./cell-mask.js";

// Question: what does a keyed transform cost a cell? No goal: some microseconds for a digest, more for FF1 (reported, never a
// timed test).
const open = cellMasksWith(new Map([["k", Uint8Array.from({ length: 32 }, (_, i) => i)]]));
const cases: readonly (readonly [transform: string, type_oid: number, value: string])[] = [
  ["partial(keep_domain)", 25, "ann@corp.io"],
  ['hmac(key: "k")', 25, "ann@corp.io"],
  ['surrogate(key: "k")', 25, "ann@corp.io"],
  ['ff1(key: "k", radix: 10)', 25, "4012888888881881"],
  ['ff1(key: "k", radix: 10)', 23, "91000"],
  ['date_shift(key: "k", days: 30)', 1082, "2026-03-04"],
];

describe.each(cases)("%s of type %i", (transform, type_oid, value) => {
  const mask = open(transform, type_oid, 0);
  if (mask.kind !== "each") throw new Error("the bench computes a wrong answer");
  const bytes = new TextEncoder().encode(value);
  if (mask.mask(bytes) === null) throw new Error("the bench computes a wrong answer");
  bench("a cell", () => {
    mask.mask(bytes);
  });
});
