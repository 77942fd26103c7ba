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
import type { Request } from "@hpl/runtime/facts";
import type { CheckedPolicy } from "../3-check/checked.js";
import { falseProof, proofNotDecided } from "../diagnostics/catalog.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { diffPolicies, type PolicyDiff } from "./diff.js";
import { findRuleProblems } from "./findings.js";
import { type Counterexample, decideProof } from "./prove.js";
import { type StatementText, statementsFor } from "./statements.js";
import type { KnownStatement } from "./witness.js";

/** Reads a statement; null when there is no front end for it, or it is more than one action. */
export type ReadStatement = (statement: StatementText) => KnownStatement | null;

/** All findings of analysis about `policy`. */
export function analyse(policy: CheckedPolicy, read: ReadStatement): readonly Diagnostic[] {
  return [...findRuleProblems(policy), ...findFalseProofs(policy, read)];
}

function findFalseProofs(policy: CheckedPolicy, read: ReadStatement): readonly Diagnostic[] {
  if (policy.proofs.length === 0) return [];
  const statements = statementsFor(policy).flatMap((statement) => read(statement) ?? []);
  return policy.proofs.flatMap((proof): readonly Diagnostic[] => {
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

/** As `hpl eval --request` takes it. */
export function askable({ principal, connection, session, now, actions }: Request, text: string | null): object {
  const [action] = actions;
  if (action === undefined || action.opaque) return { principal, connection, session, now };
  const asked =
    text === null
      ? { [action.family]: action.facts }
      : action.family === "sql"
        ? { sql: { dialect: "postgres", text } }
        : { shell: { text } };
  return { id: "counterexample", principal, connection, session, now, action: asked };
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
