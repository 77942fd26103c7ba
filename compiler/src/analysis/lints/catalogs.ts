import type { CheckedPolicy } from "../../3-check/checked.js";
import { maskWithoutColumn } from "../../diagnostics/catalog.js";
import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import { matchesAny } from "../../reference/condition.js";
import { shortId } from "../short-id.js";

/**
 * Masks of which no catalog has a column: a name was misspelt, or the table is gone. Said only where every SQL connection that
 * examples and tests use has a catalog, so that no database is forgotten, and only of a mask without any: a label may be there
 * for a table that is still to come. O(labels x columns).
 */
export function findMasksWithoutColumns(policy: CheckedPolicy): readonly Diagnostic[] {
  const catalogs = catalogsOf(policy);
  if (catalogs === null) return [];
  const columns = [...new Set(catalogs.flatMap(columnsOf))];
  const isFound = policy.labels.map(({ columns: globs }) => columns.some((name) => matchesAny(globs, name)));
  return policy.rules.flatMap((rule) => {
    if (rule.effect.kind !== "mask" || rule.effect.mask.labels.some((label) => isFound[label] !== false)) return [];
    return [{ ...maskWithoutColumn(rule.span, { rule: shortId(rule) }), rule: rule.id }];
  });
}

/** Null where a connection has none, or there are no examples. */
function catalogsOf({ examples, tests }: CheckedPolicy): readonly unknown[] | null {
  const asked = [...examples, ...tests.flatMap(({ cases }) => cases)].filter(({ subject }) => subject.family === "sql");
  const catalogs = asked.map(({ circumstances }) => circumstances.catalog ?? null);
  return catalogs.length === 0 || catalogs.includes(null) ? null : [...new Set(catalogs)];
}

interface CatalogShape {
  readonly schemas?: Readonly<Record<string, Readonly<Record<string, { readonly columns?: readonly NamedColumn[] }>>>>;
}

interface NamedColumn {
  readonly name: string;
}

/** `schema.table.column` of every column; a dot inside a name is U+001F. */
function columnsOf(catalog: unknown): readonly string[] {
  const { schemas = {} } = catalog as CatalogShape;
  return Object.entries(schemas).flatMap(([schema, tables]) =>
    Object.entries(tables).flatMap(([table, { columns = [] }]) =>
      columns.map(({ name }) => [schema, table, name].map((part) => part.replaceAll(".", "\u001f")).join(".")),
    ),
  );
}
