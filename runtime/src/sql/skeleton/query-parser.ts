/** Queries: WITH, SELECT, VALUES, TABLE, set operations, ORDER BY, LIMIT, INTO, locks. */
import { parseWindowBody } from "./call-parser.js";
import {
  accept,
  acceptOneOf,
  type Cursor,
  deeper,
  expect,
  inBrackets,
  kindAhead,
  listOf,
  notUnderstood,
  peek,
  readName,
  readPath,
  sees,
  seesName,
  textAt,
  unquoted,
} from "./cursor.js";
import { parseExpression } from "./expression-parser.js";
import { parseFrom } from "./from-parser.js";
import {
  type Branch,
  type Cte,
  type Expression,
  emptyFrom,
  type Into,
  type Query,
  type Select,
  type SelectItem,
} from "./tree.js";

const queryStarts = new Set(["SELECT", "WITH", "VALUES", "TABLE"]);
const bigqueryStarts = new Set(["SELECT", "WITH"]);

/** Whether a query may begin here, behind any number of brackets. */
export function seesQuery(cursor: Cursor): boolean {
  let ahead = 0;
  while (peek(cursor, ahead) === "(") ahead++;
  const word = peek(cursor, ahead);
  return queryStarts.has(word) && (cursor.grammar.dialect === "mysql" || bigqueryStarts.has(word));
}

export const parseQuery = (cursor: Cursor): Query => deeper(cursor, readQuery);

function readQuery(cursor: Cursor): Query {
  const { ctes, is_recursive } = parseWith(cursor);
  const branches = [parseBranch(cursor)];
  let compares = false;
  while (acceptOneOf(cursor, setOperators) !== null) {
    const isUnion = cursor.words[cursor.at - 1] === "UNION";
    const isAll = acceptOneOf(cursor, setQuantifiers) === "ALL";
    compares ||= !isUnion || !isAll;
    if (accept(cursor, "CORRESPONDING") || accept(cursor, "BY", "NAME")) notUnderstood();
    branches.push(parseBranch(cursor));
  }
  return { ctes, is_recursive, branches, compares, ...parseQueryEnd(cursor) };
}

const setOperators = new Set(["UNION", "EXCEPT", "INTERSECT", "MINUS"]);
const setQuantifiers = new Set(["ALL", "DISTINCT"]);

/** WITH [RECURSIVE] name [(columns)] AS (query), .. */
export function parseWith(cursor: Cursor): { readonly ctes: readonly Cte[]; readonly is_recursive: boolean } {
  if (!accept(cursor, "WITH")) return { ctes: [], is_recursive: false };
  const is_recursive = accept(cursor, "RECURSIVE");
  const ctes: Cte[] = [];
  do {
    const name = readName(cursor);
    const columns = peek(cursor) === "(" ? inBrackets(cursor, names) : null;
    expect(cursor, "AS");
    ctes.push({ name, columns, query: inBrackets(cursor, parseQuery) });
    if (accept(cursor, "CYCLE")) notUnderstood();
  } while (accept(cursor, ","));
  return { ctes, is_recursive };
}

const names = (cursor: Cursor): readonly string[] => listOf(cursor, (inner) => readName(inner));

function parseBranch(cursor: Cursor): Branch {
  if (peek(cursor) === "(") return { kind: "query", query: inBrackets(cursor, parseQuery) };
  if (accept(cursor, "SELECT")) return parseSelect(cursor);
  if (cursor.grammar.dialect === "mysql") {
    if (accept(cursor, "VALUES")) return { kind: "values", rows: listOf(cursor, parseValuesRow) };
    if (accept(cursor, "TABLE"))
      return { kind: "table", table: { kind: "table", path: readPath(cursor), alias: null } };
  }
  return notUnderstood();
}

function parseValuesRow(cursor: Cursor): readonly Expression[] {
  accept(cursor, "ROW");
  return inBrackets(cursor, (inner) => (peek(inner) === ")" ? [] : listOf(inner, parseExpression)));
}

const selectOptions = new Set(
  `ALL HIGH_PRIORITY STRAIGHT_JOIN SQL_SMALL_RESULT SQL_BIG_RESULT SQL_BUFFER_RESULT SQL_NO_CACHE SQL_CACHE
  SQL_CALC_FOUND_ROWS`.split(/\s+/),
);
const distinctWords = new Set(["DISTINCT", "DISTINCTROW"]);

