/**
 * One decided text on its way through the server: which of its statements the next answer belongs to, and what became of it.
 */
import type { ExecutionReport, JudgedStatement, Judgement, MaskReport } from "../../session/enforcement.js";
import type { Portal } from "./names.js";
import { nothingPassed, type Passed } from "./result-limit.js";
import type { MaskedColumn, RowMask } from "./row-mask.js";

export interface Execution {
  readonly judgement: Judgement;
  /** Null for a simple query. */
  readonly portal: Portal | null;
  /** Whether COPY is one of its statements: only then may the server ask for, or send, copy data. */
  readonly copies: boolean;
  readonly redactErrors: boolean;
  /** Position in the judgement of the statement that the server answers now. */
  index: number;
  /** How the rows of the current result are masked; null until its first row. */
  mask: RowMask | null;
  /** A copy to the client has begun. */
  copyOut: boolean;
  /** The client was told that the result is withheld: nothing of it passes any more. */
  withheld: boolean;
  /** Rows of the statements that have ended, sent or changed. */
  rows: number;
  /** Rows sent for the current statement. */
  rowsSent: number;
  /** Bytes of rows and copy data sent. */
  bytesSent: number;
  /** What has passed of the current result; of a portal, over all its fetches. */
  passed: Passed;
  /** The server was asked to cancel it because its time was up. */
  timedOut: boolean;
  sqlstate: string | null;
  /** What was hidden in the results that have ended. */
  readonly masked: MaskReport[];
}

/** `transactionRedacts`: what ends the transaction, or asks for its checks, may quote what an earlier statement wrote. */
export function createExecution(judgement: Judgement, portal: Portal | null, transactionRedacts: boolean): Execution {
  const { statements } = judgement;
  const isLate = transactionRedacts && statements.some(({ effects }) => effects.includes("transaction"));
  return {
    judgement,
    portal,
    copies: statements.some((statement) => statement.kind === "copy"),
    redactErrors: isLate || statements.some((statement) => statement.redact_errors),
    index: 0,
    mask: null,
    copyOut: false,
    withheld: false,
    rows: 0,
    rowsSent: 0,
    bytesSent: 0,
    passed: portal?.passed ?? nothingPassed(),
    timedOut: false,
    sqlstate: null,
    masked: [],
  };
}

export const currentStatement = (execution: Execution): JudgedStatement | null =>
  execution.judgement.statements[execution.index] ?? null;

/** Notes what was hidden in the result at hand, and forgets how: a text may have many results. */
export function endMasks(execution: Execution): void {
  const columns = execution.mask?.columns ?? [];
  execution.masked.push(...columns.map((column) => maskReport(execution.index, column)));
  execution.mask = null;
}

/** Counts and keyed digests, never values. What was sent of a statement that did not come to its end counts too. */
export function reportOf(execution: Execution): ExecutionReport {
  endMasks(execution);
  return {
    decision_id: execution.judgement.decision_id,
    status: execution.sqlstate === null ? "ok" : "error",
    rows: execution.rows + execution.rowsSent,
    bytes: execution.bytesSent,
    sqlstate: execution.sqlstate,
    masked: execution.masked,
  };
}

function maskReport(statement: number, { mask, exact, originals, ...column }: MaskedColumn): MaskReport {
  const isUnknownType = mask.kind === "constant" && mask.bytes === null && column.transform !== "null";
  return {
    statement,
    ...column,
    unreadable: isUnknownType ? column.cells : column.unreadable,
    originals: originals?.end() ?? null,
  };
}

export const notRun = (judgement: Judgement): ExecutionReport => ({
  decision_id: judgement.decision_id,
  status: "not_run",
  rows: 0,
  bytes: 0,
  sqlstate: null,
  masked: [],
});

/** Statements that run none of a user's code beyond what their effects say, and so leave names alone. */
const rowKinds: ReadonlySet<string> = new Set(["select", "insert", "update", "delete", "merge", "copy", "explain"]);
const plainKinds: ReadonlySet<string> = new Set([
  ...[
    "alter",
    "analyze",
    "close",
    "comment",
    "create",
    "declare",
    "drop",
    "fetch",
    "grant",
    "listen",
    "lock",
    "notify",
  ],
  ...["refresh", "reindex", "rename", "reset", "revoke", "role", "set", "show", "transaction", "truncate", "unlisten"],
  "vacuum",
]);

/** Whether `statement` surely leaves transaction, settings, names and portals as they are. */
export const isCalm = (statement: JudgedStatement): boolean =>
  rowKinds.has(statement.kind) && !statement.changes_catalog && !runsHiddenCode(statement);

/** Whether `statement` may have removed or replaced prepared statements. */
export function touchesStatements(statement: JudgedStatement): boolean {
  if (runsHiddenCode(statement)) return true;
  return rowKinds.has(statement.kind) ? statement.changes_catalog : !plainKinds.has(statement.kind);
}

const runsHiddenCode = ({ effects }: JudgedStatement): boolean =>
  effects.some((effect) => effect === "dynamic" || effect === "exec");
