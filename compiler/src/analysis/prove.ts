import type { Decision } from "@hpl/runtime/abi";
import { type Action, type Family, familyOfRoot, type Request } from "@hpl/runtime/facts";
import type { CheckedPolicy, CheckedProof, Condition } from "../3-check/checked.js";
import { openDiagrams } from "../4-lower/diagram/store.js";
import { evaluate } from "../reference/condition.js";
import { decide } from "../reference/evaluate.js";
import { judge } from "../reference/judge.js";
import { approvalClaims } from "./approval-claims.js";
import { factsIn, openAtoms } from "./atoms.js";
import { claimHolds, verdictClaim } from "./claims.js";
import { invariantsOf } from "./invariants.js";
import { openUniverse, type SearchResult } from "./search.js";
import { allOf, always, conditionOfRule, not, verdictsOf } from "./verdicts.js";
import { factsOfStatement, type KnownStatement, requestOf } from "./witness.js";

/** What is known of a proof. */
export type ProofResult =
  | { readonly kind: "true" }
  | { readonly kind: "false"; readonly counterexample: Counterexample }
  | { readonly kind: "cannot tell"; readonly reason: string };

export interface Counterexample {
  readonly request: Request;
  readonly decision: Decision;
  /** The statement, where one is known that has these facts. */
  readonly text: string | null;
}

/** Nodes of the diagram of one proof. */
const PROOF_NODES_MAX = 200_000;

/**
 * Decides `proof` for requests of one action whose facts are known. False: the counterexample was decided by the reference
 * evaluator, and the claim does not hold of that decision. True: no combination of values that the policy tells apart
 * contradicts it, and all of them were told apart exactly; what a mask refuses besides could only be stricter.
 */
export function decideProof(
  policy: CheckedPolicy,
  proof: CheckedProof,
  statements: readonly KnownStatement[],
): ProofResult {
  const results = familiesOf(policy, proof).map((family) => decideForFamily(policy, proof, family, statements));
  return (
    results.find(({ kind }) => kind === "false") ??
    results.find(({ kind }) => kind === "cannot tell") ?? { kind: "true" }
  );
}

/** Those that the condition reads, else all that the policy speaks of. */
function familiesOf({ modules }: CheckedPolicy, { when }: CheckedProof): readonly Family[] {
  const read = factsIn(when).flatMap(({ root }) => familyOfRoot(String(root)) ?? []);
  return [...new Set(read.length > 0 ? read : modules.flatMap(({ families }) => families))];
}

function decideForFamily(
  policy: CheckedPolicy,
  proof: CheckedProof,
  family: Family,
  statements: readonly KnownStatement[],
): ProofResult {
  const store = openDiagrams();
  store.allow(PROOF_NODES_MAX);
  const table = openAtoms(store);
  const verdicts = verdictsOf(policy, family);
  const claim = verdictClaim(proof.claim, verdicts, approvalClaims(policy, family, verdicts));
  const wrong = claim === null ? [] : [proof.quantifier === "always" ? not(claim) : claim];
  const assumed = allOf([invariantsOf(family), ...policy.assumptions.map(({ condition }) => condition), proof.when]);
  const root = table.diagramOf(allOf([...wrong, assumed]));
  const leads =
    claim === null ? leadsOf(policy, family).map((lead) => table.diagramOf(allOf([lead, assumed]))) : [root];
  const universe = openUniverse(store, table);
  let counterexample: Counterexample | null = null;
  const contradicts = (statement: KnownStatement | null) => (assignment: ReadonlyMap<string, unknown>) => {
    const request = requestOf(policy, family, assignment, table, statement);
    const decision = decide(policy, request, "");
    if (!isContradiction(policy, proof, request, decision)) return false;
    counterexample = { request, decision, text: statement?.text ?? null };
    return true;
  };
  const found = (): ProofResult | null => counterexample && { kind: "false", counterexample };
  for (const statement of statements.filter(({ action }) => action.family === family)) {
    const fixed = factsOfStatement(policy, table, statement);
    for (const lead of fixed === null ? [] : leads) universe.search(lead, fixed ?? undefined, contradicts(statement));
    const result = found();
    if (result !== null) return result;
  }
  const searched = leads.map((lead) => universe.search(lead, new Map(), contradicts(null))).at(-1) ?? { kind: "none" };
  return found() ?? conclude(policy, proof, family, claim === null, searched, universe.search(root));
}

/** Where to look for what contradicts a claim about masks: where each of its tiers counts, where a mask does not fire, and anywhere. */
function leadsOf(policy: CheckedPolicy, family: Family): readonly Condition[] {
  const passes = not(verdictsOf(policy, family).isBlocked);
  const masks = policy.rules.flatMap((rule) => {
    if (rule.effect.kind !== "mask") return [];
    const fires = conditionOfRule(policy, rule);
    return [...rule.effect.mask.tiers.map(({ condition }) => allOf([fires, condition])), not(fires)];
  });
  return [...masks.map((lead) => allOf([lead, passes])), passes, always];
}

/** `abstract` is what the search said that accepts every assignment. */
function conclude(
  policy: CheckedPolicy,
  proof: CheckedProof,
  family: Family,
  isConcrete: boolean,
  searched: SearchResult,
  abstract: SearchResult,
): ProofResult {
  if (isConcrete && abstract.kind !== "none")
    return {
      kind: "cannot tell",
      reason: "what it says of masks, or of very many people, can be refuted, and not be proved",
    };
  if (abstract.kind === "found")
    return { kind: "cannot tell", reason: "no request was found that has the facts which would contradict it" };
  if (abstract.kind === "cannot tell") return abstract;
  if (searched.kind === "cannot tell") return searched;
  const hasMasks = family === "sql" && policy.rules.some(({ effect }) => effect.kind === "mask");
  if (hasMasks && !isBlockFine(proof))
    return { kind: "cannot tell", reason: "masks may refuse a statement besides what the rules decide" };
  return { kind: "true" };
}

/** Whether a decision that turned out block instead could not contradict the proof. */
function isBlockFine({ claim, quantifier }: CheckedProof): boolean {
  const blocked = claimHolds(claim, { verdict: "block", obligations: [], rules: [] }, []);
  return blocked !== null && blocked === (quantifier === "always");
}

function isContradiction(policy: CheckedPolicy, proof: CheckedProof, request: Request, decision: Decision): boolean {
  const [action] = request.actions;
  if (action === undefined || !isMet(policy, [proof.when, ...assumptionsOf(policy)], request, action)) return false;
  const holds = claimHolds(proof.claim, decision, policy.labels);
  return holds !== null && holds !== (proof.quantifier === "always");
}

const assumptionsOf = ({ assumptions }: CheckedPolicy): readonly Condition[] =>
  assumptions.map(({ condition }) => condition);

function isMet(policy: CheckedPolicy, conditions: readonly Condition[], request: Request, action: Action): boolean {
  const { scope } = judge(policy, request, action);
  return conditions.every((condition) => evaluate(condition, scope) === "true");
}
