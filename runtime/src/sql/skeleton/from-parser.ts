/** FROM lists and joins, as one flat list of sources. */
import { parseCall } from "./call-parser.js";
import {
  accept,
  acceptOneOf,
  attempt,
  type Cursor,
  deeper,
  expect,
  inBrackets,
  isAdjacent,
  kindAhead,
  listOf,
  notUnderstood,
  peek,
  readName,
  readPath,
  seesName,
  skipBrackets,
  textAt,
} from "./cursor.js";
import { parseExpression } from "./expression-parser.js";
import { parseQuery, readAlias, seesQuery } from "./query-parser.js";
import type { Expression, From, Path, Source, Table } from "./tree.js";

interface Collected {
  readonly sources: Source[];
  readonly conditions: Expression[];
  readonly influences: Expression[];
  merges_columns: boolean;
  has_outer: boolean;
}

/** What stands behind FROM, or between UPDATE and SET. */
export function parseFrom(cursor: Cursor): From {
  const found: Collected = { sources: [], conditions: [], influences: [], merges_columns: false, has_outer: false };
  readReferences(cursor, found);
  const { sources, conditions, influences, merges_columns } = found;
  // ON of an outer join limits no rows; which ON belongs to which join, a flat list does not tell.
  return found.has_outer
    ? { sources, conditions: [], influences: [...influences, ...conditions], merges_columns }
    : { sources, conditions, influences, merges_columns };
}

function readReferences(cursor: Cursor, found: Collected): void {
  readFactor(cursor, found);
  while (accept(cursor, ",") || readJoin(cursor, found)) {
    // BigQuery allows a comma at the end of a list in other places, not here.
    readFactor(cursor, found);
    readJoinConditions(cursor, found);
  }
}

const joinWords = new Set("JOIN INNER CROSS LEFT RIGHT FULL NATURAL STRAIGHT_JOIN".split(" "));
const outerWords = new Set(["LEFT", "RIGHT", "FULL"]);

/** Moves over the words of a join; false when none comes. */
function readJoin(cursor: Cursor, found: Collected): boolean {
  if (!joinWords.has(peek(cursor))) return false;
  if (accept(cursor, "STRAIGHT_JOIN")) return true;
  if (accept(cursor, "NATURAL")) found.merges_columns = true;
  if (acceptOneOf(cursor, outerWords) !== null) {
    found.has_outer = true;
    accept(cursor, "OUTER");
  } else if (!accept(cursor, "INNER")) accept(cursor, "CROSS");
  expect(cursor, "JOIN");
  return true;
}

function readJoinConditions(cursor: Cursor, found: Collected): void {
  while (true) {
    if (accept(cursor, "ON")) found.conditions.push(parseExpression(cursor));
    else if (accept(cursor, "USING")) {
      const columns = inBrackets(cursor, (inner) => listOf(inner, (each) => readName(each)));
      for (const column of columns) found.influences.push({ kind: "name", path: [column] });
      found.merges_columns = true;
    } else return;
  }
}

function readFactor(cursor: Cursor, found: Collected): void {
  deeper(cursor, () => {
    if (peek(cursor) === "(") return readBracketed(cursor, found);
    if (accept(cursor, "LATERAL")) {
      expect(cursor, "(");
      found.sources.push({ ...readDerived(cursor), is_lateral: true });
    } else found.sources.push(parseSource(cursor));
  });
}

/** A subquery, or joins in brackets. */
function readBracketed(cursor: Cursor, found: Collected): void {
  expect(cursor, "(");
  const derived = seesQuery(cursor) ? attempt(cursor, readDerived) : null;
  if (derived !== null) {
    found.sources.push(derived);
    return;
  }
  readReferences(cursor, found);
  expect(cursor, ")");
  readPivot(cursor);
}

/** `query) [AS] alias [(columns)]`. */
function readDerived(cursor: Cursor): Source & { kind: "derived" } {
  const query = parseQuery(cursor);
  expect(cursor, ")");
  readPivot(cursor);
  const alias = readAlias(cursor) ?? "";
  const columns =
    peek(cursor) === "(" && alias !== ""
      ? inBrackets(cursor, (inner) => listOf(inner, (each) => readName(each)))
      : null;
  return { kind: "derived", query, alias, columns, is_lateral: false };
}

/** One table or computed source, or a subquery in brackets: what MERGE can read. */
export function parseSource(cursor: Cursor): Source {
  const isBigquery = cursor.grammar.dialect === "bigquery";
  if (accept(cursor, "(")) return readDerived(cursor);
  if (isBigquery && peek(cursor) === "UNNEST") return readUnnest(cursor);
  if (!isBigquery && peek(cursor) === "JSON_TABLE") return readJsonTable(cursor);
  if (!isBigquery && accept(cursor, "DUAL")) return { kind: "computed", operands: [], alias: "" };
  return isBigquery ? readBigqueryTable(cursor) : readTable(cursor);
}

