import type { CheckedComparison, CheckedPolicy } from "../3-check/checked.js";
import { falseProof, proofNotDecided } from "../diagnostics/catalog.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { askable } from "./askable.js";
import { type ChangedRegion, diffPolicies } from "./diff.js";
import { shortId } from "./short-id.js";
import type { KnownStatement } from "./witness.js";

/** Reads the policy at `path`, written in the file `from`; the reason why not, where it cannot be read. */
export type LoadPolicy = (
  path: string,
  from: string,
) => { readonly ok: true; readonly policy: CheckedPolicy } | { readonly ok: false; readonly reason: string };

/**
 * `this at_least_as_strict_as bundle ..`: no request of one known action gets a weaker verdict, or the same with less asked for,
 * than the other policy gives. A difference of which neither side is the stricter one counts as weaker. False with the request
 * that shows it; where something could neither be shown nor ruled out, it cannot be told.
 */
export function decideComparison(
  policy: CheckedPolicy,
  comparison: CheckedComparison,
  statements: readonly KnownStatement[],
  load: LoadPolicy,
): readonly Diagnostic[] {
  const proof = shortId(comparison);
  const other = load(comparison.path, comparison.from);
  const undecided = (reason: string) => [proofNotDecided(comparison.span, { proof, reason })];
  if (!other.ok) return undecided(other.reason);
  const diff = diffPolicies(other.policy, policy, statements);
  const [weaker] = diff.regions.filter(({ change }) => change !== "stricter");
  if (weaker !== undefined) return [falseWith(comparison, proof, weaker)];
  const [unknown] = diff.undecided;
  if (unknown !== undefined) return undecided(unknown.reason);
  const [silent] = diff.unseen;
  return silent === undefined ? [] : undecided(`\`${silent}\` changed, and no request was found that shows how`);
}

function falseWith({ span }: CheckedComparison, proof: string, region: ChangedRegion): Diagnostic {
  const { before, after, request, text } = region;
  const notes = [
    text === null ? "no statement is known that has these facts; see the request" : `statement: ${text}`,
    `principal: ${JSON.stringify(request.principal)}`,
    `connection: ${JSON.stringify(request.connection)}`,
    `before: ${before.message}`,
    `now: ${after.message}`,
  ];
  const found = falseProof(span, { proof, decision: after.verdict });
  return { ...found, notes, counterexample: { request: askable(request, text), text } };
}