function parseSelect(cursor: Cursor): Select {
  let distinct = false;
  while (true) {
    if (acceptOneOf(cursor, distinctWords) !== null) distinct = true;
    else if (acceptOneOf(cursor, selectOptions) === null) break;
  }
  if (accept(cursor, "AS") && acceptOneOf(cursor, rowShapes) === null) notUnderstood();
  const items = parseSelectItems(cursor);
  const into = parseInto(cursor);
  const from = accept(cursor, "FROM") ? parseFrom(cursor) : emptyFrom;
  const where = accept(cursor, "WHERE") ? parseExpression(cursor) : null;
  return { kind: "select", distinct, items, from, where, influences: parseGrouping(cursor), into };
}

const rowShapes = new Set(["STRUCT", "VALUE"]);

export const parseSelectItems = (cursor: Cursor): readonly SelectItem[] => {
  const items = [parseSelectItem(cursor)];
  // BigQuery allows a comma behind the last item.
  while (accept(cursor, ",")) {
    if (cursor.grammar.dialect === "bigquery" && peek(cursor) === "FROM") break;
    items.push(parseSelectItem(cursor));
  }
  return items;
};

function parseSelectItem(cursor: Cursor): SelectItem {
  if (accept(cursor, "*")) return starItem(cursor, []);
  if (seesQualifiedStar(cursor)) {
    const path = readPath(cursor);
    expect(cursor, ".", "*");
    return starItem(cursor, path);
  }
  const start = cursor.at;
  const value = parseExpression(cursor);
  const written = textBetween(cursor, start);
  if (peek(cursor) === "." && peek(cursor, 1) === "*") {
    cursor.at += 2;
    return { kind: "star", path: [], changed: true, replaced: [value, ...starChanges(cursor).replaced] };
  }
  return { kind: "value", value, name: readAlias(cursor) ?? (value.kind === "name" ? null : written) };
}

/** What MySQL calls a column without a name: its text. BigQuery counts. */
const textBetween = ({ grammar, tokens, at }: Cursor, start: number): string | null =>
  grammar.dialect === "mysql" ? tokens.text.slice(tokens.starts[start], tokens.ends[at - 1]) : null;

/** `t.*`, `s.t.*`. */
function seesQualifiedStar(cursor: Cursor): boolean {
  if (!seesName(cursor)) return false;
  let ahead = 1;
  while (peek(cursor, ahead) === "." && peek(cursor, ahead + 1) !== "*") ahead += 2;
  return peek(cursor, ahead) === ".";
}

const starItem = (cursor: Cursor, path: readonly string[]): SelectItem => ({
  kind: "star",
  path,
  ...starChanges(cursor),
});

/** BigQuery's `* EXCEPT (a) REPLACE (e AS b)`. */
function starChanges(cursor: Cursor): { readonly changed: boolean; readonly replaced: readonly Expression[] } {
  if (cursor.grammar.dialect !== "bigquery") return { changed: false, replaced: [] };
  let changed = false;
  if (peek(cursor) === "EXCEPT" && peek(cursor, 1) === "(") {
    cursor.at++;
    inBrackets(cursor, names);
    changed = true;
  }
  if (!accept(cursor, "REPLACE")) return { changed, replaced: [] };
  const replaced = inBrackets(cursor, (inner) =>
    listOf(inner, (each) => {
      const value = parseExpression(each);
      expect(each, "AS");
      readName(each);
      return value;
    }),
  );
  return { changed: true, replaced };
}

/** `[AS] alias`; MySQL also takes a string. Null without one. */
export function readAlias(cursor: Cursor): string | null {
  const isMysql = cursor.grammar.dialect === "mysql";
  if (accept(cursor, "AS")) {
    if (isMysql && kindAhead(cursor) === "string") return unquoted(textAt(cursor, cursor.at++));
    return readName(cursor);
  }
  if (isMysql && kindAhead(cursor) === "string") return unquoted(textAt(cursor, cursor.at++));
  if (kindAhead(cursor) === "quoted") return readName(cursor);
  return seesName(cursor) && !cursor.grammar.clause_words.has(peek(cursor)) ? readName(cursor) : null;
}

/** GROUP BY, HAVING, QUALIFY, WINDOW. */
function parseGrouping(cursor: Cursor): readonly Expression[] {
  const found: Expression[] = [];
  if (accept(cursor, "GROUP", "BY")) {
    if (!accept(cursor, "ALL")) found.push(...listOf(cursor, parseGroupKey));
    accept(cursor, "WITH", "ROLLUP");
  }
  if (accept(cursor, "HAVING")) found.push(parseExpression(cursor));
  if (accept(cursor, "QUALIFY")) found.push(parseExpression(cursor));
  if (accept(cursor, "WINDOW"))
    listOf(cursor, (inner) => {
      readName(inner);
      expect(inner, "AS");
      if (peek(inner) === "(") found.push(...inBrackets(inner, parseWindowBody));
      else readName(inner);
    });
  return found;
}

