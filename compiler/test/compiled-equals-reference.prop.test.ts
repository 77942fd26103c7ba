import { loadPolicy } from "@hpl/runtime";
import type { Request } from "@hpl/runtime/facts";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { CheckedPolicy } from "../src/3-check/checked.js";
import { lower } from "../src/4-lower/lower.js";
import { emit, semanticDigest } from "../src/5-emit/emit.js";
import { decide } from "../src/reference/evaluate.js";
import { request } from "./generators/facts.js";
import { crowdedPolicy, policy } from "./generators/policies.js";

/** Policies tried; each decides several requests. `FUZZ_RUNS` makes it longer. */
const numRuns = Number(process.env.FUZZ_RUNS ?? 400);

function compiled(checked: CheckedPolicy) {
  const lowered = lower(checked);
  const loaded = loadPolicy(emit(lowered, checked));
  if (!loaded.ok) throw new Error(loaded.failure.message);
  return { policy: loaded.policy, digest: semanticDigest(lowered) };
}

/** The request, and then the same facts, the very same objects, in zones that keep another time. */
const elsewhere = (asked: Request): readonly Request[] => [
  asked,
  { ...asked, zones: { "Europe/Berlin": -600, "Asia/Kolkata": 600 } },
];

test("the compiled module decides as the reference evaluator, unknowns included", () => {
  fc.assert(
    fc.property(policy, fc.array(request, { minLength: 1, maxLength: 8 }), (checked, requests: Request[]) => {
      const { policy: module, digest } = compiled(checked);
      for (const each of requests.flatMap(elsewhere))
        expect(module.decide(each)).toEqual(decide(checked, each, digest));
    }),
    { numRuns },
  );
});

test("and so does one of many rules on the same facts", () => {
  fc.assert(
    fc.property(crowdedPolicy, fc.array(request, { minLength: 1, maxLength: 8 }), (checked, requests: Request[]) => {
      const { policy: module, digest } = compiled(checked);
      for (const each of requests) expect(module.decide(each)).toEqual(decide(checked, each, digest));
    }),
    { numRuns: numRuns / 4 },
  );
});

test("the same policy gives the same bytes", () => {
  fc.assert(
    fc.property(policy, (checked) => {
      const lowered = lower(checked);
      expect(emit(lowered, checked)).toEqual(emit(lowered, checked));
    }),
    { numRuns: 50 },
  );
});
