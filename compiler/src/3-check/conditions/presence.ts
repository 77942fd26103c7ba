import type { Condition, FactPath } from "../checked.js";

/**
 * Which optional facts are certainly present, by what the condition around them says. `x is present and x > 5` reads `x`
 * only where it is present; so does `x is absent or x > 5`. Paths are relative to the quantifiers they stand in.
 */
export function isGuarded(path: FactPath, present: readonly FactPath[]): boolean {
  return present.some((guard) => isSamePath(path, guard));
}

/** Facts present wherever `condition` holds. */
export function presentWhenTrue(condition: Condition): readonly FactPath[] {
  switch (condition.kind) {
    case "IsPresent":
      return [condition.path];
    case "And":
      return condition.operands.flatMap(presentWhenTrue);
    case "Not":
      return presentWhenFalse(condition.operand);
    default:
      return [];
  }
}

/** Facts present wherever `condition` does not hold. */
export function presentWhenFalse(condition: Condition): readonly FactPath[] {
  switch (condition.kind) {
    case "Or":
      return condition.operands.flatMap(presentWhenFalse);
    case "Not":
      return presentWhenTrue(condition.operand);
    default:
      return [];
  }
}

/** `paths` as they read one quantifier further in. */
export const insideQuantifier = (paths: readonly FactPath[]): readonly FactPath[] =>
  paths.map(({ root, steps }) => ({ root: typeof root === "string" ? root : { item: root.item + 1 }, steps }));

export function isSamePath(a: FactPath, b: FactPath): boolean {
  const isSameRoot =
    typeof a.root === "string" || typeof b.root === "string" ? a.root === b.root : a.root.item === b.root.item;
  return isSameRoot && a.steps.length === b.steps.length && a.steps.every((step, i) => b.steps[i] === step);
}
