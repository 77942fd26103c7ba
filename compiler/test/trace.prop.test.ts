import fc from "fast-check";
import { expect, test } from "vitest";
import { decide } from "../src/reference/evaluate.js";
import { traceRequest } from "../src/reference/trace.js";
import { request } from "./generators/facts.js";
import { policy } from "./generators/policies.js";

test("every restriction that the trace calls true or unknown is in the decision, and no other", () => {
  fc.assert(
    fc.property(policy, request, (checked, asked) => {
      const traced = traceRequest(checked, asked).flatMap(({ rules }) => rules);
      const fired = traced.filter(
        ({ rule, truth }) => ["block", "approve"].includes(rule.effect.kind) && truth !== "false",
      );
      const decided = decide(checked, asked, "digest").rules.filter(
        ({ id, effect }) => (effect === "block" || effect === "approve") && !id.endsWith("/default"),
      );
      expect(new Set(decided.map(({ id }) => id))).toEqual(new Set(fired.map(({ rule }) => rule.id)));
    }),
    { numRuns: 200 },
  );
});
