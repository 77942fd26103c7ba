/** Shows `done/of` on a terminal's own line, some times a second; elsewhere nothing. Call `end` before anything else is printed. */
export interface Progress {
  readonly show: (done_count: number, of_count: number) => void;
  readonly end: () => void;
}

/** Milliseconds between two looks at it: eyes see no more. */
const pause_ms = 100;
const width = 30;

export function openProgress(what: string): Progress {
  if (process.stderr.isTTY !== true) return { show: () => {}, end: () => {} };
  let shown_at = 0;
  return {
    show: (done, of) => {
      if (Date.now() - shown_at < pause_ms) return;
      shown_at = Date.now();
      const filled = of === 0 ? 0 : Math.min(width, Math.floor((done * width) / of));
      const bar = "#".repeat(filled).padEnd(width, ".");
      process.stderr.write(`\r\u001b[K${what} [${bar}] ${done}/${of}`);
    },
    end: () => void process.stderr.write("\r\u001b[K"),
  };
}
