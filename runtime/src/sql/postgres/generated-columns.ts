/** Generated columns: derived from other columns of their table, so that they hold what those hold. */
import type { CatalogColumn } from "../../facts/index.js";
import { takeInventory } from "./inventory.js";
import { stringsOf } from "./nodes.js";
import { parse } from "./parser.js";

const none: readonly string[] = [];
const known = new WeakMap<CatalogColumn, readonly string[] | null>();

/** Names of the columns `column` is worked out from; null when its expression cannot be read. */
export function ingredientsOf(column: CatalogColumn, major: number): readonly string[] | null {
  if (column.generated === undefined) return none;
  const before = known.get(column);
  if (before !== undefined) return before;
  const names = read(column.generated, major);
  known.set(column, names);
  return names;
}

/** An expression of one table: every column reference in it names one of its columns. */
function read(expression: string, major: number): readonly string[] | null {
  const parsed = parse(`SELECT ${expression}`, major);
  const [statement, more] = parsed.kind === "tree" ? parsed.statements : [];
  if (statement === undefined || more !== undefined) return null;
  const inventory = takeInventory(statement.stmt);
  if (inventory.too_deep || inventory.unknown.size > 0) return null;
  return inventory.expected.flatMap(({ kind, fields }) =>
    kind === "ColumnRef" ? stringsOf(fields.fields).slice(-1) : [],
  );
}
