import { createColors } from "picocolors";

/** Where a command writes: results on standard output, everything about them on standard error. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  readonly colors: ReturnType<typeof createColors>;
  /** Whether standard error shows colours. */
  readonly hasColors: boolean;
}

/** Colours are for terminals, and off with `NO_COLOR` or `--no-color`. */
export function openTerminal(colors: boolean): Terminal {
  const hasColors = colors && process.stderr.isTTY === true && !process.env.NO_COLOR;
  return {
    out: (text) => void process.stdout.write(`${text}\n`),
    err: (text) => void process.stderr.write(`${text}\n`),
    colors: createColors(hasColors),
    hasColors,
  };
}
