/**
 * Expressions. In: a cursor at the first token of one. Out: its skeleton; the cursor stands behind it. Precedence follows the
 * servers' grammars, because what AND, OR and NOT hold together decides whether a condition restricts. Shapes that only a
 * value is made of become `operation`. A grammar that is wider than the server's does no harm inside a value: the server
 * then rejects the statement.
 */
import { parseCall, parseCase, parseCast, readType } from "./call-parser.js";
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
  sees,
  seesName,
  textAt,
} from "./cursor.js";
import { type Infix, power } from "./grammar.js";
import { parseQuery, seesQuery } from "./query-parser.js";
import type { Expression } from "./tree.js";

export const parseExpression = (cursor: Cursor): Expression => parseAbove(cursor, 0);

/** An expression of operators that bind at least as tightly as `least`. */
export function parseAbove(cursor: Cursor, least: number): Expression {
  return deeper(cursor, () => {
    let left = parsePrefix(cursor);
    for (let next = parseTail(cursor, left, least); next !== null; next = parseTail(cursor, left, least)) left = next;
    return left;
  });
}

/** `left` with the operator that follows it; null when none does that binds tightly enough. */
function parseTail(cursor: Cursor, left: Expression, least: number): Expression | null {
  const word = infixAhead(cursor);
  const infix = cursor.grammar.infixes.get(word);
  if (infix !== undefined) return infix.power < least ? null : parseInfix(cursor, left, word, infix);
  if (word === "IS") return power.comparison < least ? null : parseIs(cursor, left);
  if (power.predicate < least) return null;
  return parsePredicate(cursor, left);
}

/** `>` and `>` side by side are a shift. */
function infixAhead(cursor: Cursor): string {
  const word = peek(cursor);
  return word === ">" && peek(cursor, 1) === ">" && isAdjacent(cursor, cursor.at + 1) ? ">>" : word;
}

function advance(cursor: Cursor, infix: string): void {
  cursor.at += infix === ">>" && peek(cursor) === ">" ? 2 : 1;
}

function parseInfix(cursor: Cursor, left: Expression, word: string, infix: Infix): Expression {
  if (infix.shape === "assignment") {
    advance(cursor, word);
    return { kind: "assignment", value: parseAbove(cursor, infix.power) };
  }
  if (infix.shape === "comparison") {
    advance(cursor, word);
    return parseComparison(cursor, left, word, infix);
  }
  return parseChain(cursor, left, infix);
}

function parseComparison(cursor: Cursor, left: Expression, operator: string, infix: Infix): Expression {
  if (acceptOneOf(cursor, anyOrAll) !== null) return { kind: "operation", operands: [left, parsePrefix(cursor)] };
  return { kind: "comparison", operator, left, right: parseAbove(cursor, infix.power + 1) };
}

const anyOrAll = new Set(["ANY", "ALL", "SOME"]);

/** A run of operators of one sort is one list, however long. */
function parseChain(cursor: Cursor, first: Expression, infix: Infix): Expression {
  const operands = [first];
  for (let next: Infix | undefined = infix; next?.power === infix.power && next.shape === infix.shape; ) {
    advance(cursor, infixAhead(cursor));
    operands.push(parseAbove(cursor, infix.power + 1));
    next = cursor.grammar.infixes.get(infixAhead(cursor));
  }
  return infix.shape === "and" || infix.shape === "or"
    ? { kind: infix.shape, operands }
    : { kind: "operation", operands };
}

/** IS [NOT] NULL | TRUE | FALSE | UNKNOWN | DISTINCT FROM. */
function parseIs(cursor: Cursor, value: Expression): Expression {
  expect(cursor, "IS");
  const negated = accept(cursor, "NOT");
  if (accept(cursor, "NULL")) return { kind: "is_null", value, negated };
  if (accept(cursor, "DISTINCT", "FROM"))
    return { kind: "operation", operands: [value, parseAbove(cursor, power.operand)] };
  if (acceptOneOf(cursor, truthWords) === null) notUnderstood();
  return { kind: "operation", operands: [value] };
}

const truthWords = new Set(["TRUE", "FALSE", "UNKNOWN"]);

/** [NOT] IN, BETWEEN, LIKE and their kin; null when none comes. */
function parsePredicate(cursor: Cursor, value: Expression): Expression | null {
  const negated = peek(cursor) === "NOT";
  const word = peek(cursor, negated ? 1 : 0);
  if (!predicateWords.has(word)) return null;
  cursor.at += negated ? 2 : 1;
  switch (word) {
    case "IN":
      return parseIn(cursor, value, negated);
    case "BETWEEN": {
      const low = parseAbove(cursor, power.operand);
      expect(cursor, "AND");
      return { kind: "between", value, low, high: parseAbove(cursor, power.predicate), negated };
    }
    case "LIKE":
      return parseLike(cursor, value, negated);
    case "SOUNDS":
      expect(cursor, "LIKE");
      return { kind: "operation", operands: [value, parseAbove(cursor, power.operand)] };
    case "MEMBER":
      accept(cursor, "OF");
      return { kind: "operation", operands: [value, inBrackets(cursor, parseExpression)] };
    default:
      return { kind: "operation", operands: [value, parseAbove(cursor, power.operand)] };
  }
}

