/**
 * Statements that define, change or maintain objects rather than rows: what each does, as data. The relation a
 * statement is about is its subject; every other relation it names is a reference. Expressions in it (defaults, checks,
 * index keys) are walked for what they call. Absent: statements that hold a query to run (nested.ts) or act on the
 * session (session.ts).
 */

import { noteExposure } from "./exposure.js";
import { influenceOf } from "./expression.js";
import type { Inventory } from "./inventory.js";
import {
  type Access,
  absorb,
  addEffects,
  type Effect,
  incomplete,
  type Kind,
  type Ledger,
  partOf,
  unsure,
} from "./ledger.js";
import { newRelation, noteRelation, resolveRelation } from "./names.js";
import { bare, type Fields, fieldsOf, listOf, only, stringsOf, textOf } from "./nodes.js";
import { analyseQuery } from "./query.js";
import { itemOf } from "./relation-columns.js";
import { allSources, type Item, openScope, type Scope } from "./scope.js";

export interface Definition {
  readonly kind: Kind;
  readonly effects: readonly Effect[];
  /** What happens to the subject. */
  readonly access: Access;
}

const define = (kind: Kind, effects: string, access: Access = "alter"): Definition => ({
  kind,
  effects: effects.split(" ") as readonly Effect[],
  access,
});

const create = define("create", "create");
const createNew = define("create", "create", "create");
const alter = define("alter", "alter");

export const definitions: ReadonlyMap<string, Definition> = new Map([
  ...["CreateStmt", "CreateSeqStmt", "CompositeTypeStmt"].map((name) => [name, createNew] as const),
  ...[
    "CreateAmStmt",
    "CreateCastStmt",
    "CreateConversionStmt",
    "CreateDomainStmt",
    "CreateEnumStmt",
    "CreateEventTrigStmt",
    "CreateFunctionStmt",
    "CreateOpClassStmt",
    "CreateOpFamilyStmt",
    "CreateRangeStmt",
    "CreateSchemaStmt",
    "CreateStatsStmt",
    "CreateTransformStmt",
    "CreateTrigStmt",
    "CreatedbStmt",
    "DefineStmt",
    "IndexStmt",
    "RuleStmt",
  ].map((name) => [name, create] as const),
  ...[
    "AlterCollationStmt",
    "AlterDatabaseRefreshCollStmt",
    "AlterDatabaseStmt",
    "AlterDomainStmt",
    "AlterEnumStmt",
    "AlterEventTrigStmt",
    "AlterExtensionContentsStmt",
    "AlterFunctionStmt",
    "AlterObjectDependsStmt",
    "AlterObjectSchemaStmt",
    "AlterOpFamilyStmt",
    "AlterOperatorStmt",
    "AlterSeqStmt",
    "AlterStatsStmt",
    "AlterTSConfigurationStmt",
    "AlterTSDictionaryStmt",
    "AlterTableMoveAllStmt",
    "AlterTableSpaceOptionsStmt",
    "AlterTableStmt",
    "AlterTypeStmt",
  ].map((name) => [name, alter] as const),
  ["CreateForeignTableStmt", define("create", "create network", "create")],
  ["CreateExtensionStmt", define("create", "create exec file_read")],
  ["CreatePLangStmt", define("create", "create exec")],
  ["CreatePolicyStmt", define("create", "create grant")],
  ["CreatePublicationStmt", define("create", "create network")],
  ["CreateSubscriptionStmt", define("create", "create network")],
  ["CreateFdwStmt", define("create", "create network")],
  ["CreateForeignServerStmt", define("create", "create network")],
  ["CreateUserMappingStmt", define("create", "create network")],
  ["ImportForeignSchemaStmt", define("create", "create network")],
  ["CreateTableSpaceStmt", define("create", "create file_write")],
  ["AlterExtensionStmt", define("alter", "alter exec file_read")],
  ["AlterPolicyStmt", define("alter", "alter grant")],
  ["AlterOwnerStmt", define("alter", "alter grant")],
  ["AlterFdwStmt", define("alter", "alter network")],
  ["AlterForeignServerStmt", define("alter", "alter network")],
  ["AlterPublicationStmt", define("alter", "alter network")],
  ["AlterSubscriptionStmt", define("alter", "alter network")],
  ["AlterUserMappingStmt", define("alter", "alter network")],
  ["AlterDatabaseSetStmt", define("alter", "alter config")],
  ["AlterSystemStmt", define("alter", "alter config")],
  ["AlterDefaultPrivilegesStmt", define("grant", "alter grant", "grant")],
  ["GrantStmt", define("grant", "grant", "grant")],
  ["GrantRoleStmt", define("grant", "grant", "grant")],
  ["CreateRoleStmt", define("role", "create grant")],
  ["AlterRoleStmt", define("role", "alter grant")],
  ["AlterRoleSetStmt", define("role", "alter config")],
  ["DropRoleStmt", define("role", "drop grant")],
  ["DropStmt", define("drop", "drop", "drop")],
  ["DropSubscriptionStmt", define("drop", "drop network", "drop")],
  ["DropTableSpaceStmt", define("drop", "drop", "drop")],
  ["DropUserMappingStmt", define("drop", "drop", "drop")],
  ["DropdbStmt", define("drop", "drop", "drop")],
  ["DropOwnedStmt", define("drop", "drop grant", "drop")],
  ["ReassignOwnedStmt", define("alter", "alter grant")],
  ["RenameStmt", define("rename", "alter")],
  ["CommentStmt", define("comment", "alter")],
  ["SecLabelStmt", define("alter", "alter")],
  ["TruncateStmt", define("truncate", "truncate", "truncate")],
  ["LockStmt", define("lock", "lock", "lock")],
  ["VacuumStmt", define("vacuum", "write lock", "lock")],
  ["ReindexStmt", define("reindex", "alter lock")],
  ["ClusterStmt", define("cluster", "alter lock")],
  ["RefreshMatViewStmt", define("refresh", "read write lock", "write")],
  ["CheckPointStmt", define("checkpoint", "write", "lock")],
  ["LoadStmt", define("load", "exec file_read", "lock")],
]);

