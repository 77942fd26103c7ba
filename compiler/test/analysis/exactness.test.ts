import fc from "fast-check";
import { expect, test } from "vitest";
import { type Bool, init, type Context as Z3Context } from "z3-solver";
import type { Comparison, Condition, Constant, FactPath } from "../../src/3-check/checked.js";
import { openDiagrams } from "../../src/4-lower/diagram/store.js";
import { openAtoms } from "../../src/analysis/atoms.js";
import { openUniverse } from "../../src/analysis/search.js";
import { evaluate } from "../../src/reference/condition.js";

// Whether a condition can hold at all, asked three ways: our search, every value of a small domain, and an SMT solver that is
// given numbers for names and truth values for members, and knows nothing of our classes.
const numRuns = Number(process.env.FUZZ_RUNS ?? 150);
const span = { file: 0, start: 0, end: 1 };
const path = (root: string, ...steps: string[]): FactPath => ({ root, steps });

const names = ["a", "b", "c"];
const kinds = ["human", "agent", "service"];
const members = ["read", "write", "drop", "alter"];
const counts = [-2, -1, 0, 1, 2];

const facts = {
  name: path("connection", "name"),
  kind: path("principal", "kind"),
  count: path("session", "counters", "n"),
  effects: path("statement", "effects"),
};

const some = <T extends Constant>(of: readonly T[]) => fc.subarray([...of], { minLength: 1 });
const operators: readonly Comparison[] = ["==", "!=", "<", "<=", ">", ">="];

const atom: fc.Arbitrary<Condition> = fc.oneof(
  some(names).map((values): Condition => ({ kind: "In", path: facts.name, values, span })),
  fc
    .constantFrom(...kinds)
    .map((value): Condition => ({ kind: "Compare", operator: "!=", path: facts.kind, value, span })),
  fc
    .tuple(fc.constantFrom(...operators), fc.constantFrom(-1, 0, 1))
    .map(([operator, value]): Condition => ({ kind: "Compare", operator, path: facts.count, value, span })),
  fc
    .tuple(fc.constantFrom("any" as const, "all" as const), some(members))
    .map(([quantifier, values]): Condition => ({ kind: "Has", quantifier, list: facts.effects, values, span })),
  some(members).map((values): Condition => ({ kind: "Only", list: facts.effects, values, span })),
);

const { condition } = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    atom,
    tie("condition").map((operand): Condition => ({ kind: "Not", operand, span })),
    fc
      .tuple(
        fc.constantFrom("And" as const, "And" as const, "Or" as const),
        fc.array(tie("condition"), { minLength: 2, maxLength: 4 }),
      )
      .map(([kind, operands]): Condition => ({ kind, operands, span })),
  ),
}));

function bySearch(asked: Condition): "found" | "none" | "cannot tell" {
  const store = openDiagrams();
  const table = openAtoms(store);
  const root = table.diagramOf(asked);
  return openUniverse(store, table).search(root).kind;
}

/** Every combination of values: one name and one effect that no condition names stand for all others. */
function byTrying(asked: Condition): boolean {
  const sets = Array.from({ length: 1 << 5 }, (_, bits) => [...members, "lock"].filter((__, i) => (bits >> i) & 1));
  return [...names, "other"].some((name) =>
    kinds.some((kind) =>
      counts.some((n) =>
        sets.some((effects) => {
          const roots = {
            connection: { name },
            principal: { kind },
            session: { counters: { n } },
            statement: { effects },
          };
          return evaluate(asked, { roots, zones: {}, items: [] }) === "true";
        }),
      ),
    ),
  );
}

/** `asked` for the solver. */
function formulaOf(asked: Condition, z3: Z3Context<"main">): Bool<"main"> {
  const { Int, Bool, And, Or, Not } = z3;
  const has = (member: Constant) => Bool.const(`has ${member}`);
  switch (asked.kind) {
    case "Not":
      return Not(formulaOf(asked.operand, z3));
    case "And":
      return And(...asked.operands.map((each) => formulaOf(each, z3)));
    case "Or":
      return Or(...asked.operands.map((each) => formulaOf(each, z3)));
    case "In":
      return Or(...asked.values.map((value) => Int.const("name").eq(names.indexOf(String(value)))));
    case "Compare": {
      if (asked.path === facts.kind) return Int.const("kind").neq(kinds.indexOf(String(asked.value)));
      const [n, bound] = [Int.const("n"), Number(asked.value)];
      const compared = {
        "==": n.eq(bound),
        "!=": n.neq(bound),
        "<": n.lt(bound),
        "<=": n.le(bound),
        ">": n.gt(bound),
        ">=": n.ge(bound),
      };
      return compared[asked.operator];
    }
    case "Has":
      return asked.quantifier === "any" ? Or(...asked.values.map(has)) : And(...asked.values.map(has));
    case "Only": {
      const others = [...members, "none of these"].filter((member) => !asked.values.includes(member));
      return And(Or(...asked.values.map(has)), ...others.map((member) => Not(has(member))));
    }
    default:
      throw new Error(`no formula for ${asked.kind}`);
  }
}

test("a condition can hold exactly when some value of the domain makes it hold, and when a solver says so", async () => {
  const { Context } = await init();
  const z3 = Context("main");
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(condition, async (asked) => {
      const canHold = byTrying(asked);
      seen.add(String(canHold));
      expect(bySearch(asked)).toBe(canHold ? "found" : "none");
      const solver = new z3.Solver();
      const kind = z3.Int.const("kind");
      solver.add(kind.ge(0), kind.lt(kinds.length), formulaOf(asked, z3));
      expect(await solver.check()).toBe(canHold ? "sat" : "unsat");
    }),
    { numRuns },
  );
  expect(seen.size).toBe(2);
});
