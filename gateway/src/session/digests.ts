import { createHash } from "node:crypto";
import type { ExactStatement } from "./enforcement.js";

/** What a statement is bound to and known by, without its values. Hex SHA-256. */
export interface StatementDigests {
  readonly statement_sha256: string;
  readonly parameters_sha256: string;
}

/**
 * Digests of the exact bytes that are forwarded, and of the parameters: their formats and types, without which the same
 * bytes are another value, then each value behind its length, -1 for NULL.
 */
export function digestsOf({ text, parameters, parameter_formats, parameter_types }: ExactStatement): StatementDigests {
  const values = createHash("sha256");
  values.update(JSON.stringify([parameter_formats ?? [], parameter_types ?? []]));
  for (const parameter of parameters) {
    const size = Buffer.alloc(4);
    size.writeInt32BE(parameter === null ? -1 : parameter.length);
    values.update(size);
    if (parameter !== null) values.update(parameter);
  }
  return {
    statement_sha256: createHash("sha256").update(text, "utf8").digest("hex"),
    parameters_sha256: values.digest("hex"),
  };
}
