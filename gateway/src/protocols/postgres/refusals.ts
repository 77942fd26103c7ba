/** What a client is told when a statement does not run: protocol-native errors with rule, reason and hint. Pure texts. */
import { decidingRule } from "@hpl/runtime";
import type { Hold, Judgement } from "../../session/enforcement.js";
import type { ReportFields } from "./server-messages.js";

/** SQLSTATE of every refusal by policy: insufficient_privilege. */
export const refusedByPolicy = "42501";

const error = (code: string, message: string, more: { detail?: string; hint?: string } = {}): ReportFields => ({
  severity: "ERROR",
  code,
  message,
  ...more,
});

export function blocked(judgement: Judgement): ReportFields {
  const { decision, decision_id } = judgement;
  const rule = decision.code === undefined ? decidingRule(decision) : undefined;
  const place = rule === undefined ? "" : ` at ${rule.span.file}:${rule.span.line}:${rule.span.character}`;
  const unsure = decision.complete ? "" : `; not certain: ${decision.reasons.join(", ")}`;
  return error(refusedByPolicy, `${rule?.id ?? decision.code ?? "policy"}: ${decision.message}`, {
    detail: `Decision ${decision_id}${place}${unsure}.`,
    ...(decision.fix === undefined ? {} : { hint: decision.fix }),
  });
}

export const auditUnavailable = (): ReportFields =>
  error("58030", "the audit log cannot be written", {
    hint: "Nothing runs until it can. Tell whoever runs the gateway.",
  });

const approvers = (hold: Hold): string => hold.needs.map(({ group, count }) => `${count} of ${group}`).join(" and ");

/** The notice to a client that waits. */
export function waiting(hold: Hold, judgement: Judgement): ReportFields {
  return {
    severity: "NOTICE",
    code: "00000",
    message: `waiting for approval ${hold.approval}: ${judgement.decision.message}`,
    detail: `Needs ${approvers(hold)} within ${hold.within_s} seconds.`,
    hint: `To decide: hpl approvals approve ${hold.approval} (${hold.address}). To give up: cancel the statement.`,
  };
}

export const stillWaiting = (hold: Hold): ReportFields => ({
  severity: "NOTICE",
  code: "00000",
  message: `still waiting for approval ${hold.approval}`,
});

/** The error to a client that does not wait: the approval stays open. */
export function approvalPending(hold: Hold, judgement: Judgement): ReportFields {
  return error(refusedByPolicy, `approval ${hold.approval} is needed: ${judgement.decision.message}`, {
    detail: `Needs ${approvers(hold)} within ${hold.within_s} seconds.`,
    hint: `After hpl approvals approve ${hold.approval} (${hold.address}), send the same statement again.`,
  });
}

export const holdInTransaction = (judgement: Judgement): ReportFields =>
  error(refusedByPolicy, `approval is needed, and a transaction cannot wait for it: ${judgement.decision.message}`, {
    detail: "An open transaction keeps its locks while people decide.",
    hint: "Send the statement by itself, outside of a transaction.",
  });

export const holdEnded = (approval: string, message: string): ReportFields =>
  error(refusedByPolicy, `approval ${approval}: ${message}`);

export const changedWhileHeld = (approval: string): ReportFields =>
  error("40001", `approval ${approval}: the database's definitions changed while the statement waited`, {
    hint: "Send the statement again.",
  });

export const cancelled = (): ReportFields => error("57014", "canceling statement due to user request");

export const tooLong = (bytesMax: number): ReportFields =>
  error("54000", `the statement is longer than ${bytesMax} bytes of SQL text`);

export const tooManyStatements = (): ReportFields => error("54000", "too many prepared statements in this session");

export const nameTooLong = (bytesMax: number): ReportFields =>
  error("42622", `names of statements and portals may have at most ${bytesMax} bytes`);

export const nameReserved = (): ReportFields => error("42939", "this name belongs to the gateway");

export const notUtf8 = (): ReportFields => error("22021", "the statement is not valid UTF-8");

export const unknownStatement = (name: string): ReportFields =>
  error("26000", `prepared statement "${name}" does not exist`, {
    detail: "The gateway runs statements that were prepared over the protocol in this session.",
  });

export const unknownPortal = (name: string): ReportFields =>
  error("34000", `portal "${name}" does not exist`, {
    detail: "The gateway runs portals that were bound over the protocol and that nothing since could have replaced.",
  });

export const functionCall = (): ReportFields =>
  error("0A000", "function call messages are not allowed", { hint: "Use SELECT." });

export const mustStandAlone = (): ReportFields =>
  error("0A000", "a statement changes what the ones after it in the same text mean", {
    hint: "Send the statements one at a time.",
  });

export const readDifferently = (): ReportFields =>
  error("XX000", "the gateway and the server read this statement differently");

export const withheld = (reason: string): ReportFields =>
  error("XX000", `the result is withheld: ${reason}`, { detail: "The statement may have run." });

export const catalogUnreadable = (sqlstate: string): ReportFields =>
  error("58000", `the catalog could not be read on this session (SQLSTATE ${sqlstate}), so nothing can be decided`);
