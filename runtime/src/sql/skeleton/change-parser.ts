/** INSERT, REPLACE, UPDATE, DELETE, MERGE. */
import {
  accept,
  acceptOneOf,
  type Cursor,
  expect,
  inBrackets,
  listOf,
  notUnderstood,
  peek,
  readName,
  readPath,
  seesName,
  skipBrackets,
} from "./cursor.js";
import { parseExpression } from "./expression-parser.js";
import { parseFrom, parseSource, readTablePath } from "./from-parser.js";
import {
  parseLimit,
  parseOrder,
  parseQuery,
  parseSelectItems,
  parseWith,
  readAlias,
  seesQuery,
} from "./query-parser.js";
import type { Assignment, Change, Cte, Expression, MergeAction, Path, SelectItem, Table } from "./tree.js";

const changeOptions = new Set("LOW_PRIORITY DELAYED HIGH_PRIORITY QUICK IGNORE".split(" "));
const isMysql = (cursor: Cursor): boolean => cursor.grammar.dialect === "mysql";

const skipOptions = (cursor: Cursor): void => {
  while (isMysql(cursor) && acceptOneOf(cursor, changeOptions) !== null);
};

const targetPath = (cursor: Cursor): Path => (isMysql(cursor) ? readPath(cursor) : readTablePath(cursor));

/** INSERT or REPLACE, behind its verb. */
export function parseInsert(cursor: Cursor, replaces: boolean): Change {
  skipOptions(cursor);
  accept(cursor, "INTO");
  const path = targetPath(cursor);
  if (accept(cursor, "PARTITION")) skipBrackets(cursor);
  if (peek(cursor) === "(" && !seesQuery(cursor)) inBrackets(cursor, columnList);
  const table: Table = { kind: "table", path, alias: null };
  const written = parseWritten(cursor);
  const on_duplicate = accept(cursor, "ON", "DUPLICATE", "KEY", "UPDATE") ? listOf(cursor, parseAssignment) : null;
  return { kind: "insert", replaces, table, ...written, on_duplicate, returning: parseReturning(cursor) };
}

const columnList = (cursor: Cursor): readonly Path[] => (peek(cursor) === ")" ? [] : listOf(cursor, readPath));

type Written = Pick<Change & { kind: "insert" }, "values" | "query">;

/** VALUES (..), .. | SET a = v, .. | query. */
function parseWritten(cursor: Cursor): Written {
  const next = peek(cursor, 1);
  if (peek(cursor) === "VALUE" || (peek(cursor) === "VALUES" && next !== "ROW")) {
    cursor.at++;
    const values = listOf(cursor, parseRow).flat();
    readRowAlias(cursor);
    return { values, query: null };
  }
  if (accept(cursor, "SET")) {
    const values = listOf(cursor, parseAssignment).map(({ value }) => value);
    readRowAlias(cursor);
    return { values, query: null };
  }
  return { values: [], query: parseQuery(cursor) };
}

const parseRow = (cursor: Cursor): readonly Expression[] =>
  inBrackets(cursor, (inner) => (peek(inner) === ")" ? [] : listOf(inner, parseValue)));

/** `AS new (a, b)` behind VALUES names the row for ON DUPLICATE KEY. */
function readRowAlias(cursor: Cursor): void {
  if (!isMysql(cursor) || !accept(cursor, "AS")) return;
  readName(cursor);
  if (peek(cursor) === "(") inBrackets(cursor, columnList);
}

function parseValue(cursor: Cursor): Expression {
  if (peek(cursor) === "DEFAULT" && peek(cursor, 1) !== "(") {
    cursor.at++;
    return { kind: "constant" };
  }
  return parseExpression(cursor);
}

export function parseAssignment(cursor: Cursor): Assignment {
  const column = readPath(cursor);
  if (!accept(cursor, ":=")) expect(cursor, "=");
  return { column, value: parseValue(cursor) };
}

const parseReturning = (cursor: Cursor): readonly SelectItem[] =>
  isMysql(cursor) && accept(cursor, "RETURNING") ? parseSelectItems(cursor) : [];

const noCtes: readonly Cte[] = [];

/** UPDATE, behind its verb. */
export function parseUpdate(cursor: Cursor, ctes: readonly Cte[] = noCtes): Change {
  skipOptions(cursor);
  const from = parseFrom(cursor);
  expect(cursor, "SET");
  const assignments = listOf(cursor, parseAssignment);
  const more = !isMysql(cursor) && accept(cursor, "FROM") ? parseFrom(cursor) : null;
  const all =
    more === null
      ? from
      : {
          sources: [...from.sources, ...more.sources],
          conditions: [...from.conditions, ...more.conditions],
          influences: [...from.influences, ...more.influences],
          merges_columns: more.merges_columns,
        };
  const where = accept(cursor, "WHERE") ? parseExpression(cursor) : null;
  return { kind: "update", ctes, from: all, assignments, where, influences: parseEnd(cursor) };
}

