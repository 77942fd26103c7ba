/** Statements of scripts, and those that bring data in or out: DECLARE, SET, CALL, EXECUTE IMMEDIATE, EXPORT, LOAD. */
import { addEffects, addTarget, type Kind } from "../ledger.js";
import { sqlPath } from "../paths.js";
import { influenceOf, noteCall } from "../skeleton/analyse-expression.js";
import { analyseQuery, influenceOfRows } from "../skeleton/analyse-query.js";
import { readType } from "../skeleton/call-parser.js";
import {
  accept,
  type Cursor,
  expect,
  inBrackets,
  isAtEnd,
  kindAhead,
  listOf,
  notUnderstood,
  peek,
  readName,
  readPath,
  textAt,
} from "../skeleton/cursor.js";
import { parseExpression } from "../skeleton/expression-parser.js";
import { readTablePath } from "../skeleton/from-parser.js";
import { parseQuery } from "../skeleton/query-parser.js";
import { noteRelation, resolveRelation } from "../skeleton/relations.js";
import { innerScope, type Scope } from "../skeleton/scope.js";
import { always, done, dynamic, type Outcome, type Reader } from "../skeleton/statement.js";
import { readOptions } from "./definitions.js";

/** DECLARE a, b [type] [DEFAULT value]. */
const declare: Reader = (cursor, scope) => {
  cursor.at++;
  listOf(cursor, (inner) => readName(inner));
  addEffects(scope.ledger, ["read"]);
  if (!isAtEnd(cursor) && peek(cursor) !== "DEFAULT") readType(cursor);
  if (accept(cursor, "DEFAULT")) influenceOf(scope, [parseExpression(cursor)]);
  return done("declare");
};

/** SET v = value | (a, b) = value | @@setting = value. A value that a variable holds can be read later. */
const set: Reader = (cursor, scope) => {
  cursor.at++;
  const isSetting = kindAhead(cursor) === "variable";
  if (isSetting) cursor.at++;
  else if (peek(cursor) === "(") inBrackets(cursor, (inner) => listOf(inner, (each) => readName(each)));
  else readName(cursor);
  expect(cursor, "=");
  addEffects(scope.ledger, [isSetting ? "config" : "read"]);
  influenceOf(scope, [parseExpression(cursor)]);
  return done("set");
};

const call: Reader = (cursor, scope) => {
  cursor.at++;
  const path = readPath(cursor);
  const args = inBrackets(cursor, (inner) => (peek(inner) === ")" ? [] : listOf(inner, parseExpression)));
  influenceOf(scope, args);
  noteCall(scope, ["procedure", ...path], false);
  return dynamic(scope, "call", "procedure");
};

/** EXECUTE IMMEDIATE 'literal' is that text, unless values or results pass; anything else is known when it runs. */
const execute: Reader = (cursor, scope) => {
  cursor.at++;
  expect(cursor, "IMMEDIATE");
  const literal = kindAhead(cursor) === "string" ? plainLiteral(textAt(cursor, cursor.at)) : null;
  if (literal !== null && cursor.at + 1 === cursor.end) {
    cursor.at++;
    return { kind: "text", text: literal };
  }
  cursor.at = cursor.end;
  return dynamic(scope, "execute", "dynamic_text");
};

/** The text of a string without escapes, in single or triple quotes. */
function plainLiteral(written: string): string | null {
  const match = /^[rR]?('''|"""|'|")([^\\]*)\1$/.exec(written);
  const [, quote = "", text = ""] = match ?? [];
  return match === null || text.includes(quote.charAt(0)) ? null : text;
}

/** EXPORT DATA [WITH CONNECTION c] OPTIONS (..) AS query: rows go to a place outside. */
const exportData: Reader = (cursor, scope) => {
  cursor.at++;
  addEffects(scope.ledger, ["read", "file_write", "network"]);
  if (accept(cursor, "MODEL")) {
    noteRelation(scope, resolveRelation(scope, readTablePath(cursor)), "read", "from");
    cursor.at = cursor.end;
    return done("copy");
  }
  expect(cursor, "DATA");
  if (accept(cursor, "WITH", "CONNECTION")) readTablePath(cursor);
  expect(cursor, "OPTIONS");
  readOptions(cursor);
  expect(cursor, "AS");
  influenceOfRows(scope, analyseQuery(innerScope(scope), parseQuery(cursor), "from"));
  return done("copy");
};

/** LOAD DATA INTO | OVERWRITE t .. FROM FILES (..). */
const load: Reader = (cursor, scope) => {
  cursor.at++;
  expect(cursor, "DATA");
  const overwrites = accept(cursor, "OVERWRITE");
  if (!overwrites) expect(cursor, "INTO");
  if (!accept(cursor, "TEMP", "TABLE")) accept(cursor, "TEMPORARY", "TABLE");
  const relation = resolveRelation(scope, readTablePath(cursor));
  noteRelation(scope, relation, "write", "target");
  addEffects(
    scope.ledger,
    overwrites ? ["file_read", "network", "write", "truncate"] : ["file_read", "network", "write"],
  );
  const { schema, name } = relation;
  addTarget(scope.ledger, {
    relation: sqlPath(schema, name),
    schema,
    name,
    change: "insert",
    restricted: false,
    by_key: false,
  });
  if (!cursor.words.slice(cursor.at, cursor.end).includes("FROM")) notUnderstood();
  cursor.at = cursor.end;
  return done("load");
};

/** The condition of a branch or loop, behind its word. */
const condition: Reader = (cursor, scope) => {
  cursor.at++;
  addEffects(scope.ledger, ["read"]);
  influenceOf(scope, [parseExpression(cursor)]);
  return done("other");
};

/** FOR record IN (query): the rows are read one by one. */
const forRows: Reader = (cursor, scope) => {
  cursor.at++;
  readName(cursor);
  expect(cursor, "IN");
  return readInto(cursor, scope, "other");
};

function readInto(cursor: Cursor, scope: Scope, verb: Kind): Outcome {
  addEffects(scope.ledger, ["read"]);
  influenceOfRows(scope, analyseQuery(innerScope(scope), inBrackets(cursor, parseQuery), "from"));
  return done(verb);
}

/** ASSERT condition [AS 'text']. */
const assertThat: Reader = (cursor, scope) => {
  const outcome = condition(cursor, scope);
  if (accept(cursor, "AS")) cursor.at++;
  return outcome;
};

/** RAISE [USING MESSAGE = text]: the text reaches the client. */
const raise: Reader = (cursor, scope) => {
  cursor.at++;
  addEffects(scope.ledger, ["read"]);
  if (accept(cursor, "USING")) {
    cursor.at++;
    expect(cursor, "=");
    influenceOf(scope, [parseExpression(cursor)]);
  }
  return done("other");
};

const transaction = always("transaction", ["transaction"]);
const step = always("other", ["read"]);

export const executionReaders: readonly (readonly [string, Reader])[] = [
  ["DECLARE", declare],
  ["SET", set],
  ["CALL", call],
  ["EXECUTE", execute],
  ["EXPORT", exportData],
  ["LOAD", load],
  ["IF", condition],
  ["ELSEIF", condition],
  ["WHEN", condition],
  ["WHILE", condition],
  ["UNTIL", condition],
  ["CASE", condition],
  ["FOR", forRows],
  ["ASSERT", assertThat],
  ["RAISE", raise],
  ["BREAK", step],
  ["LEAVE", step],
  ["CONTINUE", step],
  ["ITERATE", step],
  ["RETURN", step],
  ["BEGIN", transaction],
  ["COMMIT", transaction],
  ["ROLLBACK", transaction],
];
