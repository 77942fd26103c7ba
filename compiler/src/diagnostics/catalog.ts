/**
 * The catalogue: every code of the front of the compiler, once.
 *
 * A code is defined in the file of its block (`catalog/1-syntax.ts`: 1nnn, and so on), as a function from typed parameters
 * to a diagnostic. Codes are never renumbered or used again. Each has a page in `docs/errors/` whose examples are compiled by
 * the tests, and a fixture in `compiler/test/fixtures/`; one test holds the three lists equal. The blocks of the command
 * line (0nnn), loading (7nnn) and evaluation (8nnn) are not here: they are said by other packages.
 */
import * as syntax from "./catalog/1-syntax.js";
import * as names from "./catalog/2-names.js";
import * as types from "./catalog/3-types.js";
import * as examples from "./catalog/4-examples.js";
import * as meaning from "./catalog/4-meaning.js";
import * as lint from "./catalog/5-lint.js";
import * as security from "./catalog/5-security.js";
import * as limits from "./catalog/6-limits.js";
import * as internal from "./catalog/9-internal.js";
import type { Diagnostic } from "./diagnostic.js";

export * from "./catalog/1-syntax.js";
export * from "./catalog/2-names.js";
export * from "./catalog/3-types.js";
export * from "./catalog/4-examples.js";
export * from "./catalog/4-meaning.js";
export * from "./catalog/5-lint.js";
export * from "./catalog/5-security.js";
export * from "./catalog/6-limits.js";
export * from "./catalog/9-internal.js";

/** Code, slug and severity of each entry, sorted by code. */
export interface CatalogEntry {
  readonly code: string;
  readonly slug: string;
  readonly severity: Diagnostic["severity"];
}

const blocks = [syntax, names, types, meaning, examples, lint, security, limits, internal];

export const catalog: readonly CatalogEntry[] = blocks
  .flatMap((block) => Object.values(block).map(({ code, slug, severity }: CatalogEntry) => ({ code, slug, severity })))
  .sort((a, b) => (a.code < b.code ? -1 : 1));