const predicateWords = new Set(["IN", "BETWEEN", "LIKE", "REGEXP", "RLIKE", "SOUNDS", "MEMBER"]);

function parseIn(cursor: Cursor, value: Expression, negated: boolean): Expression {
  if (cursor.grammar.dialect === "bigquery" && accept(cursor, "UNNEST"))
    return { kind: "operation", operands: [value, inBrackets(cursor, parseExpression)] };
  expect(cursor, "(");
  const query = seesQuery(cursor) ? attempt(cursor, closedQuery) : null;
  if (query !== null) return { kind: "operation", operands: [value, { kind: "subquery", query }] };
  const items = listOf(cursor, parseExpression);
  expect(cursor, ")");
  return { kind: "membership", value, items, negated };
}

const closedQuery = (cursor: Cursor) => {
  const query = parseQuery(cursor);
  expect(cursor, ")");
  return query;
};

function parseLike(cursor: Cursor, value: Expression, negated: boolean): Expression {
  if (acceptOneOf(cursor, anyOrAll) !== null) {
    const operands = inBrackets(cursor, (inner) => listOf(inner, parseExpression));
    return { kind: "operation", operands: [value, ...operands] };
  }
  const pattern = parseAbove(cursor, power.operand);
  if (!accept(cursor, "ESCAPE")) return { kind: "like", value, pattern, negated };
  return { kind: "operation", operands: [value, pattern, parseAbove(cursor, power.operand)] };
}

const signs = new Set(["-", "+", "~", "!", "BINARY", "PRIOR"]);

/** An operand with the signs before it and the steps behind it. */
function parsePrefix(cursor: Cursor): Expression {
  if (accept(cursor, "NOT")) return { kind: "not", operand: parseAbove(cursor, cursor.grammar.not_power) };
  const sign = acceptOneOf(cursor, signs);
  if (sign !== null) return signed(sign, parseAbove(cursor, power.unary));
  return parseSteps(cursor, parseOperand(cursor));
}

function signed(sign: string, operand: Expression): Expression {
  if (sign === "!") return { kind: "not", operand };
  if (sign === "-" && operand.kind === "number") return { kind: "number", value: -operand.value };
  return sign === "+" && operand.kind === "number" ? operand : { kind: "operation", operands: [operand] };
}

/** `.field`, `[index]`, COLLATE: what stands behind an operand. */
function parseSteps(cursor: Cursor, operand: Expression): Expression {
  const operands = [operand];
  const isBigquery = cursor.grammar.dialect === "bigquery";
  while (true) {
    if (accept(cursor, "COLLATE")) readName(cursor, { any_word: true });
    else if (isBigquery && accept(cursor, "[")) {
      operands.push(parseExpression(cursor));
      expect(cursor, "]");
    } else if (isBigquery && peek(cursor) === "." && peek(cursor, 1) !== "*") {
      cursor.at++;
      readName(cursor, { any_word: true });
    } else break;
    if (operands.length === 1) operands.push({ kind: "constant" });
  }
  return operands.length === 1 ? operand : { kind: "operation", operands };
}

function parseOperand(cursor: Cursor): Expression {
  switch (kindAhead(cursor)) {
    case "number":
      return numberOf(textAt(cursor, cursor.at++));
    case "string":
      return parseText(cursor);
    case "parameter":
      cursor.at++;
      return { kind: "parameter" };
    case "variable":
      return { kind: "variable", is_system: textAt(cursor, cursor.at++).startsWith("@@") };
    case "quoted":
      return parseNamed(cursor);
    case "word":
      return parseWord(cursor);
    case "operator":
      return parseOperator(cursor);
    default:
      return notUnderstood();
  }
}

/** A number that a double can tell from its neighbors; others are constants that nothing is known of. */
const numberOf = (written: string): Expression =>
  /^(\d{1,15}|\d{0,7}\.\d{0,7})$/.test(written) ? { kind: "number", value: Number(written) } : { kind: "constant" };