/** Analyses a statement of the table above; its kind is the answer. */
export function analyseDefinition(ledger: Ledger, node: string, statement: Fields, inventory: Inventory): Kind {
  const definition = definitions.get(node);
  if (definition === undefined) {
    unsure(ledger, `node:${node}`);
    return "other";
  }
  addEffects(ledger, definition.effects);
  const items = subjectsOf(statement).map((rangeVar) => noteSubject(ledger, rangeVar, definition.access));
  for (const names of namedSubjects(node, statement)) items.push(noteNamed(ledger, names, definition.access));
  adjust(ledger, node, statement);
  noteExposure(ledger, node, statement, items);
  const reference = node === "AlterTableStmt" ? "alter" : "read";
  walkRest(ledger, inventory, definitionScope(ledger, items), reference);
  return kindOfDefinition(node, statement, definition.kind);
}

function kindOfDefinition(node: string, statement: Fields, kind: Kind): Kind {
  if (node === "GrantStmt" || node === "GrantRoleStmt") return statement.is_grant === true ? "grant" : "revoke";
  if (node === "VacuumStmt") return statement.is_vacuumcmd === true ? "vacuum" : "analyze";
  return kind;
}

/** Relations a statement is about, as range variables. */
function subjectsOf(statement: Fields): readonly Fields[] {
  const base = bare(statement.base);
  const single = [statement.relation, statement.sequence, statement.typevar, statement.table, base?.relation].map(bare);
  const listed = [...listOf(statement.relations), ...listOf(statement.rels), ...grantedRelations(statement)].map(
    (node) => only("RangeVar", node) ?? bare(only("VacuumRelation", node)?.relation),
  );
  return [...single, ...listed].filter((rangeVar) => rangeVar !== null);
}

const grantedRelations = (statement: Fields): readonly unknown[] =>
  statement.objtype === "OBJECT_TABLE" || statement.objtype === "OBJECT_SEQUENCE" ? listOf(statement.objects) : [];

function noteSubject(ledger: Ledger, rangeVar: Fields, access: Access): Item {
  ledger.reached.add(rangeVar);
  const relation = access === "create" ? newRelation(ledger, rangeVar) : resolveRelation(ledger, rangeVar);
  noteRelation(ledger, relation, access, "object", rangeVar.inh === true && access !== "create");
  return itemOf(ledger, relation, textOf(bare(rangeVar.alias)?.aliasname));
}

function noteNamed(ledger: Ledger, names: readonly string[], access: Access): Item {
  const [relname = "", schemaname = "", catalogname = ""] = names.toReversed();
  return noteSubject(ledger, { relname, schemaname, catalogname, inh: true }, access);
}

const relationTypes = new Set([
  "OBJECT_TABLE",
  "OBJECT_VIEW",
  "OBJECT_MATVIEW",
  "OBJECT_FOREIGN_TABLE",
  "OBJECT_SEQUENCE",
]);
/** Objects named after the relation they belong to: `table, trigger`. */
const relationParts = new Set([
  "OBJECT_TRIGGER",
  "OBJECT_RULE",
  "OBJECT_POLICY",
  "OBJECT_COLUMN",
  "OBJECT_TABCONSTRAINT",
]);

