/**
 * @hpl/runtime/sql: SQL text to actions with facts.
 *
 * In: a statement text and what its meaning depends on: dialect, server version, catalog. Out: one action a statement,
 * with the facts of `spec/facts/sql.schema.json`: what the server would do, not what the text says. The server's own
 * grammar (libpg-query) is the only truth about structure; a gate stands before it, and an inventory behind it finds
 * every node that nobody here understands. What is not understood is unknown, and says so in `reasons`. The parts, in
 * the order a text meets them: gate, parser, inventory, statement, then query and its parts (from, select, changes,
 * expression, restrict) or nested, session and definitions. Absent: decisions, masks, any I/O.
 */
export { parseCatalog, postgresCatalogQuery } from "./catalog-query.js";
export { limits } from "./limits.js";
export { parameterize } from "./parameterize.js";
export { knownMajors, loadPostgres, newestMajor } from "./parser.js";
export { sqlPath } from "./paths.js";
export { postgresFrontEnd, type SqlContext } from "./postgres.js";
