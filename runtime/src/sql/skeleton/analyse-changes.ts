/**
 * INSERT, REPLACE, UPDATE, DELETE, MERGE: targets, and whether they are restricted. Values that are written elsewhere influence
 * the statement: they leave it by another way than its output.
 */
import { unknown } from "../../facts/index.js";
import { addEffects, addRelation, addTarget, influence, loseLineage, unsure } from "../ledger.js";
import { sqlPath } from "../paths.js";
import type { Restriction } from "../truth.js";
import { influenceOf } from "./analyse-expression.js";
import { analyseQuery, influenceOfRows, itemOf, outputRows, withCtes } from "./analyse-query.js";
import { fold } from "./catalog.js";
import { NotUnderstood } from "./cursor.js";
import { noteRelation, resolveRelation, rowsOf } from "./relations.js";
import { restrictionOf } from "./restrict.js";
import { type Item, innerScope, type Relation, type Rowset, type Scope } from "./scope.js";
import type { Assignment, Change, Expression, From, Path, SelectItem, Table } from "./tree.js";

type Insert = Change & { kind: "insert" };
type Update = Change & { kind: "update" };
type Delete = Change & { kind: "delete" };
type Merge = Change & { kind: "merge" };
type ChangeKind = "insert" | "update" | "delete" | "merge";

/** The rows a change gives back; null without RETURNING. */
export function analyseChange(scope: Scope, change: Change): Rowset | null {
  addEffects(scope.ledger, ["write"]);
  switch (change.kind) {
    case "insert":
      return analyseInsert(scope, change);
    case "update":
      return analyseUpdate(withCtes(scope, change.ctes, false), change);
    case "delete":
      return analyseDelete(withCtes(scope, change.ctes, false), change);
    case "merge":
      return analyseMerge(scope, change);
  }
}

const unrestricted: Restriction = { restricted: false, by_key: false };
const byItsKey: Restriction = { restricted: true, by_key: unknown("no_key_known") };

function analyseInsert(scope: Scope, insert: Insert): Rowset | null {
  const item = targetItem(scope, insert.table);
  noteTarget(scope, item, "insert", unrestricted);
  if (insert.replaces) noteTarget(scope, item, "delete", byItsKey);
  influenceOf(scope, insert.values);
  if (insert.query !== null) influenceOfRows(scope, analyseQuery(innerScope(scope), insert.query, "from"));
  const place: Scope = { ...scope, items: [item] };
  if (insert.on_duplicate !== null) {
    noteTarget(scope, item, "update", byItsKey);
    assign(place, insert.on_duplicate);
  }
  return returned(place, item, insert.returning);
}

const assign = (scope: Scope, assignments: readonly Assignment[]): void =>
  influenceOf(
    scope,
    assignments.map(({ value }) => value),
  );

function returned(scope: Scope, item: Item, items: readonly SelectItem[]): Rowset | null {
  if (items.length === 0 || item.table === null) return null;
  addEffects(scope.ledger, ["read"]);
  noteRelation(scope, item.table, "read", "returning");
  return outputRows(scope, items);
}

/** Rows of the tables whose columns are assigned change; the others are read. */
function analyseUpdate(scope: Scope, update: Update): null {
  addSources(scope, update.from);
  const isFirst = scope.setting.grammar.dialect === "bigquery" || update.from.sources.length === 1;
  const targets = isFirst ? scope.items.slice(0, 1) : assignedItems(scope, update.assignments);
  changeItems(scope, "update", targets, update);
  assign(scope, update.assignments);
  return null;
}

/** The tables that `assignments` may change: all that a name fits. */
function assignedItems(scope: Scope, assignments: readonly Assignment[]): readonly Item[] {
  const fits = (item: Item): boolean => assignments.some(({ column }) => mayAssign(item, column));
  return scope.items.filter((item) => item.table !== null && fits(item));
}

function mayAssign(item: Item, column: Path): boolean {
  const [name = "", owner] = column.map(fold).toReversed();
  if (owner !== undefined) return item.alias === "" ? item.table?.name === owner : item.alias === owner;
  return item.loose.length > 0 || item.columns.some((each) => each.name === name);
}