/** DELETE, behind its verb: of one table, or of some of several. */
export function parseDelete(cursor: Cursor, ctes: readonly Cte[] = noCtes): Change {
  skipOptions(cursor);
  if (!isMysql(cursor)) {
    accept(cursor, "FROM");
    return parseDeleteOne(cursor, ctes);
  }
  if (peek(cursor) === "HISTORY") notUnderstood();
  const behindFrom = accept(cursor, "FROM");
  if (!behindFrom || seesSeveralTargets(cursor)) return parseDeleteSeveral(cursor, ctes, behindFrom);
  return parseDeleteOne(cursor, ctes);
}

/** `a, b USING` or `a.* USING` behind DELETE FROM. */
function seesSeveralTargets(cursor: Cursor): boolean {
  const start = cursor.at;
  if (!seesName(cursor)) return false;
  listOf(cursor, readTarget);
  const found = peek(cursor) === "USING";
  cursor.at = start;
  return found;
}

/** `t`, `s.t`, `t.*`. */
function readTarget(cursor: Cursor): Path {
  const path = readPath(cursor);
  if (accept(cursor, ".")) expect(cursor, "*");
  return path;
}

function parseDeleteSeveral(cursor: Cursor, ctes: readonly Cte[], behindFrom: boolean): Change {
  const targets = listOf(cursor, readTarget);
  expect(cursor, behindFrom ? "USING" : "FROM");
  const from = parseFrom(cursor);
  const where = accept(cursor, "WHERE") ? parseExpression(cursor) : null;
  return { kind: "delete", ctes, from, targets, where, influences: [], returning: [] };
}

function parseDeleteOne(cursor: Cursor, ctes: readonly Cte[]): Change {
  const path = targetPath(cursor);
  if (isMysql(cursor) && accept(cursor, "PARTITION")) skipBrackets(cursor);
  const alias = readAlias(cursor);
  const from = {
    sources: [{ kind: "table", path, alias } as const],
    conditions: [],
    influences: [],
    merges_columns: false,
  };
  const where = accept(cursor, "WHERE") ? parseExpression(cursor) : null;
  const influences = parseEnd(cursor);
  const targets = [alias === null ? path : [alias]];
  return { kind: "delete", ctes, from, targets, where, influences, returning: parseReturning(cursor) };
}

/** ORDER BY and LIMIT of a change decide which rows it meets. */
function parseEnd(cursor: Cursor): readonly Expression[] {
  const order = accept(cursor, "ORDER", "BY") ? parseOrder(cursor) : [];
  return [...order, ...parseLimit(cursor).bounds];
}

/** WITH .. before UPDATE or DELETE; null when a query follows. */
export function parseChangeWith(cursor: Cursor): Change | null {
  const start = cursor.at;
  const { ctes } = parseWith(cursor);
  if (accept(cursor, "UPDATE")) return parseUpdate(cursor, ctes);
  if (accept(cursor, "DELETE")) return parseDelete(cursor, ctes);
  cursor.at = start;
  return null;
}

/** MERGE, behind its verb. */
export function parseMerge(cursor: Cursor): Change {
  accept(cursor, "INTO");
  const path = readTablePath(cursor);
  const table: Table = { kind: "table", path, alias: readAlias(cursor) };
  expect(cursor, "USING");
  const source = parseSource(cursor);
  expect(cursor, "ON");
  const on = parseExpression(cursor);
  const actions: MergeAction[] = [];
  while (accept(cursor, "WHEN")) actions.push(parseMergeAction(cursor));
  if (actions.length === 0) notUnderstood();
  return { kind: "merge", table, source, on, actions };
}

/** [NOT] MATCHED [BY TARGET | SOURCE] [AND condition] THEN change. */
function parseMergeAction(cursor: Cursor): MergeAction {
  accept(cursor, "NOT");
  expect(cursor, "MATCHED");
  if (accept(cursor, "BY") && !accept(cursor, "TARGET")) expect(cursor, "SOURCE");
  const condition = accept(cursor, "AND") ? parseExpression(cursor) : null;
  expect(cursor, "THEN");
  if (accept(cursor, "DELETE")) return { change: "delete", condition, values: [] };
  if (accept(cursor, "UPDATE", "SET"))
    return { change: "update", condition, values: listOf(cursor, parseAssignment).map(({ value }) => value) };
  expect(cursor, "INSERT");
  if (accept(cursor, "ROW")) return { change: "insert", condition, values: [] };
  if (peek(cursor) === "(") inBrackets(cursor, columnList);
  if (accept(cursor, "ROW")) return { change: "insert", condition, values: [] };
  expect(cursor, "VALUES");
  return { change: "insert", condition, values: parseRow(cursor) };
}
