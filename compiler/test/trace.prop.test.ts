import type { RuleEffect } from "@hpl/runtime/abi";
import type { Request } from "@hpl/runtime/facts";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { CheckedPolicy } from "../src/3-check/checked.js";
import { decide } from "../src/reference/evaluate.js";
import { type ClauseTrace, type RuleTrace, traceRequest } from "../src/reference/trace.js";
import { and } from "../src/reference/truth.js";
import { request } from "./generators/facts.js";
import { policy } from "./generators/policies.js";

const hold = (statement: (checked: CheckedPolicy, asked: Request, rules: readonly RuleTrace[]) => void): void =>
  fc.assert(
    fc.property(policy, request, (checked, asked) => {
      statement(
        checked,
        asked,
        traceRequest(checked, asked).flatMap(({ rules }) => rules),
      );
    }),
    { numRuns: 200 },
  );

const decided = (checked: CheckedPolicy, asked: Request, ...effects: readonly RuleEffect[]): ReadonlySet<string> =>
  new Set(
    decide(checked, asked, "digest").rules.flatMap(({ id, effect }) =>
      effects.includes(effect) && !id.endsWith("/default") ? [id] : [],
    ),
  );

const own = ({ scope, condition }: RuleTrace) => and(scope, condition.truth);

test("every restriction that the trace calls true or unknown is in the decision, and no other", () => {
  hold((checked, asked, rules) => {
    const fired = rules.filter((trace) => {
      const isIgnored = trace.rule.onUnknown === "ignore" && own(trace) === "unknown";
      return ["block", "approve", "limit"].includes(trace.rule.effect.kind) && trace.truth !== "false" && !isIgnored;
    });
    expect(decided(checked, asked, "block", "approve", "limit")).toEqual(new Set(fired.map(({ rule }) => rule.id)));
  });
});

test("the exceptions in a decision are those the trace shows as live and true of a rule that else might fire", () => {
  hold((checked, asked, rules) => {
    const excused = rules.flatMap((trace) =>
      own(trace) === "false" ? [] : trace.exceptions.filter(({ truth }) => truth === "true"),
    );
    for (const { live, scope, condition, truth } of rules.flatMap(({ exceptions }) => exceptions))
      expect(truth).toBe(and(live, scope, condition.truth));
    expect(decided(checked, asked, "exception")).toEqual(new Set(excused.map(({ exception }) => exception.id)));
  });
});

test("a near miss is the one false clause of a rule whose others are not", () => {
  const clauses = (clause: ClauseTrace): readonly ClauseTrace[] =>
    clause.kind === "And" ? clause.parts.flatMap(clauses) : [clause];
  hold((_, __, rules) => {
    for (const { condition, nearMiss, scope } of rules) {
      const isFalse = clauses(condition).filter(({ truth }) => truth === "false");
      const isNear = scope !== "false" && clauses(condition).length > 1 && isFalse.length === 1;
      expect(nearMiss).toBe(isNear ? isFalse[0] : null);
    }
  });
});
