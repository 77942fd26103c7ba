/** Expressions: which columns flow into a value. Calls and subqueries leave their marks in the ledger. */
import { addEffects, influence, loseLineage, unsure } from "../ledger.js";
import { analyseQuery } from "./analyse-query.js";
import { fold } from "./catalog.js";
import { type Column, candidatesOf, type Item, innerScope, type Scope, union } from "./scope.js";
import type { Call, Expression, Path } from "./tree.js";

/** Paths of all columns that flow into the value of `expression`. O(nodes). */
export function sourcesOf(scope: Scope, expression: Expression): readonly string[] {
  const found = new Set<string>();
  collect(scope, expression, found);
  return [...found];
}

export function influenceOf(scope: Scope, expressions: readonly Expression[]): void {
  for (const expression of expressions) influence(scope.ledger, sourcesOf(scope, expression));
}

const addAll = (found: Set<string>, sources: readonly string[]): void => {
  for (const source of sources) found.add(source);
};

function collect(scope: Scope, expression: Expression, found: Set<string>): void {
  switch (expression.kind) {
    case "null":
    case "parameter":
    case "constant":
    case "number":
    case "text":
    case "truth":
      return;
    case "variable":
      if (!expression.is_system) loseLineage(scope.ledger, "user_variable");
      return;
    case "name":
      addAll(found, nameColumn(scope, expression.path).sources);
      return;
    case "call":
      collectCall(scope, expression, found);
      return;
    case "exists":
    case "subquery":
      addAll(found, subquerySources(scope, expression));
      return;
    case "assignment":
      influence(scope.ledger, sourcesOf(scope, expression.value));
      collect(scope, expression.value, found);
      return;
    default:
      for (const operand of operandsOf(expression)) collect(scope, operand, found);
  }
}

type Composite = Exclude<
  Expression,
  | { kind: "null" | "parameter" | "constant" | "number" | "text" | "truth" | "variable" | "name" | "call" }
  | { kind: "exists" | "subquery" | "assignment" }
>;

/** The direct operands of an expression that is nothing but made of them. */
function operandsOf(expression: Composite): readonly Expression[] {
  switch (expression.kind) {
    case "and":
    case "or":
    case "operation":
      return expression.operands;
    case "not":
      return [expression.operand];
    case "comparison":
      return [expression.left, expression.right];
    case "membership":
      return [expression.value, ...expression.items];
    case "between":
      return [expression.value, expression.low, expression.high];
    case "like":
      return [expression.value, expression.pattern];
    case "is_null":
      return [expression.value];
  }
}

function subquerySources(scope: Scope, { query }: Expression & { kind: "exists" | "subquery" }): readonly string[] {
  const rows = analyseQuery(innerScope(scope), query, "from");
  if (rows.loose.length > 0) loseLineage(scope.ledger, "star");
  return union(rows.columns.map((column) => column.sources));
}

function collectCall(scope: Scope, call: Call, found: Set<string>): void {
  noteCall(scope, call.path, call.is_spaced);
  for (const arg of call.args) collect(scope, arg, found);
}

/** Records a call of the function `path`: its effects, or that they are not known. */
export function noteCall({ setting, ledger }: Scope, path: Path, is_spaced: boolean): void {
  const name = fold(path.at(-1) ?? "");
  // A name that users took too is theirs where the server has no function of that name.
  const isTaken = setting.index?.functions.has(name) ?? false;
  const meaning = isTaken ? null : setting.functions(path, is_spaced);
  const written = fold(path.slice(0, -1).join("."));
  const schema = meaning === null && written === "" ? setting.default_schema : written;
  ledger.functions.set(`${schema}\0${name}`, { schema, name, known: meaning !== null });
  if (meaning === null) unsure(ledger, `function:${name}`);
  else {
    addEffects(ledger, meaning.effects);
    for (const effect of meaning.effects) ledger.function_effects.add(effect);
    if (meaning.effects.includes("dynamic")) unsure(ledger, `function:${name}`);
    if (meaning.loses_lineage) loseLineage(ledger, `function:${name}`);
  }
}

/** The column a name means; several candidates are one column that is not exact. */
export function nameColumn(scope: Scope, path: Path): Column {
  const name = fold(path.at(-1) ?? "");
  const row = path.length === 1 ? rowReference(scope, name) : null;
  if (row !== null) return { name, sources: row, exact: false };
  const candidates = candidatesOf(scope, path);
  const [only] = candidates;
  if (candidates.length === 1 && only !== undefined) return { ...only.column, name };
  if (candidates.length === 0) loseLineage(scope.ledger, `unresolved_column:${name}`);
  return { name, sources: union(candidates.map(({ column }) => column.sources)), exact: false };
}

/** BigQuery: the name of a source as a value is its whole row, and goes before a column of that name. */
function rowReference(scope: Scope, name: string): readonly string[] | null {
  if (scope.setting.grammar.dialect !== "bigquery") return null;
  for (let place: Scope | null = scope; place !== null; place = place.outer) {
    const items = place.items.filter((item) => (item.alias || item.table?.name) === name);
    if (items.length > 0) return items.flatMap((item) => rowSources(scope, item));
  }
  return null;
}

function rowSources(scope: Scope, { columns, loose }: Item): readonly string[] {
  if (loose.some(({ kind }) => kind === "table")) loseLineage(scope.ledger, "whole_row");
  const values = loose.map((each) => (each.kind === "value" ? each.sources : []));
  return union([...columns.map((column) => column.sources), ...values]);
}
