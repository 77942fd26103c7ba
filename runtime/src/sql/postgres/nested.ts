/** Statements that hold a query: EXPLAIN, COPY, PREPARE, DECLARE, CREATE TABLE AS, CREATE VIEW. */

import { sqlPath } from "../paths.js";
import { optionOf } from "./calls.js";
import { influenceOf } from "./expression.js";
import { relationItem, tableItem } from "./from.js";
import {
  absorb,
  addEffects,
  addTarget,
  type Effect,
  influence,
  type Kind,
  type Ledger,
  loseLineage,
  noOutput,
  type Output,
  partOf,
  unsure,
} from "./ledger.js";
import { newRelation, noteRelation, resolveRelation } from "./names.js";
import { bare, type Fields, fieldsOf, kindOf, listOf, stringsOf, textOf } from "./nodes.js";
import { analyseQuery } from "./query.js";
import { allSources, columnIn, openScope, type Rowset, type Scope } from "./scope.js";
import { noteSideEffects, storedInAll } from "./side-effects.js";

export interface Outcome {
  readonly kind: Kind;
  readonly output: Output;
}

const outcome = (kind: Kind, output: Output = noOutput): Outcome => ({ kind, output });

export const outputOf = (rows: Rowset, limit: number | null = null): Output => ({
  columns: rows.columns,
  columns_open: rows.rest.length > 0,
  limit,
});

export const topScope = (ledger: Ledger): Scope => openScope(ledger, null, null, "from");

/** EXPLAIN shows a plan; with ANALYZE it also runs the statement. What the inner query reads shows in the plan. */
export function analyseExplain(ledger: Ledger, statement: Fields): Outcome {
  addEffects(ledger, ["read"]);
  const output = outputOf({ columns: [{ name: "QUERY PLAN", sources: [], exact: false }], rest: [] });
  const runs = listOf(statement.options).some(turnsAnalyzeOn);
  const part = partOf(ledger);
  const rows = innerRows(part, statement.query);
  if (runs) takeEffects(ledger, part);
  // Sizes of what is written to the log, buffers and triggers: they tell of whole rows.
  if (runs)
    for (const { schema, name } of part.targets.values())
      influence(part, storedInAll(part, [String(schema), String(name)]));
  else for (const [key, relation] of part.relations) part.relations.set(key, { ...relation, access: "read" });
  absorb(ledger, part, allSources(rows));
  return outcome("explain", output);
}

/** Any spelling that is not clearly "off" counts as on, and so does the first of several. */
function turnsAnalyzeOn(node: unknown): boolean {
  const { name, arg } = optionOf(node);
  if (name !== "analyze") return false;
  const value = textOf(fieldsOf(arg).sval).toLowerCase();
  if (kindOf(arg) === "Integer") return fieldsOf(arg).ival !== undefined && fieldsOf(arg).ival !== 0;
  if (kindOf(arg) === "Boolean") return fieldsOf(arg).boolval === true;
  return !["off", "false", "0", "no"].includes(value);
}

function innerRows(ledger: Ledger, query: unknown): Rowset {
  const fields = fieldsOf(query);
  switch (kindOf(query)) {
    case "CreateTableAsStmt":
      analyseCreateTableAs(ledger, fields);
      return { columns: [], rest: [] };
    case "DeclareCursorStmt":
      return analyseQuery(topScope(ledger), fields.query);
    case "ExecuteStmt":
      analyseExecute(ledger, fields);
      return { columns: [], rest: [] };
    case "RefreshMatViewStmt":
      noteRefresh(ledger, fields);
      return { columns: [], rest: [] };
    default:
      return analyseQuery(topScope(ledger), query);
  }
}

function noteRefresh(ledger: Ledger, statement: Fields): void {
  const relation = bare(statement.relation) ?? {};
  ledger.reached.add(relation);
  addEffects(ledger, ["read", "write", "lock"]);
  noteRelation(ledger, resolveRelation(ledger, relation), "write", "object");
}

function takeEffects(ledger: Ledger, part: Ledger): void {
  addEffects(ledger, [...part.effects]);
  for (const target of part.targets.values()) addTarget(ledger, target);
}

/** A prepared statement does nothing yet; its facts are those of what it will do. */
export function analysePrepare(ledger: Ledger, statement: Fields): Outcome {
  const part = partOf(ledger);
  const rows = analyseQuery(topScope(part), statement.query);
  takeEffects(ledger, part);
  if (kindOf(statement.query) === "SelectStmt") addEffects(ledger, ["read"]);
  absorb(ledger, part, allSources(rows));
  return outcome("prepare");
}