function analyseDelete(scope: Scope, change: Delete): Rowset | null {
  addSources(scope, change.from);
  const targets = change.targets.map((path) => namedItem(scope, path));
  changeItems(scope, "delete", targets, change);
  const [target] = targets;
  return target === undefined ? null : returned(scope, target, change.returning);
}

/** The source that a target of DELETE names. */
function namedItem(scope: Scope, path: Path): Item {
  const [name = "", schema] = path.map(fold).toReversed();
  const fits = (item: Item): boolean => {
    if (item.alias !== "" && schema === undefined) return item.alias === name;
    return item.table?.name === name && (schema === undefined || item.table.schema === schema);
  };
  const [only, ...others] = scope.items.filter(fits);
  if (only === undefined || only.table === null || others.length > 0) throw new NotUnderstood();
  return only;
}

/** Sources of a change; which of its tables are only read is said when the targets are known. */
function addSources(scope: Scope, from: From): void {
  for (const source of from.sources)
    scope.items.push(
      source.kind === "table" && !isCte(scope, source) ? targetItem(scope, source) : itemOf(scope, source, "from"),
    );
  influenceOf(scope, [...from.conditions, ...from.influences]);
  if (from.merges_columns) loseLineage(scope.ledger, "natural_join");
}

const isCte = ({ ctes }: Scope, { path }: Table): boolean => path.length === 1 && ctes.has(fold(path[0] ?? ""));

function changeItems(scope: Scope, change: ChangeKind, targets: readonly Item[], of: Update | Delete): void {
  if (targets.length === 0 || targets.some(({ table }) => table === null)) throw new NotUnderstood();
  const conditions: readonly Expression[] = [...(of.where === null ? [] : [of.where]), ...of.from.conditions];
  for (const target of targets) noteTarget(scope, target, change, restrictionOf(scope, target, conditions));
  for (const item of scope.items)
    if (item.table !== null && !targets.includes(item)) {
      addEffects(scope.ledger, ["read"]);
      noteRelation(scope, item.table, "read", "from");
    }
  influenceOf(scope, [...(of.where === null ? [] : [of.where]), ...of.influences]);
}

function analyseMerge(scope: Scope, merge: Merge): null {
  const target = targetItem(scope, merge.table);
  const source = itemOf(scope, merge.source, "from");
  const restriction = { restricted: unknown("merge"), by_key: unknown("merge") };
  noteTarget(scope, target, "merge", restriction);
  const place: Scope = { ...scope, items: [target, source] };
  influenceOf(place, [merge.on]);
  for (const { change, condition, values } of merge.actions) {
    noteTarget(scope, target, change, restriction);
    influenceOf(place, condition === null ? values : [condition, ...values]);
  }
  // INSERT ROW writes whole rows of the source.
  if (merge.actions.some(({ change, values }) => change === "insert" && values.length === 0))
    influenceOfRows(scope, source);
  return null;
}

function targetItem(scope: Scope, table: Table): Item {
  const relation = resolveRelation(scope, table.path);
  const rows: Rowset =
    relation.entry?.kind === "view"
      ? { columns: [], loose: [{ kind: "table", schema: relation.schema, name: relation.name }] }
      : rowsOf(scope, relation);
  return { ...rows, alias: fold(table.alias ?? ""), table: relation };
}

function noteTarget(scope: Scope, item: Item, change: ChangeKind, restriction: Restriction): void {
  const { table } = item;
  if (table === null) throw new NotUnderstood();
  const { schema, name } = table;
  noteRelation(scope, table, "write", "target");
  addTarget(scope.ledger, { relation: sqlPath(schema, name), schema, name, change, ...restriction });
  noteConsequences(scope, table);
}

/** What a change does without saying so. */
function noteConsequences({ ledger }: Scope, { schema, name, entry }: Relation): void {
  if (entry === null) return;
  const path = sqlPath(schema, name);
  if (entry.kind === "view") unsure(ledger, `view:${path}`);
  if (entry.has_triggers === true) unsure(ledger, `triggers:${path}`);
  for (const [otherSchema, otherName] of entry.cascades ?? [])
    addRelation(ledger, {
      schema: fold(otherSchema),
      name: fold(otherName),
      access: "write",
      via: "reference",
      resolved: true,
    });
  for (const comparison of entry.compared ?? [])
    influence(
      ledger,
      comparison.with.map((column) => sqlPath(...column.map(fold))),
    );
}
