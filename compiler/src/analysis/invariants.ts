import type { Family } from "@hpl/runtime/facts";
import type { Condition, FactPath } from "../3-check/checked.js";
import { factsIn, keyOfFact } from "./atoms.js";
import { allOf, anyOf, not } from "./verdicts.js";

/** What holds of the facts of every action, whoever asks. Tests hold the front ends to it. */
export interface Invariant {
  readonly family: Family;
  readonly if: Condition;
  readonly implies: Condition;
  readonly why: string;
}

const span = { file: 0, start: 0, end: 0 };
const path = (root: string, step: string): FactPath => ({ root, steps: [step] });

const kindIs = (...values: readonly string[]): Condition => ({
  kind: "In",
  path: path("statement", "kind"),
  values,
  span,
});
const hasEffect = (...values: readonly string[]): Condition => ({
  kind: "Has",
  quantifier: "any",
  list: path("statement", "effects"),
  values,
  span,
});
const changesRows: Condition = {
  kind: "Quantified",
  quantifier: "any",
  list: path("statement", "targets"),
  body: { kind: "Constant", value: true, span },
  span,
};

const sql = (premise: Condition, implies: Condition, why: string): Invariant => ({
  family: "sql",
  if: premise,
  implies,
  why,
});

export const invariants: readonly Invariant[] = [
  sql(kindIs("drop"), hasEffect("drop"), "DROP drops."),
  sql(kindIs("truncate"), hasEffect("truncate"), "TRUNCATE truncates."),
  sql(kindIs("grant"), hasEffect("grant"), "GRANT and REVOKE change rights."),
  sql(kindIs("alter"), hasEffect("alter"), "ALTER alters."),
  sql(kindIs("insert", "update", "delete"), hasEffect("write"), "A change of rows writes."),
  sql(changesRows, hasEffect("write"), "Whoever has a target writes."),
];

/** The invariants of a family as one condition. */
export const invariantsOf = (family: Family): Condition =>
  allOf(invariants.filter((each) => each.family === family).map(conditionOf));

/**
 * The invariants that can make a difference to whether `conditions` hold: those that tie a fact they read to another one. Of the
 * rest one side is free. No fact that one invariant implies is what another one starts from, so that there are no chains.
 */
export function invariantsAbout(family: Family, conditions: readonly Condition[]): readonly Invariant[] {
  const read = new Set(conditions.flatMap(factsOf));
  return invariants.filter(
    (each) =>
      each.family === family &&
      factsOf(each.if).some((fact) => read.has(fact)) &&
      factsOf(each.implies).some((fact) => read.has(fact)),
  );
}

const known = new WeakMap<Condition, readonly string[]>();

function factsOf(condition: Condition): readonly string[] {
  const facts = known.get(condition) ?? [...new Set(factsIn(condition).map(keyOfFact))];
  known.set(condition, facts);
  return facts;
}

const conditions = new WeakMap<Invariant, Condition>();

/** Always the same condition for one invariant. */
export function conditionOf(each: Invariant): Condition {
  const condition = conditions.get(each) ?? anyOf([not(each.if), each.implies]);
  conditions.set(each, condition);
  return condition;
}
