/**
 * From a text to what the gateway does with it: forward, ask people, or refuse with an error.
 *
 * The policy's verdict is one part; the other is what the protocol knows and the judge cannot: that the catalog may change
 * in the middle of a text, and that the server and we must have read the same statements.
 */
import { AuditUnavailable, type ExactStatement, type JudgeContext, type Judgement } from "../../session/enforcement.js";
import {
  auditUnavailable,
  blocked,
  cancelled,
  catalogUnreadable,
  mustStandAlone,
  readDifferently,
} from "./refusals.js";
import type { ReportFields } from "./server-messages.js";
import { reportNotRun, type SessionState } from "./session-state.js";

export type Ruling =
  | { readonly kind: "forward" | "ask"; readonly judgement: Judgement }
  | { readonly kind: "refuse"; readonly error: ReportFields };

const refuse = (error: ReportFields): Ruling => ({ kind: "refuse", error });

/** Decides and records. `single`: the text stands in a portal, which holds one statement at most. */
export function rule(state: SessionState, statement: ExactStatement, single: boolean): Ruling {
  if (state.cancelNext) {
    state.cancelNext = false;
    return refuse(cancelled());
  }
  const context = contextOf(state);
  if (context === null) return refuse(catalogUnreadable("none"));
  const judgement = judge(state, statement, context);
  if (judgement === null) return refuse(auditUnavailable());
  const objection = objectionTo(state, judgement, single);
  if (objection !== null) reportNotRun(state, judgement);
  if (objection !== null) return refuse(objection);
  return { kind: judgement.decision.verdict === "allow" ? "forward" : "ask", judgement };
}

/** What Parse needs to know: whether the text is blocked whatever its parameters are, and whether its errors may pass. */
export function previewOf(state: SessionState, text: string): Judgement | null {
  const context = contextOf(state);
  return context === null ? null : state.enforcement.preview(text, context);
}

function contextOf(state: SessionState): JudgeContext | null {
  if (state.catalog.current === null) return null;
  return {
    catalog: state.catalog.current,
    in_transaction: state.status !== "I" || state.cycle.transactionChanged,
    server_version: state.serverVersion,
  };
}

function judge(state: SessionState, statement: ExactStatement, context: JudgeContext): Judgement | null {
  try {
    return state.enforcement.judge(statement, context);
  } catch (error) {
    if (error instanceof AuditUnavailable) return null;
    throw error;
  }
}

function objectionTo(state: SessionState, judgement: Judgement, single: boolean): ReportFields | null {
  const { verdict } = judgement.decision;
  if (verdict !== "allow" && verdict !== "approve") return blocked(judgement);
  if (single && judgement.statements.length > 1) return readDifferently();
  return single || standsAlone(state, judgement) ? null : mustStandAlone();
}

/**
 * Whether every statement of the text means what it meant when the text was judged: none but the last, and the end of a
 * transaction after it, may change names or settings, or take back what this transaction changed.
 */
function standsAlone(state: SessionState, { statements }: Judgement): boolean {
  const { changedInTransaction, stale } = state.catalog;
  const changes = statements.map(
    (statement) => statement.changes_catalog || (statement.kind === "transaction" && (changedInTransaction || stale)),
  );
  const first = changes.indexOf(true);
  return first < 0 || statements.slice(first + 1).every((statement) => statement.kind === "transaction");
}
