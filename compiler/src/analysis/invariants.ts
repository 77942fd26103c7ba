import type { Family } from "@hpl/runtime/facts";
import type { Condition, FactPath } from "../3-check/checked.js";
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
  allOf(invariants.filter((each) => each.family === family).map((each) => anyOf([not(each.if), each.implies])));
