/**
 * What a change of definitions tells of stored values, or does to the names they are known by.
 *
 * Renaming, moving and detaching take a column away from the name its labels are written for. Building an index or a constraint
 * reads every value, and fails or not by what it finds; clustering and covering indexes put the order of values into the order of
 * rows. All of it counts as influence of the columns concerned. A command that is not known to be harmless concerns all columns.
 */
import { influence, type Ledger, loseLineage, unsure } from "./ledger.js";
import { resolveRelation } from "./names.js";
import { bare, type Fields, fieldsOf, listOf, only, stringsOf, textOf } from "./nodes.js";
import { rowSources } from "./references.js";
import { itemOf } from "./relation-columns.js";
import { columnIn, type Item, openScope } from "./scope.js";
import { noteHiddenCode, storedInAll } from "./side-effects.js";
import { viewRows } from "./views.js";

/** Commands of ALTER TABLE that neither read stored values nor change what they are called. */
const harmlessCommands = new Set(
  `AT_AddColumn AT_DropColumn AT_ColumnDefault AT_CookedColumnDefault AT_DropNotNull AT_SetNotNull AT_SetStatistics AT_SetOptions
  AT_ResetOptions AT_SetStorage AT_SetCompression AT_DropConstraint AT_ChangeOwner AT_SetLogged AT_SetUnLogged
  AT_SetAccessMethod AT_SetTableSpace AT_SetRelOptions AT_ResetRelOptions AT_EnableTrig AT_EnableAlwaysTrig
  AT_EnableReplicaTrig AT_DisableTrig AT_EnableTrigAll AT_DisableTrigAll AT_EnableTrigUser AT_DisableTrigUser AT_EnableRule
  AT_EnableAlwaysRule AT_EnableReplicaRule AT_DisableRule AT_ReplicaIdentity AT_EnableRowSecurity AT_DisableRowSecurity
  AT_ForceRowSecurity AT_NoForceRowSecurity AT_AddIdentity AT_SetIdentity AT_DropIdentity`.split(/\s+/),
);
/** Commands that concern the one column they name. */
const columnCommands = new Set(["AT_AlterColumnType", "AT_SetExpression", "AT_DropExpression"]);
/** Parts of a relation whose names no label depends on. */
const namelessParts = new Set([
  "OBJECT_TABCONSTRAINT",
  "OBJECT_TRIGGER",
  "OBJECT_RULE",
  "OBJECT_POLICY",
  "OBJECT_SEQUENCE",
]);
/** Statements that run over the rows of a relation, and with that the code of its indexes and checks. */
const runningOverRows = new Set([
  "TruncateStmt",
  "VacuumStmt",
  "ReindexStmt",
  "ClusterStmt",
  "AlterTableStmt",
  "IndexStmt",
]);

/**
 * Statements that concern all columns of their relation: an order of rows, another name, and code that is to run for the rows
 * that others write.
 */
const concerningAll = new Set(["ClusterStmt", "AlterObjectSchemaStmt", "CreateTrigStmt", "RuleStmt"]);
/** Functions of a range type, which ANALYZE and indexes run. */
const isOfFunction = (option: unknown): boolean =>
  ["subtype_diff", "canonical"].includes(textOf(fieldsOf(option).defname));

