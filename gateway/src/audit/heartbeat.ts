import type { OpenedLog } from "./log.js";

/**
 * Notes the last checkpoint in the log itself, every `interval_ms`, whether anything happened or not: a stretch of the log
 * without these lines is a time in which no gateway ran, and a log that was written anew cannot have them. Returns a function
 * that ends it. Keeps no process alive. `after` each beat: who else is to see the checkpoint.
 */
export function startHeartbeat(
  log: OpenedLog,
  interval_ms: number,
  report: (line: string) => void,
  after: () => Promise<void> | undefined,
): () => void {
  const beat = async (): Promise<void> => {
    try {
      const { size, note } = await log.checkpoint();
      log.append({ kind: "audit.checkpoint", detail: { size, note } });
    } catch (error) {
      report(`the audit log's heartbeat is missing: ${error instanceof Error ? error.message : String(error)}`);
    }
    await after();
  };
  const timer = setInterval(() => void beat(), interval_ms).unref();
  return () => clearInterval(timer);
}
