/**
 * Self-test vectors: requests, each with what the policy decided on it where it was built.
 *
 * In: a loaded policy, and the vectors of its bundle. Out: the first that comes out otherwise here. They are the policy's own
 * examples and tests, as facts: no compiler and no parser is needed to ask them again, so that a gateway notices a runtime that
 * would decide otherwise before one statement is decided by it. Compared is what is enforced; messages may be worded anew.
 */
import type { Decision, Policy, Request } from "@hpl/runtime";

/** What of a decision is enforced. */
export type VectorDecision = Pick<Decision, "verdict" | "obligations" | "complete"> & {
  readonly rules: readonly Pick<Decision["rules"][number], "id" | "effect" | "certainty">[];
};

export interface Vector {
  readonly request: Request;
  readonly decision: VectorDecision;
}

/** Vectors of one bundle: each costs a decision on new facts, so that all of them take well under a second. */
export const vectorsMax = 2_000;

const decisionIn = ({ verdict, rules, obligations, complete }: Decision): VectorDecision => ({
  verdict,
  rules: rules.map(({ id, effect, certainty }) => ({ id, effect, certainty })),
  obligations,
  complete,
});

/** The vector of `request`, as it reads after a journey as JSON. */
export function vectorOf(policy: Policy, request: Request): Vector {
  const travelled: Request = JSON.parse(JSON.stringify(request));
  return { request: travelled, decision: decisionIn(policy.decide(travelled)) };
}

/** What is wrong with `vectors`, asked again of `policy`; null when all come out the same. Never throws. */
export function failedVector(policy: Policy, vectors: unknown): string | null {
  if (!Array.isArray(vectors)) return "it has no self-test vectors";
  if (vectors.length > vectorsMax) return `it has more than ${vectorsMax} self-test vectors`;
  const at = vectors.findIndex((vector) => !isAsRecorded(policy, vector));
  return at < 0 ? null : `its module does not decide as recorded: self-test vector ${at + 1} of ${vectors.length}`;
}

function isAsRecorded(policy: Policy, vector: Partial<Vector> | null): boolean {
  if (typeof vector?.request !== "object" || vector.request === null) return false;
  try {
    return JSON.stringify(decisionIn(policy.decide(vector.request))) === JSON.stringify(vector.decision);
  } catch {
    return false; // The evaluator is total on requests; this is none.
  }
}
