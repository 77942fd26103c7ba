import { loadPolicy } from "@hpl/runtime";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { CheckedPolicy } from "../../src/3-check/checked.js";
import { lower } from "../../src/4-lower/lower.js";
import { emit } from "../../src/5-emit/emit.js";
import { emitOpa } from "../../src/5-emit/opa/emit-opa.js";
import { request } from "../generators/facts.js";
import { policy } from "../generators/policies.js";
import { decideNative } from "./decide-native.js";
import { decideOpa, sdk } from "./decide-opa.js";
import { inputOf } from "./input-of.js";

/** Policies tried; each decides several requests. `FUZZ_RUNS` makes it longer. */
const numRuns = Number(process.env.FUZZ_RUNS ?? 300);

function bothTargets(checked: CheckedPolicy) {
  const lowered = lower(checked);
  const native = loadPolicy(emit(lowered, checked));
  if (!native.ok) throw new Error(native.failure.message);
  return { native: native.policy, opa: sdk.loadPolicySync(emitOpa(lowered, checked)) };
}

test("both targets decide the same, unknowns included", () => {
  fc.assert(
    fc.property(policy, fc.array(request, { minLength: 1, maxLength: 8 }), (checked, requests) => {
      const { native, opa } = bothTargets(checked);
      for (const each of requests) {
        const input = inputOf(each);
        expect(decideOpa(opa, input)).toEqual(decideNative(native, input));
      }
    }),
    { numRuns },
  );
});

test("the same policy gives the same bytes", () => {
  fc.assert(
    fc.property(policy, (checked) => {
      const lowered = lower(checked);
      expect(emitOpa(lowered, checked)).toEqual(emitOpa(lowered, checked));
    }),
    { numRuns: 30 },
  );
});
