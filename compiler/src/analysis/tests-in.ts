import type { Condition, FactPath } from "../3-check/checked.js";

/** A single test of a condition, and the lists that its items are of, innermost first. */
export interface PlacedTest {
  readonly test: Condition;
  readonly lists: readonly FactPath[];
}

/** The single tests of `condition`, in order; those on items of lists too. */
export function* testsIn(condition: Condition, lists: readonly FactPath[] = []): Generator<PlacedTest> {
  switch (condition.kind) {
    case "And":
    case "Or":
      for (const operand of condition.operands) yield* testsIn(operand, lists);
      return;
    case "Not":
      yield* testsIn(condition.operand, lists);
      return;
    case "Quantified":
      yield { test: condition, lists };
      yield* testsIn(condition.body, [condition.list, ...lists]);
      return;
    default:
      yield { test: condition, lists };
  }
}

const common: ReadonlySet<unknown> = new Set(["principal", "session", "connection", "now"]);

/** Whether `condition` reads the action itself, and not only who asks, where and when. */
export function readsAction(condition: Condition): boolean {
  for (const { test } of testsIn(condition)) {
    const roots = rootsRead(test).filter((root) => typeof root === "string");
    if (roots.some((root) => !common.has(root))) return true;
  }
  return false;
}

function rootsRead(test: Condition): readonly FactPath["root"][] {
  switch (test.kind) {
    case "CompareFacts":
      return [test.left.root, test.right.root];
    case "Has":
    case "Only":
    case "Quantified":
      return [test.list.root];
    case "IsTrue":
    case "Compare":
    case "In":
    case "Like":
    case "Matches":
    case "InCidr":
    case "IsPresent":
      return [test.path.root];
    default:
      return [];
  }
}