/** What EXECUTE runs was prepared earlier in the session, which we have not seen. */
export function analyseExecute(ledger: Ledger, statement: Fields): Outcome {
  addEffects(ledger, ["dynamic"]);
  for (const parameter of listOf(statement.params)) influenceOf(topScope(ledger), parameter);
  unsure(ledger, "prepared_statement");
  return outcome("execute", { columns: [], columns_open: true, limit: null });
}

/** A cursor hands its rows out by FETCH: here they count as influence. */
export function analyseDeclare(ledger: Ledger, statement: Fields): Outcome {
  const rows = analyseQuery(topScope(ledger), statement.query);
  addEffects(ledger, ["read"]);
  influence(ledger, allSources(rows));
  if (rows.rest.some((loose) => loose.kind === "table")) loseLineage(ledger, "star");
  return outcome("declare");
}

/** CREATE TABLE AS, SELECT INTO as a statement of its own, CREATE MATERIALIZED VIEW. */
export function analyseCreateTableAs(ledger: Ledger, statement: Fields): Outcome {
  const into = bare(statement.into) ?? {};
  const target = bare(into.rel) ?? {};
  ledger.reached.add(into);
  ledger.reached.add(target);
  const rows = innerRows(ledger, statement.query);
  addEffects(ledger, ["read", "create"]);
  noteRelation(ledger, newRelation(ledger, target), "create", "target", false);
  influence(ledger, allSources(rows));
  if (rows.rest.some((loose) => loose.kind === "table")) loseLineage(ledger, "star");
  return outcome("create");
}

/** CREATE VIEW stores a query. */
export function analyseView(ledger: Ledger, statement: Fields): Outcome {
  const view = bare(statement.view) ?? {};
  ledger.reached.add(view);
  addEffects(ledger, ["create"]);
  noteRelation(ledger, newRelation(ledger, view), "create", "object", false);
  const part = partOf(ledger);
  const rows = analyseQuery(openScope(part, null, null, "reference"), statement.query);
  if (rows.rest.some((loose) => loose.kind === "table")) loseLineage(part, "star");
  absorb(ledger, part, allSources(rows));
  return outcome("create");
}

export function analyseCopy(ledger: Ledger, statement: Fields): Outcome {
  return statement.is_from === true ? copyFrom(ledger, statement) : copyTo(ledger, statement);
}

/** Effects of the other end: the client, a program on the server, or a file there. */
function otherEnd(statement: Fields, file: Effect): readonly Effect[] {
  if (statement.is_program === true) return ["exec", file];
  return textOf(statement.filename) === "" ? [] : [file];
}

function copyFrom(ledger: Ledger, statement: Fields): Outcome {
  const rangeVar = bare(statement.relation) ?? {};
  ledger.reached.add(rangeVar);
  const relation = resolveRelation(ledger, rangeVar);
  addEffects(ledger, ["write", ...otherEnd(statement, "file_read")]);
  noteRelation(ledger, relation, "write", "target");
  const { schema, name } = relation;
  addTarget(ledger, {
    relation: sqlPath(schema, name),
    schema,
    name,
    change: "insert",
    restricted: false,
    by_key: false,
  });
  const names = stringsOf(statement.attlist);
  noteSideEffects(ledger, relation, { kind: "insert", written: names.length === 0 ? null : names });
  const top = topScope(ledger);
  influenceOf(openScope(ledger, null, null, "from", [relationItem(top, relation, rangeVar)]), statement.whereClause);
  return outcome("copy");
}

function copyTo(ledger: Ledger, statement: Fields): Outcome {
  const rows =
    statement.query === undefined ? copiedTable(ledger, statement) : analyseQuery(topScope(ledger), statement.query);
  const end = otherEnd(statement, "file_write");
  addEffects(ledger, ["read", ...end]);
  if (end.length === 0) return outcome("copy", outputOf(rows));
  influence(ledger, allSources(rows));
  if (rows.rest.length > 0) loseLineage(ledger, "star");
  return outcome("copy");
}

function copiedTable(ledger: Ledger, statement: Fields): Rowset {
  const item = tableItem(topScope(ledger), bare(statement.relation) ?? {}, "from");
  const names = stringsOf(statement.attlist);
  if (names.length === 0 && item.rest.length > 0) loseLineage(ledger, "star");
  if (names.length === 0) return item;
  return { columns: names.map((name) => columnIn(item, name) ?? { name, sources: [], exact: false }), rest: [] };
}