/** MySQL: name [PARTITION (..)] [FOR SYSTEM_TIME ..] [alias] [index hints]. */
export function readTable(cursor: Cursor): Table {
  const path = readPath(cursor);
  if (accept(cursor, "PARTITION")) skipBrackets(cursor);
  if (peek(cursor) === "FOR" && peek(cursor, 1) === "SYSTEM_TIME") notUnderstood();
  const alias = readAlias(cursor);
  while (acceptOneOf(cursor, hintWords) !== null) readIndexHint(cursor);
  return { kind: "table", path, alias };
}

const hintWords = new Set(["USE", "IGNORE", "FORCE"]);

function readIndexHint(cursor: Cursor): void {
  if (!accept(cursor, "INDEX")) expect(cursor, "KEY");
  if (accept(cursor, "FOR") && !accept(cursor, "JOIN")) {
    cursor.at++;
    expect(cursor, "BY");
  }
  skipBrackets(cursor);
}

/** JSON_TABLE(value, path COLUMNS (..)) [AS] alias. */
function readJsonTable(cursor: Cursor): Source {
  expect(cursor, "JSON_TABLE", "(");
  const value = parseExpression(cursor);
  expect(cursor, ",");
  if (kindAhead(cursor) !== "string") notUnderstood();
  cursor.at++;
  expect(cursor, "COLUMNS");
  skipBrackets(cursor);
  expect(cursor, ")");
  return { kind: "computed", operands: [value], alias: readAlias(cursor) ?? "" };
}

function readUnnest(cursor: Cursor): Source {
  expect(cursor, "UNNEST");
  const operand = inBrackets(cursor, parseExpression);
  const alias = readAlias(cursor) ?? "";
  readOffset(cursor);
  return { kind: "computed", operands: [operand], alias };
}

function readOffset(cursor: Cursor): void {
  if (accept(cursor, "WITH", "OFFSET")) readAlias(cursor);
}

/** BigQuery: a path or a function that returns a table, with what may follow it. */
function readBigqueryTable(cursor: Cursor): Source {
  const path = readTablePath(cursor);
  if (peek(cursor) === "(") {
    const operand = parseTableFunction(cursor, path);
    const alias = readAlias(cursor) ?? "";
    return { kind: "computed", operands: [operand], alias };
  }
  const moment = accept(cursor, "FOR", "SYSTEM_TIME", "AS", "OF") ? [parseExpression(cursor)] : [];
  const alias = readAlias(cursor);
  readOffset(cursor);
  readPivot(cursor);
  if (accept(cursor, "TABLESAMPLE", "SYSTEM")) skipBrackets(cursor);
  if (moment.some((each) => each.kind === "subquery")) notUnderstood();
  return { kind: "table", path, alias };
}

/** `project-1.dataset.table`: dashes may stand in the first part, dots in quotes. */
export function readTablePath(cursor: Cursor): Path {
  const first = kindAhead(cursor) === "quoted" ? readName(cursor) : readDashed(cursor);
  const path = first.split(".");
  while (peek(cursor) === "." && peek(cursor, 1) !== "*") {
    cursor.at++;
    path.push(...readName(cursor, { any_word: true }).split("."));
  }
  if (path.includes("")) notUnderstood();
  return path;
}

function readDashed(cursor: Cursor): string {
  if (!seesName(cursor)) notUnderstood();
  let name = textAt(cursor, cursor.at++);
  while (peek(cursor) === "-" && isAdjacent(cursor, cursor.at) && isAdjacent(cursor, cursor.at + 1)) {
    const kind = kindAhead(cursor, 1);
    if (kind !== "word" && kind !== "number") notUnderstood();
    name += `-${textAt(cursor, cursor.at + 1)}`;
    cursor.at += 2;
  }
  return name;
}

/** Arguments of a table function: TABLE t, MODEL m, queries and values. */
function parseTableFunction(cursor: Cursor, path: Path): Expression {
  if (!tableArguments.has(peek(cursor, 1))) return parseCall(cursor, path);
  expect(cursor, "(");
  const args = listOf(cursor, parseTableArgument);
  expect(cursor, ")");
  return { kind: "call", path, args, is_spaced: false };
}

const tableArguments = new Set(["TABLE", "MODEL"]);

/** TABLE t reads it; MODEL m is named like a table and read as one. */
function parseTableArgument(cursor: Cursor): Expression {
  if (acceptOneOf(cursor, tableArguments) === null) return parseExpression(cursor);
  const table: Table = { kind: "table", path: readTablePath(cursor), alias: null };
  return {
    kind: "subquery",
    query: {
      ctes: [],
      is_recursive: false,
      branches: [{ kind: "table", table }],
      compares: false,
      order: [],
      limit: null,
      bounds: [],
      locks: false,
      into: null,
    },
  };
}

/** PIVOT and UNPIVOT make columns of values: not read. */
function readPivot(cursor: Cursor): void {
  if (peek(cursor) === "PIVOT" || peek(cursor) === "UNPIVOT") notUnderstood();
}