/** BigQuery's ROLLUP, CUBE and GROUPING SETS list keys in brackets. */
function parseGroupKey(cursor: Cursor): Expression {
  const isBigquery = cursor.grammar.dialect === "bigquery";
  if (isBigquery && sees(cursor, "(", ")")) {
    cursor.at += 2;
    return { kind: "constant" };
  }
  if (isBigquery && (accept(cursor, "ROLLUP") || accept(cursor, "CUBE") || accept(cursor, "GROUPING", "SETS")))
    return { kind: "operation", operands: inBrackets(cursor, (inner) => listOf(inner, parseGroupKey)) };
  const key = parseExpression(cursor);
  acceptOneOf(cursor, directions);
  return key;
}

const directions = new Set(["ASC", "DESC"]);

/** Keys of ORDER BY. */
export const parseOrder = (cursor: Cursor): readonly Expression[] =>
  listOf(cursor, (inner) => {
    const key = parseExpression(inner);
    acceptOneOf(inner, directions);
    if (accept(inner, "NULLS")) inner.at++;
    return key;
  });

type QueryEnd = Pick<Query, "order" | "limit" | "bounds" | "locks" | "into">;

function parseQueryEnd(cursor: Cursor): QueryEnd {
  const order = accept(cursor, "ORDER", "BY") ? parseOrder(cursor) : [];
  const { limit, bounds } = parseLimit(cursor);
  const early = parseInto(cursor);
  const locks = parseLocks(cursor);
  return { order, limit, bounds, locks, into: early ?? parseInto(cursor) };
}

/** LIMIT n | LIMIT skip, n | LIMIT n OFFSET skip | OFFSET skip ROWS FETCH FIRST n ROWS ONLY. */
export function parseLimit(cursor: Cursor): { readonly limit: number | null; readonly bounds: readonly Expression[] } {
  if (accept(cursor, "LIMIT")) {
    const first = parseExpression(cursor);
    if (accept(cursor, ",")) return limitOf(parseExpression(cursor), first);
    return accept(cursor, "OFFSET") ? limitOf(first, parseExpression(cursor)) : limitOf(first);
  }
  if (cursor.grammar.dialect === "mysql" && (peek(cursor) === "FETCH" || peek(cursor) === "OFFSET"))
    return notUnderstood();
  return { limit: null, bounds: [] };
}

const limitOf = (count: Expression, ...skip: readonly Expression[]) => ({
  limit: count.kind === "number" ? count.value : null,
  bounds: [count, ...skip],
});

/** FOR UPDATE, FOR SHARE, LOCK IN SHARE MODE. */
function parseLocks(cursor: Cursor): boolean {
  let locks = false;
  while (cursor.grammar.dialect === "mysql") {
    if (accept(cursor, "LOCK", "IN", "SHARE", "MODE")) locks = true;
    else if (accept(cursor, "FOR", "UPDATE") || accept(cursor, "FOR", "SHARE")) {
      locks = true;
      if (accept(cursor, "OF")) listOf(cursor, readPath);
    } else break;
    if (accept(cursor, "SKIP")) expect(cursor, "LOCKED");
    else if (accept(cursor, "WAIT")) cursor.at++;
    else accept(cursor, "NOWAIT");
  }
  return locks;
}

/** INTO OUTFILE 'f' .. | INTO DUMPFILE 'f' | INTO @a, b. */
function parseInto(cursor: Cursor): Into | null {
  if (cursor.grammar.dialect !== "mysql" || !accept(cursor, "INTO")) return null;
  const isOutfile = accept(cursor, "OUTFILE");
  if (isOutfile || accept(cursor, "DUMPFILE")) {
    if (kindAhead(cursor) !== "string") notUnderstood();
    cursor.at++;
    if (isOutfile) readFileFormat(cursor);
    return { kind: "file" };
  }
  listOf(cursor, (inner) => {
    if (kindAhead(inner) === "variable") inner.at++;
    else readName(inner);
  });
  return { kind: "variables" };
}

const formatWords = new Set(
  "CHARACTER SET FIELDS COLUMNS LINES TERMINATED BY OPTIONALLY ENCLOSED ESCAPED STARTING".split(" "),
);

/** CHARACTER SET c, FIELDS TERMINATED BY 's' and so on: words and strings, no value of a row. */
export function readFileFormat(cursor: Cursor): void {
  while (true) {
    if (accept(cursor, "CHARACTER", "SET")) readName(cursor, { any_word: true });
    else if (acceptOneOf(cursor, formatWords) === null) return;
    if (kindAhead(cursor) === "string") cursor.at++;
  }
}
