import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { expect, test } from "vitest";
import { decisionOf } from "../../test/opa/requests.js";
import { type Decision, type Obligation, verdicts } from "../abi/decision.js";
import type { RegoAnswer, RegoResult } from "./answer.js";
import { joinRego } from "./join.js";

const schema = JSON.parse(readFileSync(new URL("../../../spec/decision.schema.json", import.meta.url), "utf8"));
const isDecision = new Ajv2020({ strict: false }).compile(schema);
const actionsCount = 2;
const context = { entrypoint: "authz/allow", actionsCount, binding: "both" };

const action = fc.nat(actionsCount - 1);
const amount = fc.option(fc.nat(5), { nil: undefined });
const limit = fc
  .record({ action, rows: amount, time_ms: amount, bytes: amount })
  .filter(({ rows, time_ms, bytes }) => [rows, time_ms, bytes].some((each) => each !== undefined))
  .map((each): Obligation & { type: "limit" } => JSON.parse(JSON.stringify({ type: "limit", ...each })));
const approval = fc.record({
  all: fc.array(fc.record({ group: fc.constantFrom("dba", "sec"), count: fc.integer({ min: 1, max: 3 }) }), {
    minLength: 1,
    maxLength: 2,
  }),
  within_s: fc.integer({ min: 1, max: 100 }),
});
const mask = action.map(
  (index): Obligation => ({
    type: "mask",
    action: index,
    index: 0,
    name: "e",
    source: [],
    transform: "redact",
    rule: "m/r",
  }),
);
const own: fc.Arbitrary<Obligation> = fc.oneof(
  mask,
  limit,
  fc.tuple(action, approval).map(([i, each]): Obligation => ({ type: "approval", action: i, ...each, binding: "hpl" })),
);

const decision: fc.Arbitrary<Decision> = fc
  .tuple(fc.constantFrom(...verdicts), fc.array(own, { maxLength: 4 }), fc.boolean())
  .map(([verdict, obligations, complete]) => {
    const kept = obligations.filter(
      ({ type }) => verdict !== "block" && (type !== "approval" || verdict === "approve"),
    );
    return decisionOf(verdict, kept, { complete });
  });

const answer: fc.Arbitrary<RegoAnswer> = fc
  .record({
    verdict: fc.constantFrom(...verdicts),
    reasons: fc.array(fc.constantFrom("a", "b"), { maxLength: 2 }),
    approval,
    limits: fc.array(limit, { maxLength: 3 }),
    even_if_incomplete: fc.boolean(),
  })
  .map((each) => (each.verdict === "approve" ? each : { ...each, approval: null }));

const result: fc.Arbitrary<RegoResult> = fc.oneof(
  { weight: 9, arbitrary: answer.map((own): RegoResult => ({ kind: "answer", answer: own })) },
  { weight: 1, arbitrary: fc.constant<RegoResult>({ kind: "failure", why: "trap" }) },
);

const strictness = (verdict: Decision["verdict"]): number => verdicts.indexOf(verdict);
const hold = (check: (before: Decision, asked: RegoResult, after: Decision) => void): void =>
  fc.assert(
    fc.property(decision, result, (before, asked) => {
      check(before, asked, joinRego(before, asked, context));
    }),
  );

test("the join is a decision, and never weaker than either part", () => {
  hold((before, asked, after) => {
    expect(isDecision(after), JSON.stringify(isDecision.errors)).toBe(true);
    const regoVerdict = asked.kind === "failure" ? "block" : asked.answer.verdict;
    expect(strictness(after.verdict)).toBeGreaterThanOrEqual(strictness(before.verdict));
    expect(strictness(after.verdict)).toBeGreaterThanOrEqual(strictness(regoVerdict));
  });
});

test("an allow of both is an allow, where HPL knows all of it", () => {
  hold((before, asked, after) => {
    const isAllowed = asked.kind === "answer" && asked.answer.verdict === "allow" && before.complete;
    if (isAllowed) expect(after.verdict).toBe(before.verdict);
  });
});

test("no obligation gets lost, and none weaker", () => {
  hold((before, asked, after) => {
    if (after.verdict === "block") return expect(after.obligations).toEqual([]);
    const more = asked.kind === "answer" ? asked.answer : null;
    expect(after.obligations.filter(({ type }) => type === "mask").length).toBe(
      before.obligations.filter(({ type }) => type === "mask").length,
    );
    for (const limited of [...before.obligations, ...(more?.limits ?? [])].filter(({ type }) => type === "limit")) {
      const joined = after.obligations.filter((each) => each.type === "limit" && each.action === limited.action);
      expect(joined).toHaveLength(1);
      for (const name of ["rows", "time_ms", "bytes"] as const)
        if (name in limited)
          expect(Number(Reflect.get(joined[0] ?? {}, name))).toBeLessThanOrEqual(Number(Reflect.get(limited, name)));
    }
    const asks = after.obligations.filter((each) => each.type === "approval");
    expect(asks.every(({ binding }) => binding === "both")).toBe(true);
    if (more?.approval === null || more === null) return;
    for (let i = 0; i < actionsCount; i++) {
      const mine = asks.find((each) => each.action === i);
      expect(mine?.within_s).toBeLessThanOrEqual(more.approval.within_s);
      for (const { group, count } of more.approval.all)
        expect(mine?.all.find((each) => each.group === group)?.count ?? 0).toBeGreaterThanOrEqual(count);
    }
  });
});

test("whoever is stricter has the word, and HPL when both are", () => {
  hold((before, asked, after) => {
    if (after.verdict === before.verdict) expect([after.message, after.fix]).toEqual([before.message, before.fix]);
    else expect(after.message).toContain("the Rego policy `authz/allow`");
    if (asked.kind === "answer" && asked.answer.verdict !== "allow")
      expect(after.reasons).toContain("rego/authz/allow");
    expect(new Set(after.reasons).size).toBe(after.reasons.length);
  });
});
