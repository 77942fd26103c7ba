/**
 * Analysis: what a policy means for all requests, before there is one.
 *
 * In: a checked policy, and statements that a front end has read. Out: findings about rules, and what became of each proof; a
 * false one comes with a request that shows it. Conditions become the diagrams that the emitter also makes, over their tests
 * as variables; a search walks them with, for each fact, enough values to tell its tests apart, and gives up a branch when no
 * value is left. So "none" is a proof where those values are all there are to tell apart, and else it says that it cannot tell.
 * Every counterexample has been decided by the reference evaluator. It speaks of requests of one action whose facts are known:
 * an unknown is never weaker. Absent: clocks, I/O, solvers, parsing.
 */

import type { CheckedPolicy } from "../3-check/checked.js";
import { falseProof, proofNotDecided } from "../diagnostics/catalog.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { askable } from "./askable.js";
import type { AnalysisCache } from "./cache.js";
import { decideComparison, type LoadPolicy } from "./comparisons.js";
import { diffPolicies, type PolicyDiff } from "./diff.js";
import { type ConnectionFacts, findUngoverned } from "./findings/connections.js";
import { findGaps, findRulesWithoutHit, reportGap } from "./findings/gaps.js";
import { findRuleProblems } from "./findings.js";
import { findWeakPlaces } from "./lints/lints.js";
import { type Counterexample, decideProof } from "./prove.js";
import { type StatementText, statementsFor } from "./statements.js";
import type { KnownStatement } from "./witness.js";

/** Reads a statement; null when there is no front end for it, or it is more than one action. */
export type ReadStatement = (statement: StatementText) => KnownStatement | null;

/** What the caller knows beside the policy, and what it wants to hear. */
export interface AnalysisOptions {
  /** What time it is, in milliseconds since 1970: then exceptions that end too late are told of. */
  readonly now_ms?: number;
  /** Those a gateway is configured with: then the ones that no module governs are told of. */
  readonly connections?: readonly ConnectionFacts[];
  /** Whether to say what falls to the defaults, and which rules no `hit` shows. */
  readonly wantsGaps?: boolean;
  /** Reads the policies that proofs compare this one with. */
  readonly loadPolicy?: LoadPolicy;
  /** What an earlier run over another version of the policy found out. */
  readonly cache?: AnalysisCache;
}

/** All findings of analysis about `policy`, each once. */
export function analyse(
  policy: CheckedPolicy,
  read: ReadStatement,
  { now_ms, connections = [], wantsGaps = false, loadPolicy = cannotLoad, cache }: AnalysisOptions = {},
): readonly Diagnostic[] {
  const found = [
    ...findRuleProblems(policy, cache),
    ...findWeakPlaces(policy, now_ms ?? null),
    ...findUngoverned(policy, connections),
    ...findFalseProofs(policy, read, loadPolicy),
    ...(wantsGaps
      ? [...findGaps(policy, readStatements(policy, read)).map(reportGap), ...findRulesWithoutHit(policy)]
      : []),
  ];
  // An `allow .. after approval` is two rules with one condition, and a `let` is used by many.
  const keyOf = ({ code, message, span }: Diagnostic) => `${code} ${span.file} ${span.start} ${message}`;
  return [...new Map(found.map((each) => [keyOf(each), each])).values()];
}

const readStatements = (policy: CheckedPolicy, read: ReadStatement): readonly KnownStatement[] =>
  statementsFor(policy).flatMap((statement) => read(statement) ?? []);

const cannotLoad: LoadPolicy = () => ({ ok: false, reason: "the other policy is not read here" });

function findFalseProofs(policy: CheckedPolicy, read: ReadStatement, load: LoadPolicy): readonly Diagnostic[] {
  if (policy.proofs.length + policy.comparisons.length === 0) return [];
  const statements = readStatements(policy, read);
  const compared = policy.comparisons.flatMap((each) => decideComparison(policy, each, statements, load));
  const decided = policy.proofs.flatMap((proof): readonly Diagnostic[] => {
    const result = decideProof(policy, proof, statements);
    const name = proof.id.slice(proof.id.indexOf("/") + 1);
    if (result.kind === "true") return [];
    if (result.kind === "cannot tell") return [proofNotDecided(proof.span, { proof: name, reason: result.reason })];
    const { request, text } = result.counterexample;
    const found = falseProof(proof.span, { proof: name, decision: result.counterexample.decision.verdict });
    return [
      { ...found, notes: notesOf(result.counterexample), counterexample: { request: askable(request, text), text } },
    ];
  });
  return [...decided, ...compared];
}

/** The counterexample in words. */
function notesOf({ request, decision, text }: Counterexample): readonly string[] {
  const { principal, connection } = request;
  return [
    ...(text === null ? ["no statement is known that has these facts; see the request"] : [`statement: ${text}`]),
    `principal: ${JSON.stringify(principal)}`,
    `connection: ${JSON.stringify(connection)}`,
    `decision: ${decision.message}`,
  ];
}

/** What `after` decides otherwise than `before`, shown by statements that a front end can read where there are some. */
export function compare(before: CheckedPolicy, after: CheckedPolicy, read: ReadStatement): PolicyDiff {
  const texts = [...statementsFor(before), ...statementsFor(after)];
  const distinct = [...new Map(texts.map((each) => [`${each.family} ${each.text}`, each])).values()];
  return diffPolicies(
    before,
    after,
    distinct.flatMap((statement) => read(statement) ?? []),
  );
}
