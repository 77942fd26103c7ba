import type { Family } from "@hpl/runtime/facts";
import fc from "fast-check";
import type { Condition, FactPath } from "../../src/3-check/checked.js";
import { condition, glob } from "./conditions.js";
import { word } from "./facts.js";

// Conditions as large policies have them: many demands on the items of few lists, many names, globs and numbers of few facts.
const span = { file: 0, start: 0, end: 1 };
const path = (root: FactPath["root"], ...steps: string[]): FactPath => ({ root, steps });
const item = (...steps: string[]): FactPath => path({ item: 0 }, ...steps);

const not = (of: fc.Arbitrary<Condition>) => of.map((operand): Condition => ({ kind: "Not", operand, span }));

const named = (at: FactPath): fc.Arbitrary<Condition> =>
  fc.oneof(
    word.map((value): Condition => ({ kind: "Compare", operator: "==", path: at, value, span })),
    fc.array(word, { minLength: 1, maxLength: 4 }).map((values): Condition => ({ kind: "In", path: at, values, span })),
    fc.array(glob, { minLength: 1, maxLength: 3 }).map((globs): Condition => ({ kind: "Like", path: at, globs, span })),
  );

const several = (of: fc.Arbitrary<Condition>): fc.Arbitrary<Condition> =>
  fc
    .tuple(fc.constantFrom("And" as const, "And" as const, "Or" as const), fc.array(of, { minLength: 1, maxLength: 3 }))
    .map(([kind, operands]): Condition => ({ kind, operands, span }));

const anyOf = (list: FactPath, body: fc.Arbitrary<Condition>): fc.Arbitrary<Condition> =>
  fc
    .tuple(fc.constantFrom("any" as const, "any" as const, "all" as const, "all" as const, "no" as const), body)
    .map(([quantifier, own]): Condition => ({ kind: "Quantified", quantifier, list, body: own, span }));

const holdsAny = (list: FactPath, values: readonly string[]): fc.Arbitrary<Condition> =>
  fc
    .subarray([...values], { minLength: 1, maxLength: 2 })
    .map((own): Condition => ({ kind: "Has", quantifier: "any", list, values: own, span }));

const counted: fc.Arbitrary<Condition> = fc
  .tuple(fc.constantFrom("==", "!=", "<", "<=", ">", ">=") as fc.Arbitrary<"==">, fc.integer({ min: -2, max: 2 }))
  .map(([operator, value]): Condition => {
    return { kind: "Compare", operator, path: path("session", "counters", "pci"), value, span };
  });

const changed = fc
  .constantFrom("insert", "update", "delete")
  .map((value): Condition => ({ kind: "Compare", operator: "==", path: item("change"), value, span }));

const statementDemand = fc.oneof(
  anyOf(path("statement", "relations"), several(fc.oneof(named(item("name")), named(item("schema"))))),
  anyOf(path("statement", "targets"), several(fc.oneof(named(item("relation")), changed, not(changed)))),
  // What stands beside the item may be as long as it likes.
  anyOf(path("statement", "relations"), several(fc.oneof(named(item("name")), named(path("connection", "name"))))),
  holdsAny(path("statement", "effects"), ["read", "write", "drop", "alter"]),
  fc
    .subarray(["read", "write", "drop", "alter"], { minLength: 1 })
    .map((values): Condition => ({ kind: "Only", list: path("statement", "effects"), values, span })),
);

const anyDemand = fc.oneof(
  named(path("connection", "name")),
  named(path("connection", "database")),
  holdsAny(path("principal", "groups"), ["a", "b", "ab", "s.t.email"]),
  counted,
);

/** A condition over the facts of `family`. */
export function crowdedCondition(family: Family): fc.Arbitrary<Condition> {
  const demand = family === "sql" ? fc.oneof(statementDemand, statementDemand, anyDemand) : anyDemand;
  return fc.oneof(
    {
      weight: 6,
      arbitrary: several(fc.oneof({ weight: 4, arbitrary: demand }, { weight: 1, arbitrary: not(demand) })),
    },
    { weight: 1, arbitrary: condition(family, 1) },
  );
}
