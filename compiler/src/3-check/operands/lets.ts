import type { LetItem } from "../../1-parse/ast.js";
import type { ResolvedModule } from "../../2-resolve/resolve.js";
import { conditionTooLarge, recursiveLet } from "../../diagnostics/catalog.js";
import { limits } from "../../source/limits.js";
import type { Span } from "../../source/source-file.js";
import { checkCondition } from "../conditions/condition.js";
import { reportLibraryReads } from "../items/families.js";
import { deeper, type LetMeaning, newSite, type Place, placeIn, type Read, report } from "../site.js";
import { namedOperandOf, type Operand } from "./operand.js";

/**
 * What `item` of `module` stands for, used at `span`. Each `let` is checked once, in its own module, and its condition is
 * shared by all uses. Depth counts from the place of the first use, so that a long chain of `let`s meets the limit of
 * nesting and not the end of the stack.
 */
export function meaningOf(item: LetItem, module: ResolvedModule, user: Place, span: Span): LetMeaning {
  const { checker } = user.site;
  const known = checker.lets.get(item);
  if (known === null) {
    report(user.site, recursiveLet(span, { name: item.name.text }));
    checker.lets.set(item, { kind: "Broken" });
    return { kind: "Broken" };
  }
  if (known !== undefined) return known;
  const inside = deeper(user, span);
  if (inside === null) return { kind: "Broken" };
  checker.lets.set(item, null);
  const site = newSite(checker, module, null, user.site.restricts);
  const meaning = evaluate(item, { ...placeIn(site), depth: inside.depth });
  reportLibraryReads(placeIn(site));
  // Recursion found on the way has marked the item already.
  const settled: LetMeaning = checker.lets.get(item) ?? meaning;
  checker.lets.set(item, settled);
  return settled;
}

function evaluate(item: LetItem, place: Place): LetMeaning {
  const { site } = place;
  const operand = namedOperandOf(item.value, place);
  if (operand !== null) {
    if (operand.kind === "Broken") return { kind: "Broken" };
    if (operand.kind !== "Condition" && !isFlag(operand)) return { kind: "Value" };
    site.reads.length = 0;
    site.tests = 0;
  }
  const condition = checkCondition(item.value, place);
  if (site.tests > limits.condition_tests_max) {
    report(site, conditionTooLarge(item.name.span, {}));
    return { kind: "Broken" };
  }
  return {
    kind: "Condition",
    condition,
    reads: distinct(site.reads),
    tests: site.tests,
    height: site.deepest - place.depth,
  };
}

/** One read a fact: a `let` that uses another twice would otherwise double the list each time. */
const distinct = (reads: readonly Read[]): readonly Read[] => [
  ...new Map(reads.map((read) => [read.text, read])).values(),
];

/** `true` and `false` are conditions. A fact that is true or false is both: it stands for itself where it is used. */
const isFlag = (operand: Operand): boolean => operand.kind === "Constant" && typeof operand.value === "boolean";
