/**
 * Who looks on at sessions: the list of live ones, recent decisions, and recordings.
 *
 * In: what a session decides, sends and ends with, as its client may see it. Out: nothing that the session waits for; no
 * watcher can stop or change it.
 */
import type { Action, Decision } from "@hpl/runtime";
import type { ExecutionReport } from "../session/enforcement.js";

export interface WatchedDecision {
  readonly decision_id: string;
  /** The statement with its literals replaced; null where that could not be done. */
  readonly text: string | null;
  readonly decision: Decision;
  readonly actions: readonly Action[];
}

export interface SessionWatch {
  /** Rows of a result that `row` wants, from the first. */
  readonly rows_max: number;
  decided(decided: WatchedDecision): void;
  /** A DataRow message as the client sees it, which is the caller's again afterwards. */
  row(decision_id: string, row: Uint8Array): void;
  executed(execution: ExecutionReport): void;
  closed(): void;
}

/** Several watchers as one. */
export function watchTogether(watches: readonly SessionWatch[]): SessionWatch {
  return {
    rows_max: Math.max(0, ...watches.map(({ rows_max }) => rows_max)),
    decided: (decided) => {
      for (const watch of watches) watch.decided(decided);
    },
    row: (decision_id, row) => {
      for (const watch of watches) watch.row(decision_id, row);
    },
    executed: (execution) => {
      for (const watch of watches) watch.executed(execution);
    },
    closed: () => {
      for (const watch of watches) watch.closed();
    },
  };
}
