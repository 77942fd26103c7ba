import type { Request } from "@hpl/runtime/facts";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { CheckedPolicy, CheckedRule, Condition } from "../../src/3-check/checked.js";
import { findRuleProblems } from "../../src/analysis/findings.js";
import type { Diagnostic } from "../../src/diagnostics/diagnostic.js";
import { decide } from "../../src/reference/evaluate.js";
import { judge } from "../../src/reference/judge.js";
import { crowdedCondition } from "../generators/crowded.js";
import { request } from "../generators/facts.js";
import { crowdedPolicy } from "../generators/policies.js";
import { isPlain } from "./plain-request.js";

// What a finding says of a policy, held against random requests and the reference evaluator.
const numRuns = Number(process.env.FUZZ_RUNS ?? 80);
const span = { file: 0, start: 0, end: 1 };

/** A policy some of whose rules have an `unless` or two: each stands where its number says. */
const policyWithUnless: fc.Arbitrary<CheckedPolicy> = fc
  .tuple(crowdedPolicy, fc.array(crowdedCondition("sql"), { minLength: 6, maxLength: 6 }))
  .map(([policy, excuses]) => ({
    ...policy,
    // Most policies have few rules on SQL.
    rules: policy.rules.map((rule, i) => (rule.families[0] === "sql" ? excused(rule, i, excuses) : rule)),
  }));

/** Blocks of which some lie inside one other, or inside two others together. */
const policyWithShadows: fc.Arbitrary<CheckedPolicy> = fc
  .tuple(crowdedPolicy, fc.array(crowdedCondition("sql"), { minLength: 4, maxLength: 4 }))
  .map(([policy, [a, b, c, d]]) => {
    const [one, two, three, four] = [a, b, c, d] as [Condition, Condition, Condition, Condition];
    const parts: readonly (readonly Condition[])[] = [
      [one],
      [one, two],
      [three, four],
      [three, two],
      [four, { kind: "Not", operand: two, span }],
    ];
    const blocks = parts.map((operands, i): CheckedRule => {
      const condition: Condition = { kind: "And", operands, span };
      return { ...plainBlock, id: `m0/s${i}`, condition };
    });
    return { ...policy, rules: [...policy.rules.slice(0, 8), ...blocks] };
  });

const plainBlock: Omit<CheckedRule, "id" | "condition"> = {
  ...{ module: 0, families: ["sql"], level: "soft", effect: { kind: "block" }, why: null, fix: null },
  ...{ controls: [], onUnknown: "restrict", audit: null, span },
};

/** One that contradicts the rest of its rule is among them: by chance they are rare. */
function excused(rule: CheckedRule, index: number, excuses: readonly Condition[]): CheckedRule {
  const [one, other] = [excuses[index % 6], excuses[(index + 1) % 6]] as [Condition, Condition];
  const contrary: Condition = { kind: "And", operands: [{ kind: "Not", operand: rule.condition, span }, other], span };
  const unless = (index % 2 === 0 ? [contrary] : [one, contrary]).map((operand, i) => ({
    operand: { kind: "Not" as const, operand, span },
    span: { file: 0, start: index * 10 + i, end: index * 10 + i + 1 },
  }));
  const operands = [rule.condition, ...unless.map(({ operand }) => operand)];
  return { ...rule, unless, condition: { kind: "And", operands, span } };
}

/** What is decided, without who says so. */
const gist = (policy: CheckedPolicy, asked: Request) => {
  const { verdict, obligations } = decide(policy, asked, "");
  const plain = obligations.map((each) => JSON.stringify(each, (key, value) => (key === "rule" ? undefined : value)));
  return { verdict, obligations: plain.toSorted() };
};

const rulesWith = (found: readonly Diagnostic[], code: string): ReadonlySet<string> =>
  new Set(found.flatMap((each) => (each.code === code && each.rule !== null ? [each.rule] : [])));

