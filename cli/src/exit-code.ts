/** What the process says when it ends (DESIGN section 8). */
export const exitCode = { ok: 0, findings: 1, usage: 2, approve: 3, block: 4 } as const;

/** A message for the user, and the code to end with. Thrown anywhere in the command line, printed once. */
export class CommandFailure extends Error {
  override readonly name = "CommandFailure";
  readonly code: number;

  constructor(message: string, code: number = exitCode.usage) {
    super(message);
    this.code = code;
  }
}
