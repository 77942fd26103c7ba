import { loadPolicy } from "@hpl/runtime";
import fc from "fast-check";
import { expect, test } from "vitest";
import { lower } from "../src/4-lower/lower.js";
import { emit } from "../src/5-emit/emit.js";
import { policy } from "./generators/policies.js";

/** One of many rules, so that tables of every kind are in it. */
const [checked] = fc.sample(policy, { numRuns: 50, seed: 1 }).toSorted((a, b) => b.rules.length - a.rules.length);
if (checked === undefined) throw new Error("no policy was generated");
const module = emit(lower(checked), checked);

/** The module after a change of its bytes. */
const changed = (change: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>) =>
  loadPolicy(change(module.slice()));

test("a module loads as it was written", () => {
  expect(changed((bytes) => bytes).ok).toBe(true);
});

test("a module with one bit changed is refused, wherever it is", () => {
  fc.assert(
    fc.property(fc.nat(), fc.nat(7), (at, bit) => {
      const loaded = changed((bytes) => {
        bytes[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ (1 << bit);
        return bytes;
      });
      expect(loaded).toMatchObject({ ok: false, failure: { code: expect.stringMatching(/^HPL700[1-4]$/) } });
    }),
    { numRuns: 2_000 },
  );
});

test("a module cut off, or with bytes behind it, is refused", () => {
  fc.assert(
    fc.property(fc.nat(), (at) => {
      expect(changed((bytes) => bytes.slice(0, at % bytes.length)).ok).toBe(false);
    }),
    { numRuns: 500 },
  );
  expect(changed((bytes) => Uint8Array.from([...bytes, 0, 2, 1, 97])).ok).toBe(false);
});
