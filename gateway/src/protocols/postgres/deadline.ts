/**
 * Statements end when their time is up.
 *
 * The time of a text starts when the server comes to it, not when it is sent: what stands before it in the queue has a time
 * of its own. When it is up, the server is asked to cancel, as a client would ask it, and its error takes the way of all
 * errors, with words that say whose doing it was. The server may finish at that very moment; then nothing happens.
 */
import type { Execution } from "./execution.js";
import type { Reply } from "./replies.js";
import type { ReportFields } from "./server-messages.js";

export interface Deadline {
  /** What runs now; null when that has no limit. */
  execution: Execution | null;
  timer: NodeJS.Timeout | null;
}

export const noDeadline = (): Deadline => ({ execution: null, timer: null });

/** To be called whenever the head of the queue may have changed. `cancel` asks the server. */
export function followDeadline(deadline: Deadline, head: Reply | undefined, cancel: () => void): void {
  const execution = head?.kind === "query" || head?.kind === "execute" ? head.execution : null;
  if (deadline.execution === execution) return;
  if (deadline.timer !== null) clearTimeout(deadline.timer);
  deadline.execution = execution;
  deadline.timer = null;
  const time_ms = execution === null ? null : timeLimitOf(execution);
  if (execution === null || time_ms === null) return;
  deadline.timer = setTimeout(() => {
    execution.timedOut = true;
    cancel();
  }, time_ms);
}

export const hasDeadline = (execution: Execution): boolean => timeLimitOf(execution) !== null;

/** The least of the statements' limits; null without one. */
function timeLimitOf({ judgement }: Execution): number | null {
  const limits = judgement.statements.flatMap(({ limit }) => limit?.time_ms ?? []);
  return limits.length === 0 ? null : Math.min(...limits);
}

export const timeIsUp = (execution: Execution): ReportFields => ({
  severity: "ERROR",
  code: "57014",
  message: `canceling statement: the policy limits it to ${timeLimitOf(execution) ?? 0} ms`,
  hint: "Ask for less, or ask whoever keeps the policy.",
});
