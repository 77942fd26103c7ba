/** Calls, and the functions that have a grammar of their own: CAST, EXTRACT, TRIM, GROUP_CONCAT, windows. */
import {
  accept,
  acceptOneOf,
  type Cursor,
  expect,
  inBrackets,
  isAdjacent,
  isAtEnd,
  kindAhead,
  listOf,
  notUnderstood,
  peek,
  readName,
} from "./cursor.js";
import { parseAbove, parseExpression } from "./expression-parser.js";
import { power } from "./grammar.js";
import { parseOrder, parseQuery, seesQuery } from "./query-parser.js";
import type { Expression, Path } from "./tree.js";

/** `( args ) [OVER window]`, behind the name `path`. */
export function parseCall(cursor: Cursor, path: Path): Expression {
  const is_spaced = !isAdjacent(cursor, cursor.at);
  const name = (path.at(-1) ?? "").toUpperCase();
  const args = inBrackets(cursor, (inner) => parseArguments(inner, name));
  const call: Expression = { kind: "call", path, args: [...args, ...parseWindow(cursor)], is_spaced };
  return call;
}

/** Words between the parts of an argument list that carry no value. */
const fillers = new Set("DISTINCT ALL IGNORE RESPECT NULLS BOTH LEADING TRAILING".split(" "));
/** Words that stand where a comma does in some functions. */
const separators = new Set([",", "FROM", "FOR", "SEPARATOR", "LIMIT", "OFFSET", "=>"]);

function parseArguments(cursor: Cursor, name: string): readonly Expression[] {
  const args: Expression[] = [];
  const { date_parts, date_part_functions } = cursor.grammar;
  while (!isAtEnd(cursor) && peek(cursor) !== ")") {
    if (acceptOneOf(cursor, fillers) !== null) continue;
    if (accept(cursor, "*")) continue;
    if (acceptOneOf(cursor, separators) !== null) continue;
    if (accept(cursor, "ORDER", "BY")) args.push(...parseOrder(cursor));
    else if (accept(cursor, "USING")) readName(cursor, { any_word: true });
    else if (accept(cursor, "AS") || accept(cursor, "RETURNING")) readType(cursor);
    else if (accept(cursor, "HAVING")) cursor.at++;
    else if (name === "CONVERT" && args.length > 0) readType(cursor);
    else if (date_part_functions.has(name) && seesDatePart(cursor, date_parts)) readDatePart(cursor);
    else args.push(parseArgument(cursor, name));
  }
  return args;
}

/** A date part is a lone word, or a week with its first day. */
const seesDatePart = (cursor: Cursor, parts: ReadonlySet<string>): boolean =>
  parts.has(peek(cursor)) && argumentEnds.has(peek(cursor, peek(cursor, 1) === "(" ? 4 : 1));

const argumentEnds = new Set([",", ")", "FROM"]);

function readDatePart(cursor: Cursor): void {
  cursor.at++;
  if (accept(cursor, "(")) {
    cursor.at++;
    expect(cursor, ")");
  }
}

function parseArgument(cursor: Cursor, name: string): Expression {
  if (seesQuery(cursor) && peek(cursor) !== "(") return { kind: "subquery", query: parseQuery(cursor) };
  if (name !== "POSITION") return parseExpression(cursor);
  // IN separates here.
  const value = parseAbove(cursor, power.operand);
  if (accept(cursor, "IN")) return { kind: "operation", operands: [value, parseExpression(cursor)] };
  return value;
}

const parseOrderBy = (cursor: Cursor): readonly Expression[] => {
  expect(cursor, "ORDER", "BY");
  return parseOrder(cursor);
};

/** OVER name, OVER (PARTITION BY .. ORDER BY .. frame): the values that decide the order of rows. */
function parseWindow(cursor: Cursor): readonly Expression[] {
  if (accept(cursor, "WITHIN", "GROUP")) return [...inBrackets(cursor, parseOrderBy), ...parseWindow(cursor)];
  if (acceptOneOf(cursor, nullTreatment) !== null) expect(cursor, "NULLS");
  if (!accept(cursor, "OVER")) return [];
  if (peek(cursor) !== "(") {
    readName(cursor);
    return [];
  }
  return inBrackets(cursor, parseWindowBody);
}