/** Relations a statement is about, as lists of names. */
function namedSubjects(node: string, statement: Fields): readonly (readonly string[])[] {
  const type = textOf(statement.removeType ?? statement.objtype ?? statement.objectType);
  const objects = node === "DropStmt" ? listOf(statement.objects) : [statement.object];
  if (node !== "DropStmt" && node !== "CommentStmt" && node !== "SecLabelStmt") return [];
  const names = objects.map((object) => stringsOf(fieldsOf(object).items));
  if (relationTypes.has(type)) return names;
  return relationParts.has(type) ? names.map((list) => list.slice(0, -1)) : [];
}

/** Objects that hold data or run code of others, which are not named in the statement. */
const containers = new Set(["OBJECT_SCHEMA", "OBJECT_EXTENSION", "OBJECT_TYPE", "OBJECT_DOMAIN", "OBJECT_INDEX"]);

/** What the table cannot say: effects and uncertainty that depend on the statement's own fields. */
function adjust(ledger: Ledger, node: string, statement: Fields): void {
  if (statement.behavior === "DROP_CASCADE" && node !== "GrantStmt") widen(ledger, "cascade");
  if (node === "DropStmt" && containers.has(textOf(statement.removeType))) widen(ledger, "contents");
  if (node === "GrantStmt" && statement.targtype !== "ACL_TARGET_OBJECT") widen(ledger, "all_in_schema");
  if (node === "VacuumStmt" && statement.is_vacuumcmd !== true) addEffects(ledger, ["read"]);
  if (node === "CreateSchemaStmt" && listOf(statement.schemaElts).length > 0) unsure(ledger, "schema_elements");
  if (node === "CreateExtensionStmt" || node === "AlterExtensionStmt") unsure(ledger, "extension_script");
  if (touchesAll(node, statement)) widen(ledger, "all_relations");
  for (const command of listOf(statement.cmds)) {
    const { subtype } = fieldsOf(command);
    if (subtype === "AT_DropColumn") addEffects(ledger, ["drop"]);
    if (grantingChanges.has(textOf(subtype))) addEffects(ledger, ["grant"]);
  }
  // SECURITY DEFINER: whoever calls the function acts with its owner's rights.
  const options = [...listOf(statement.actions), ...listOf(statement.options)].map((option) => only("DefElem", option));
  const isFunction = node === "AlterFunctionStmt" || node === "CreateFunctionStmt";
  if (isFunction && options.some((option) => option?.defname === "security")) addEffects(ledger, ["grant"]);
}

/** Changes of a table that decide who may see or change its rows. */
const grantingChanges = new Set(
  "AT_ChangeOwner AT_EnableRowSecurity AT_DisableRowSecurity AT_ForceRowSecurity AT_NoForceRowSecurity".split(" "),
);

function touchesAll(node: string, statement: Fields): boolean {
  if (node === "VacuumStmt") return listOf(statement.rels).length === 0;
  if (node === "ReindexStmt") return statement.relation === undefined;
  if (node === "ClusterStmt") return statement.relation === undefined;
  return [
    "AlterTableMoveAllStmt",
    "DropOwnedStmt",
    "ReassignOwnedStmt",
    "DropdbStmt",
    "ImportForeignSchemaStmt",
  ].includes(node);
}

function widen(ledger: Ledger, reason: string): void {
  ledger.relations_open = true;
  incomplete(ledger, reason);
}

/** In a definition any name may be a column of something that is not there yet: it has no sources. */
function definitionScope(ledger: Ledger, items: readonly Item[]): Scope {
  const anything = { columns: [], rest: [{ kind: "value" as const, sources: [] }] };
  const unbound = ["old", "new", "excluded"].map((alias) => ({
    ...anything,
    alias,
    schema: null,
    relation: null,
    star_certain: true,
  }));
  const outer = openScope(ledger, null, null, "reference", unbound);
  return openScope(ledger, outer, null, "reference", items);
}

/**
 * Walks whatever of a statement has not been reached: expressions for their calls, queries and relations as references.
 */
export function walkRest(ledger: Ledger, inventory: Inventory, scope: Scope, access: Access): void {
  for (const { kind, fields } of inventory.expected) {
    if (ledger.reached.has(fields)) continue;
    if (kind === "RangeVar") noteReference(ledger, fields, access);
    else if (kind.endsWith("Stmt")) noteQuery(scope, kind, fields);
    else if (kind === "IntoClause" || kind === "LockingClause") unsure(ledger, `unreached:${kind}`);
    else influenceOf(scope, { [kind]: fields });
  }
}

function noteReference(ledger: Ledger, rangeVar: Fields, access: Access): void {
  ledger.reached.add(rangeVar);
  noteRelation(ledger, resolveRelation(ledger, rangeVar), access, "reference");
}

/** A query that is stored, not run. */
function noteQuery(scope: Scope, kind: string, fields: Fields): void {
  const part = partOf(scope.ledger);
  const rows = analyseQuery(openScope(part, { ...scope, ledger: part }, null, "reference"), { [kind]: fields });
  absorb(scope.ledger, part, allSources(rows));
}