/** `policy` without what the findings call superfluous, all of it at once. */
function stripped(policy: CheckedPolicy, found: readonly Diagnostic[]): CheckedPolicy {
  const gone = new Set([...rulesWith(found, "HPL4002"), ...rulesWith(found, "HPL5008")]);
  const useless = new Set(
    found.filter(({ code }) => code === "HPL5011").map((each) => `${each.rule} ${each.span.start}`),
  );
  const lapsed = new Set(found.flatMap(({ code, message }) => (code === "HPL5013" ? idIn(message) : [])));
  const rules = policy.rules
    .filter(({ id }) => !gone.has(id))
    .map((rule) => {
      const out = (rule.unless ?? []).filter((each) => useless.has(`${rule.id} ${each.span.start}`));
      if (out.length === 0 || rule.condition.kind !== "And") return rule;
      const operands = rule.condition.operands.filter((operand) => !out.some((each) => each.operand === operand));
      return { ...rule, condition: { ...rule.condition, operands } };
    });
  return { ...policy, rules, exceptions: policy.exceptions.filter(({ id }) => !lapsed.has(id.replace(/^.*\//, ""))) };
}

const idIn = (message: string): readonly string[] => message.match(/exception `(.*?)`/)?.slice(1) ?? [];

const superfluous = fc.oneof(policyWithUnless, policyWithShadows);

test("what is said to be superfluous can be taken out, and no decision changes", () => {
  const said = new Map<string, number>();
  fc.assert(
    fc.property(superfluous, fc.array(request, { minLength: 4, maxLength: 12 }), (policy, requests) => {
      const found = findRuleProblems(policy);
      for (const { code } of found) said.set(code, (said.get(code) ?? 0) + 1);
      const less = stripped(policy, found);
      for (const asked of requests.filter((each) => isPlain(policy, each)))
        expect(gist(less, asked)).toEqual(gist(policy, asked));
    }),
    { numRuns },
  );
  for (const code of ["HPL4002", "HPL5008", "HPL5011", "HPL5013"]) expect([...said.keys()]).toContain(code);
});

test("what never fires does not, what always fires does in its scope, and approving what is dead gives block", () => {
  const said = new Set<string>();
  fc.assert(
    fc.property(policyWithUnless, fc.array(request, { minLength: 4, maxLength: 12 }), (policy, requests) => {
      const found = findRuleProblems(policy);
      for (const { code } of found) said.add(code);
      const [never, always, dead] = ["HPL4002", "HPL5009", "HPL4003"].map((code) => rulesWith(found, code));
      for (const asked of requests.filter((each) => isPlain(policy, each))) {
        const [action] = asked.actions;
        if (action === undefined) continue;
        const { truths, scopes } = judge(policy, asked, action);
        for (const [rule, { own, truth }] of truths) {
          if (never?.has(rule.id)) expect(truth).toBe("false");
          const isForIt = rule.families.includes(action.family) && scopes[rule.module] === "true";
          if (always?.has(rule.id) && isForIt) expect(own).toBe("true");
          const isHeld = rule.effect.kind === "approve" && truth === "true" && dead?.has(rule.id);
          if (isHeld) expect(decide(policy, asked, "").verdict).toBe("block");
        }
      }
    }),
    { numRuns },
  );
  expect([...said]).toEqual(expect.arrayContaining(["HPL4002", "HPL5009", "HPL4003"]));
});

test("each shadow names rules one of which fires wherever the shadowed one does", () => {
  let sets_count = 0;
  fc.assert(
    fc.property(policyWithShadows, fc.array(request, { minLength: 4, maxLength: 12 }), (policy, requests) => {
      for (const { rule, message } of findRuleProblems(policy).filter(({ code }) => code === "HPL5008")) {
        const by = [...(message.split(": ").at(-1) ?? "").matchAll(/`([^`]*)`/g)].map(([, id]) => id ?? "");
        if (by.length > 1) sets_count++;
        for (const asked of requests.filter((each) => isPlain(policy, each))) {
          const [action] = asked.actions;
          if (action === undefined) continue;
          const truths = [...judge(policy, asked, action).truths].map(([{ id, effect }, { truth }]) => ({
            id,
            effect,
            truth,
          }));
          const effect = truths.find(({ id }) => id === rule)?.effect.kind;
          const fires = (id: string) =>
            truths.some((each) => each.id === id && each.effect.kind === effect && each.truth === "true");
          if (fires(rule ?? "")) expect(by.some(fires)).toBe(true);
        }
      }
    }),
    { numRuns },
  );
  expect(sets_count).toBeGreaterThan(0);
});
