import type { CheckedPolicy, CheckedRule } from "../3-check/checked.js";
import { type DiagramStore, type NodeId, openDiagrams, TOO_LARGE, variablesBelow } from "../4-lower/diagram/store.js";
import { neverFires, shadowedRule } from "../diagnostics/catalog.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { openAtoms } from "./atoms.js";
import { invariantsOf } from "./invariants.js";
import { openUniverse, type Universe } from "./search.js";
import { allOf, conditionOfRule } from "./verdicts.js";

/** Nodes of the diagrams of all rules of a policy. */
const NODES_MAX = 500_000;
/** Pairs of rules that are compared. */
const PAIRS_MAX = 50_000;

/** A rule and the condition under which it does anything. */
interface Studied {
  readonly rule: CheckedRule;
  readonly root: NodeId;
}

/**
 * Rules that can never fire, and restrictions that another one makes superfluous. Of known facts, and only what is certain:
 * what cannot be told is not said. O(rules + pairs that ask alike).
 */
export function findRuleProblems(policy: CheckedPolicy): readonly Diagnostic[] {
  const store = openDiagrams();
  store.allow(NODES_MAX);
  const table = openAtoms(store);
  const studied = policy.rules.map((rule): Studied => {
    const [family] = rule.families;
    const known = family === undefined ? [] : [invariantsOf(family)];
    return { rule, root: table.diagramOf(allOf([conditionOfRule(policy, rule), ...known])) };
  });
  const universe = openUniverse(store, table, new Map());
  const never = studied.filter(({ root }) => root !== TOO_LARGE && universe.search(root).kind === "none");
  const alive = studied.filter((each) => !never.includes(each) && each.root !== TOO_LARGE);
  return [
    ...never.map(({ rule }) => ({ ...neverFires(rule.span, { rule: shortId(rule) }), rule: rule.id })),
    ...findShadowed(store, universe, alive),
  ];
}

const shortId = ({ id }: CheckedRule): string => id.slice(id.indexOf("/") + 1);

/** Of two restrictions that do the same, the one that fires only where the other does. */
function findShadowed(store: DiagramStore, universe: Universe, rules: readonly Studied[]): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  let pairs_count = 0;
  const rulesAsking = byLastQuestion(store, rules);
  for (const narrow of rules) {
    // Only a rule that asks nothing else can fire wherever this one does, but for chance.
    const asked = new Set(variablesBelow(store, narrow.root));
    const alike = [...asked].flatMap((variable) => rulesAsking.get(variable) ?? []);
    const wide = alike.find((other) => {
      if (other === narrow || !doesTheSame(narrow.rule, other.rule) || pairs_count >= PAIRS_MAX) return false;
      if (!variablesBelow(store, other.root).every((variable) => asked.has(variable))) return false;
      pairs_count++;
      const rest = store.and(narrow.root, store.not(other.root));
      const isInside = universe.search(rest).kind === "none";
      // Of two that fire on the very same, the later one is superfluous.
      const isSame = isInside && universe.search(store.and(other.root, store.not(narrow.root))).kind === "none";
      return isInside && (!isSame || narrow.rule.id > other.rule.id);
    });
    if (wide !== undefined) {
      const params = { rule: shortId(narrow.rule), by: wide.rule.id };
      found.push({ ...shadowedRule(narrow.rule.span, params), rule: narrow.rule.id });
    }
  }
  return found;
}

/** Rules by the last variable they ask: of two that ask the same, it is the one that fewest others ask. */
function byLastQuestion(store: DiagramStore, rules: readonly Studied[]): ReadonlyMap<number, readonly Studied[]> {
  const byVariable = new Map<number, Studied[]>();
  for (const each of rules) {
    const last = Math.max(...variablesBelow(store, each.root));
    byVariable.set(last, [...(byVariable.get(last) ?? []), each]);
  }
  return byVariable;
}

/** Only blocks and plain allows: of approvals, masks and limits, two say more than one. */
function doesTheSame(a: CheckedRule, b: CheckedRule): boolean {
  if (a.effect.kind !== b.effect.kind || a.level === "advisory" || b.level === "advisory") return false;
  if (a.onUnknown !== "restrict" || b.onUnknown !== "restrict") return false;
  if (!a.families.every((family) => b.families.includes(family))) return false;
  if (a.effect.kind === "block") return true;
  if (a.effect.kind !== "allow" || b.effect.kind !== "allow") return false;
  return a.module === b.module && a.effect.evenIfIncomplete === b.effect.evenIfIncomplete;
}
