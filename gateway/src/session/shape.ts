import { createHash } from "node:crypto";
import type { Action } from "@hpl/runtime";
import { digestsOf } from "./digests.js";
import type { ExactStatement } from "./enforcement.js";

/**
 * Hex SHA-256 of what statements have in common that an approval for one shape covers: the text with its literals replaced,
 * and every fact. Where a fact is not certain, a literal might change what the statement does: then it is the statement alone.
 */
export function shapeOf(
  statement: ExactStatement,
  actions: readonly Action[],
  { parameterize }: { readonly parameterize: (text: string) => string | null },
): string {
  const isCertain = actions.length > 0 && actions.every((action) => !action.opaque && action.facts.complete === true);
  const text = isCertain ? parameterize(statement.text) : null;
  const shape =
    text === null ? ["exact", digestsOf(statement)] : ["shape", text, statement.parameter_types ?? [], actions];
  return createHash("sha256").update(JSON.stringify(shape)).digest("hex");
}
