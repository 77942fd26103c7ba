import type { Family, Request } from "@hpl/runtime/facts";
import type { CheckedModule, CheckedPolicy } from "../../3-check/checked.js";
import { openDiagrams } from "../../4-lower/diagram/store.js";
import { defaultDecides, ruleWithoutHit } from "../../diagnostics/catalog.js";
import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import { decide } from "../../reference/evaluate.js";
import { openAtoms } from "../atoms.js";
import { invariantsOf } from "../invariants.js";
import { type Assignment, openUniverse } from "../search.js";
import { shortId } from "../short-id.js";
import { allOf, allowsFor, conditionOfRule, not } from "../verdicts.js";
import { factsOfStatement, type KnownStatement, requestOf } from "../witness.js";

/** Nodes of the diagrams of one module and family. */
const NODES_MAX = 500_000;
/** Statements that are shown of one module. */
const SHOWN_MAX = 6;

/** What a module's default decides because no rule speaks of it, by a few statements. */
export interface Gap {
  readonly module: CheckedModule;
  /** A statement, or the facts of an action that has no text, and who asks. */
  readonly shown: readonly string[];
}

/**
 * What falls to the default of each governing module, shown by statements: for an author who asks, since under `default block`
 * every policy has such. Each was decided by the reference evaluator. Modules without one are left out.
 */
export function findGaps(policy: CheckedPolicy, statements: readonly KnownStatement[]): readonly Gap[] {
  return policy.modules.flatMap((module) => {
    if (module.default === null) return [];
    const shown = module.families.flatMap((family) => shownOf(policy, module, family, statements));
    return shown.length === 0 ? [] : [{ module, shown: shown.slice(0, SHOWN_MAX) }];
  });
}

function shownOf(
  policy: CheckedPolicy,
  module: CheckedModule,
  family: Family,
  statements: readonly KnownStatement[],
): readonly string[] {
  const store = openDiagrams();
  store.allow(NODES_MAX);
  const table = openAtoms(store);
  const spoken = policy.rules.filter(
    ({ effect, families, level }) =>
      (effect.kind === "block" || effect.kind === "approve") && families.includes(family) && level !== "advisory",
  );
  const root = table.diagramOf(
    allOf([
      module.scope,
      invariantsOf(family),
      ...allowsFor(policy, family).map(not),
      ...spoken.map((rule) => not(conditionOfRule(policy, rule))),
    ]),
  );
  const universe = openUniverse(store, table);
  const shown = new Map<string, string>();
  const accept = (statement: KnownStatement | null) => (assignment: Assignment) => {
    const request = requestOf(policy, family, assignment, table, statement);
    if (!isDecidedBy(policy, module, request)) return false;
    shown.set(kindOf(statement, family), describe(statement, request));
    return true;
  };
  for (const statement of statements.filter(({ action }) => action.family === family)) {
    const fixed = factsOfStatement(policy, table, statement);
    if (fixed === null || shown.has(kindOf(statement, family)) || shown.size >= SHOWN_MAX) continue;
    universe.search(root, fixed, accept(statement));
  }
  if (shown.size === 0) universe.search(root, new Map(), accept(null));
  return [...shown.values()];
}

function isDecidedBy(policy: CheckedPolicy, { name }: CheckedModule, request: Request): boolean {
  const { rules } = decide(policy, request, "");
  return rules.some(({ id }) => id === `${name}/default`);
}

/** Of statements of one kind, one is shown. */
function kindOf(statement: KnownStatement | null, family: Family): string {
  if (statement === null || statement.action.opaque) return family;
  const { facts } = statement.action;
  return "kind" in facts ? `${family} ${String(facts.kind)}` : `${family} ${statement.text}`;
}

function describe(statement: KnownStatement | null, { principal, connection, actions: [action] }: Request): string {
  const { kind, groups } = principal;
  const memberships = Array.isArray(groups) && groups.length > 0 ? ` in ${groups.join(", ")}` : "";
  const { env } = connection;
  const where = typeof env === "string" ? `, connection.env ${env}` : "";
  const facts = action === undefined || action.opaque ? {} : telling(action.facts);
  const what = statement?.text ?? `${action?.family} ${JSON.stringify(facts)}`;
  return `\`${what}\` by ${kind === "human" ? "a human" : "an agent or service"}${memberships}${where}`;
}

/** The facts that say something: not those that are empty, off, or about what is known. */
const telling = (facts: object): object =>
  Object.fromEntries(
    Object.entries(facts).filter(
      ([name, value]) => !["complete", "columns_complete"].includes(name) && value !== false && String(value) !== "",
    ),
  );

export const reportGap = ({ module, shown }: Gap): Diagnostic => {
  const verdict = module.default?.verdict ?? "block";
  const found = defaultDecides(module.default?.span ?? module.span, { module: module.name, verdict });
  return { ...found, notes: shown };
};

/** Rules that no `hit` shows: nobody wrote down what they are for. */
export function findRulesWithoutHit({ rules, examples }: CheckedPolicy): readonly Diagnostic[] {
  const shown = new Set(examples.filter(({ expect }) => expect !== "miss").map(({ rule }) => rule));
  const silent = new Map(rules.filter(({ id }) => !shown.has(id)).map((rule) => [rule.id, rule]));
  return [...silent.values()].map((rule) => ({
    ...ruleWithoutHit(rule.span, { rule: shortId(rule) }),
    rule: rule.id,
  }));
}