const nullTreatment = new Set(["IGNORE", "RESPECT"]);

/** What stands in the brackets of a window. */
export function parseWindowBody(cursor: Cursor): readonly Expression[] {
  const operands: Expression[] = [];
  if (kindAhead(cursor) === "quoted" || (kindAhead(cursor) === "word" && !windowWords.has(peek(cursor))))
    readName(cursor);
  if (accept(cursor, "PARTITION", "BY")) operands.push(...listOf(cursor, parseExpression));
  if (accept(cursor, "ORDER", "BY")) operands.push(...parseOrder(cursor));
  while (!isAtEnd(cursor) && peek(cursor) !== ")")
    if (acceptOneOf(cursor, frameWords) === null) operands.push(parseAbove(cursor, power.operand));
  return operands;
}

const windowWords = new Set("PARTITION ORDER ROWS RANGE GROUPS".split(" "));
const frameWords = new Set(
  "ROWS RANGE GROUPS BETWEEN AND UNBOUNDED PRECEDING FOLLOWING CURRENT ROW EXCLUDE NO OTHERS TIES GROUP".split(" "),
);

export function parseCase(cursor: Cursor): Expression {
  expect(cursor, "CASE");
  const operands: Expression[] = [];
  if (peek(cursor) !== "WHEN") operands.push(parseExpression(cursor));
  while (accept(cursor, "WHEN")) {
    operands.push(parseExpression(cursor));
    expect(cursor, "THEN");
    operands.push(parseExpression(cursor));
  }
  if (accept(cursor, "ELSE")) operands.push(parseExpression(cursor));
  expect(cursor, "END");
  return { kind: "operation", operands };
}

/** CAST(v AS type [FORMAT f]). */
export function parseCast(cursor: Cursor): Expression {
  if (peek(cursor, 1) !== "(") return notUnderstood();
  cursor.at++;
  const operands = inBrackets(cursor, (inner) => {
    const value = parseExpression(inner);
    expect(inner, "AS");
    readType(inner);
    const more = accept(inner, "FORMAT") ? [parseExpression(inner)] : [];
    if (accept(inner, "AT", "TIME", "ZONE")) more.push(parseExpression(inner));
    return [value, ...more];
  });
  return { kind: "operation", operands };
}

/** A type: words, sizes in brackets, element types in angles. */
export function readType(cursor: Cursor): void {
  if (kindAhead(cursor) !== "word") notUnderstood();
  do cursor.at++;
  while (kindAhead(cursor) === "word" && typeWords.has(peek(cursor)));
  while (accept(cursor, ".")) readName(cursor, { any_word: true });
  if (!readSizes(cursor)) return;
  if (accept(cursor, "<")) {
    readFields(cursor);
    expect(cursor, ">");
  }
  while (acceptOneOf(cursor, typeWords) !== null);
  if (accept(cursor, "CHARACTER", "SET") || accept(cursor, "CHARSET") || accept(cursor, "COLLATE"))
    readName(cursor, { any_word: true });
}

/** `(10, 2)`; false when a bracket holds values instead, as in `STRUCT(..)`. */
function readSizes(cursor: Cursor): boolean {
  const start = cursor.at;
  if (!accept(cursor, "(")) return true;
  while (sizeKinds.has(kindAhead(cursor) ?? "") || peek(cursor) === "," || peek(cursor) === "MAX") cursor.at++;
  if (accept(cursor, ")")) return true;
  cursor.at = start;
  return false;
}

const sizeKinds = new Set(["number", "string"]);
const typeWords = new Set(
  "UNSIGNED SIGNED PRECISION VARYING INTEGER INT ZEROFILL BINARY ARRAY ASCII UNICODE".split(" "),
);

/** `name type, ..` or `type, ..`. */
function readFields(cursor: Cursor): void {
  do {
    const isNamed = kindAhead(cursor) === "quoted" || kindAhead(cursor, 1) === "word";
    if (isNamed) readName(cursor, { any_word: true });
    readType(cursor);
  } while (accept(cursor, ","));
}
