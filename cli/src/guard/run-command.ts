import { spawn } from "node:child_process";
import { constants } from "node:os";

/** What shells answer for a program that is not there, or cannot be started. */
const code = { not_found: 127, not_started: 126, killed: 128 } as const;

const forwarded = ["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM", "SIGUSR1", "SIGUSR2", "SIGCONT", "SIGWINCH"] as const;
/** A terminal sends these to the whole group of processes: the command has them already. */
const fromTerminal: ReadonlySet<string> = new Set(["SIGINT", "SIGQUIT", "SIGWINCH", "SIGHUP"]);

/** Runs a program with our own input, output and environment; gives its exit code, 128 and more when a signal ended it. */
export function runCommand([program = "", ...words]: readonly string[]): Promise<number> {
  return new Promise((settle) => {
    const child = spawn(program, words, { stdio: "inherit", shell: false });
    const forward = (signal: NodeJS.Signals): void => {
      if (!(process.stdin.isTTY && fromTerminal.has(signal))) child.kill(signal);
    };
    for (const signal of forwarded) process.on(signal, forward);
    const end = (result: number): void => {
      for (const signal of forwarded) process.off(signal, forward);
      settle(result);
    };
    child.on("error", (error: NodeJS.ErrnoException) => {
      process.stderr.write(`hpl guard: the program cannot be started: ${error.code ?? "unknown error"}\n`);
      end(error.code === "ENOENT" ? code.not_found : code.not_started);
    });
    child.on("exit", (exit, signal) =>
      end(signal === null ? (exit ?? code.not_started) : code.killed + constants.signals[signal]),
    );
  });
}