/** `items`: the relations a statement is about. */
export function noteExposure(ledger: Ledger, node: string, statement: Fields, items: readonly Item[]): void {
  const concerned = (item: Item): void => influence(ledger, rowSources(ledger, item));
  if (runningOverRows.has(node))
    for (const { relation } of items) if (relation !== null) noteHiddenCode(ledger, [[relation.schema, relation.name]]);
  if (concerningAll.has(node)) items.forEach(concerned);
  if (node === "CreateFunctionStmt" && statement.sql_body === undefined) loseLineage(ledger, "function_body");
  if (node === "CreateRangeStmt" && listOf(statement.params).some(isOfFunction)) unsure(ledger, "range_functions");
  if (node === "RenameStmt") noteRename(ledger, statement, items);
  if (node === "AlterTableStmt")
    for (const command of listOf(statement.cmds))
      for (const item of items) noteCommand(ledger, fieldsOf(command), item);
  if (node === "IndexStmt")
    for (const item of items)
      noteIndexed(ledger, [...listOf(statement.indexParams), ...listOf(statement.indexIncludingParams)], item);
  // A default partition is searched for rows of the new one, and tables for values that a domain no longer takes.
  if (node === "CreateStmt" && bare(statement.partbound) !== null) noteParents(ledger, statement);
  if (node === "AlterDomainStmt" && statement.subtype !== "T") loseLineage(ledger, "domain_columns");
  if (node === "RefreshMatViewStmt") for (const item of items) runView(ledger, item);
  noteForeignKeys(ledger, node, statement);
}

function noteParents(ledger: Ledger, statement: Fields): void {
  for (const node of listOf(statement.inhRelations)) {
    const parent = only("RangeVar", node);
    if (parent !== null) influence(ledger, rowSources(ledger, itemOf(ledger, resolveRelation(ledger, parent))));
  }
}

function noteRename(ledger: Ledger, statement: Fields, items: readonly Item[]): void {
  const type = textOf(statement.renameType);
  if (type === "OBJECT_SCHEMA") {
    const schema = textOf(statement.subname);
    for (const name of ledger.setting.index?.relationsIn(schema) ?? [])
      influence(ledger, storedInAll(ledger, [schema, name]));
  }
  if (namelessParts.has(type)) return;
  for (const item of items)
    influence(
      ledger,
      type === "OBJECT_COLUMN" ? named(ledger, item, textOf(statement.subname)) : rowSources(ledger, item),
    );
}

/** The sources of a column; of all of them when it is not known. */
const named = (ledger: Ledger, item: Item, name: string): readonly string[] =>
  columnIn(item, name)?.sources ?? rowSources(ledger, item);

function noteCommand(ledger: Ledger, command: Fields, item: Item): void {
  const subtype = textOf(command.subtype);
  if (harmlessCommands.has(subtype)) return;
  const isOfColumn = columnCommands.has(subtype);
  influence(ledger, isOfColumn ? named(ledger, item, textOf(command.name)) : rowSources(ledger, item));
  // The partition or parent that is attached or detached.
  const other = bare(only("PartitionCmd", command.def)?.name) ?? only("RangeVar", command.def);
  if (other !== null) influence(ledger, rowSources(ledger, itemOf(ledger, resolveRelation(ledger, other))));
}

function noteIndexed(ledger: Ledger, elements: readonly unknown[], item: Item): void {
  for (const element of elements) {
    const name = textOf(fieldsOf(element).name);
    if (name !== "") influence(ledger, named(ledger, item, name));
  }
}

/** A foreign key lets whoever writes to its table ask what the other one holds. */
function noteForeignKeys(ledger: Ledger, node: string, statement: Fields): void {
  if (node !== "CreateStmt" && node !== "AlterTableStmt" && node !== "CreateForeignTableStmt") return;
  for (const constraint of constraintsWithin(statement)) {
    const table = bare(constraint.pktable);
    if (table === null) continue;
    const item = itemOf(ledger, resolveRelation(ledger, table));
    const names = stringsOf(constraint.pk_attrs);
    if (names.length === 0) influence(ledger, rowSources(ledger, item));
    for (const name of names) influence(ledger, named(ledger, item, name));
  }
}

function constraintsWithin(value: unknown): readonly Fields[] {
  if (Array.isArray(value)) return value.flatMap(constraintsWithin);
  if (typeof value !== "object" || value === null) return [];
  const constraint = only("Constraint", value);
  if (constraint !== null) return [constraint];
  return Object.values(value).flatMap(constraintsWithin);
}

/** REFRESH runs the query of the view. */
function runView(ledger: Ledger, item: Item): void {
  if (item.relation?.entry) viewRows(openScope(ledger, null, null, "view"), item.relation, item);
}