/** A string. What escapes mean is left open: only the simplest ones are compared. */
function parseText(cursor: Cursor): Expression {
  const first = textAt(cursor, cursor.at++);
  let is_one = true;
  while (kindAhead(cursor) === "string" && cursor.grammar.dialect === "mysql") {
    cursor.at++;
    is_one = false;
  }
  const plain = /^(['"])([^'"\\]*)\1$/.exec(first);
  return is_one && plain !== null ? { kind: "text", value: plain[2] ?? "" } : { kind: "constant" };
}

function parseOperator(cursor: Cursor): Expression {
  if (cursor.grammar.dialect === "bigquery" && peek(cursor) === "[") return parseArray(cursor);
  expect(cursor, "(");
  const query = seesQuery(cursor) ? attempt(cursor, closedQuery) : null;
  if (query !== null) return { kind: "subquery", query };
  const operands = listOf(cursor, parseExpression);
  expect(cursor, ")");
  const [only] = operands;
  return operands.length === 1 && only !== undefined ? only : { kind: "operation", operands };
}

function parseArray(cursor: Cursor): Expression {
  expect(cursor, "[");
  const operands = accept(cursor, "]") ? [] : listOf(cursor, parseExpression);
  if (operands.length > 0) expect(cursor, "]");
  return { kind: "operation", operands };
}

const constants: ReadonlyMap<string, Expression> = new Map<string, Expression>([
  ["NULL", { kind: "null" }],
  ["TRUE", { kind: "truth", value: true }],
  ["FALSE", { kind: "truth", value: false }],
]);

/** Words before a string that make a constant of it. */
const typedLiterals = new Set(
  "DATE TIME TIMESTAMP DATETIME NUMERIC DECIMAL BIGNUMERIC BIGDECIMAL JSON RANGE".split(" "),
);

function parseWord(cursor: Cursor): Expression {
  const word = peek(cursor);
  const constant = constants.get(word);
  if (constant !== undefined) {
    cursor.at++;
    return constant;
  }
  if (kindAhead(cursor, 1) === "string" && (typedLiterals.has(word) || word.startsWith("_"))) {
    cursor.at++;
    parseText(cursor);
    return { kind: "constant" };
  }
  const special = specials.get(word);
  return special === undefined ? parseNamed(cursor) : special(cursor);
}

const specials: ReadonlyMap<string, (cursor: Cursor) => Expression> = new Map([
  ["CASE", parseCase],
  ["CAST", parseCast],
  ["SAFE_CAST", parseCast],
  ["EXISTS", parseExists],
  ["INTERVAL", parseInterval],
  ["ARRAY", parseTypedArray],
  ["STRUCT", parseStruct],
  ["MATCH", parseMatch],
  ["ROW", parseRow],
]);

function parseExists(cursor: Cursor): Expression {
  expect(cursor, "EXISTS");
  return { kind: "exists", query: inBrackets(cursor, parseQuery) };
}

/** `INTERVAL v unit`, or MySQL's function of that name. */
function parseInterval(cursor: Cursor): Expression {
  expect(cursor, "INTERVAL");
  const operand = parseAbove(cursor, power.operand);
  if (acceptOneOf(cursor, cursor.grammar.date_parts) !== null && accept(cursor, "TO"))
    acceptOneOf(cursor, cursor.grammar.date_parts);
  return { kind: "operation", operands: [operand] };
}

function parseTypedArray(cursor: Cursor): Expression {
  if (cursor.grammar.dialect === "mysql") return parseNamed(cursor);
  if (peek(cursor, 1) === "(") {
    cursor.at++;
    return { kind: "operation", operands: [{ kind: "subquery", query: inBrackets(cursor, parseQuery) }] };
  }
  readType(cursor);
  return parseArray(cursor);
}

function parseStruct(cursor: Cursor): Expression {
  if (cursor.grammar.dialect === "mysql") return parseNamed(cursor);
  readType(cursor);
  const operands = inBrackets(cursor, (inner) => (peek(inner) === ")" ? [] : listOf(inner, namedValue)));
  return { kind: "operation", operands };
}

function namedValue(cursor: Cursor): Expression {
  const value = parseExpression(cursor);
  if (accept(cursor, "AS")) readName(cursor, { any_word: true });
  return value;
}

/** MATCH (columns) AGAINST (value [IN .. MODE] [WITH QUERY EXPANSION]). */
function parseMatch(cursor: Cursor): Expression {
  expect(cursor, "MATCH");
  const isList = peek(cursor) === "(";
  const columns = isList ? inBrackets(cursor, (inner) => listOf(inner, parseExpression)) : listOf(cursor, parseNamed);
  expect(cursor, "AGAINST", "(");
  const value = parseAbove(cursor, power.operand);
  while (acceptOneOf(cursor, matchModes) !== null);
  expect(cursor, ")");
  return { kind: "operation", operands: [...columns, value] };
}

const matchModes = new Set("IN NATURAL LANGUAGE BOOLEAN MODE WITH QUERY EXPANSION".split(" "));

function parseRow(cursor: Cursor): Expression {
  if (peek(cursor, 1) !== "(") return parseNamed(cursor);
  cursor.at++;
  return { kind: "operation", operands: inBrackets(cursor, (inner) => listOf(inner, parseExpression)) };
}

/** A column, a call, or a function that needs no brackets. */
function parseNamed(cursor: Cursor): Expression {
  const { grammar } = cursor;
  const word = peek(cursor);
  const isCallable = peek(cursor, 1) === "(" && grammar.callable.has(word);
  if (!seesName(cursor) && !isCallable && grammar.bare_functions.has(word)) {
    cursor.at++;
    return { kind: "call", path: [word], args: [], is_spaced: false };
  }
  if (isCallable && !seesName(cursor)) {
    const name = readName(cursor, { any_word: true });
    return parseCall(cursor, [name]);
  }
  const path = readPath(cursor);
  if (sees(cursor, "(")) return parseCall(cursor, path);
  if (path.length === 1 && grammar.bare_functions.has(word)) return { kind: "call", path, args: [], is_spaced: false };
  return { kind: "name", path };
}
