/** Statements that run, hold or load something: CALL, DO, HANDLER, PREPARE, EXECUTE, EXPLAIN, ANALYZE, LOAD. */
import { addEffects, addTarget, loseLineage, unsure } from "../ledger.js";
import { sqlPath } from "../paths.js";
import { influenceOf, noteCall } from "../skeleton/analyse-expression.js";
import { influenceOfRows } from "../skeleton/analyse-query.js";
import { parseAssignment } from "../skeleton/change-parser.js";
import {
  accept,
  acceptOneOf,
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
  seesName,
  skipBrackets,
  textAt,
} from "../skeleton/cursor.js";
import { parseExpression } from "../skeleton/expression-parser.js";
import { parseLimit, readFileFormat } from "../skeleton/query-parser.js";
import { noteRelation, resolveRelation, rowsOf } from "../skeleton/relations.js";
import { type Item, innerScope, type Scope } from "../skeleton/scope.js";
import {
  absorbHeld,
  always,
  done,
  dynamic,
  type Outcome,
  outputOf,
  type Reader,
  readStatement,
  unknownOutput,
} from "../skeleton/statement.js";
import type { Expression } from "../skeleton/tree.js";
import { maintain } from "./session.js";
import { mysqlStatements } from "./statements.js";

/** CALL p(args): a procedure may do anything. */
const call: Reader = (cursor, scope) => {
  cursor.at++;
  const path = readPath(cursor);
  if (peek(cursor) === "(") {
    const args = inBrackets(cursor, (inner) => (peek(inner) === ")" ? [] : listOf(inner, parseExpression)));
    influenceOf(scope, args);
  }
  noteCall(scope, ["", ...path], false);
  return dynamic(scope, "call", "procedure");
};

/** DO expression, ..: calls functions, returns nothing. */
const doExpressions: Reader = (cursor, scope) => {
  cursor.at++;
  addEffects(scope.ledger, ["read"]);
  influenceOf(scope, listOf(cursor, parseExpression));
  return done("do");
};

/** HANDLER t OPEN [AS a] | CLOSE | READ ..: rows of a table without a SELECT. An alias hides which table it is. */
const handler: Reader = (cursor, scope) => {
  cursor.at++;
  const relation = resolveRelation(scope, readPath(cursor));
  noteRelation(scope, relation, "read", "from");
  addEffects(scope.ledger, ["read"]);
  if (accept(cursor, "OPEN")) {
    if (accept(cursor, "AS") || seesName(cursor)) readName(cursor);
    return done("other");
  }
  if (accept(cursor, "CLOSE")) return done("other");
  expect(cursor, "READ");
  loseLineage(scope.ledger, "handler");
  readHandlerPlace(cursor);
  if (accept(cursor, "WHERE")) influenceOf(tableScope(scope, relation), [parseExpression(cursor)]);
  parseLimit(cursor);
  return done("other", unknownOutput);
};

const places = new Set("FIRST NEXT PREV LAST".split(" "));

/** FIRST | NEXT | index FIRST | index = (values). */
function readHandlerPlace(cursor: Cursor): void {
  if (acceptOneOf(cursor, places) !== null) return;
  readName(cursor);
  if (acceptOneOf(cursor, places) !== null) return;
  cursor.at++;
  inBrackets(cursor, (inner) => listOf(inner, parseExpression));
}

function tableScope(scope: Scope, table: Item["table"] & object): Scope {
  return { ...innerScope(scope), items: [{ ...rowsOf(scope, table), alias: "", table }] };
}

/** PREPARE s FROM text: what EXECUTE will run. */
const prepare: Reader = (cursor, scope) => {
  cursor.at = cursor.end;
  return dynamic(scope, "prepare", "prepared_text");
};

/** EXECUTE IMMEDIATE 'literal' is that text; anything else is known when it runs. */
const execute: Reader = (cursor, scope) => {
  cursor.at++;
  const literal = accept(cursor, "IMMEDIATE") ? plainLiteral(cursor) : null;
  if (literal !== null && cursor.at + 1 === cursor.end) {
    cursor.at++;
    return { kind: "text", text: literal };
  }
  cursor.at = cursor.end;
  return dynamic(scope, "execute", "prepared_statement");
};

/** The text of the string that comes next, when no escape is in it. */
function plainLiteral(cursor: Cursor): string | null {
  if (kindAhead(cursor) !== "string") return null;
  return /^(['"])([^'"\\]*)\1$/.exec(textAt(cursor, cursor.at))?.[2] ?? null;
}

/** EXPLAIN and DESCRIBE: of a table, of another connection, or of a statement, which ANALYZE runs. */
const explain: Reader = (cursor, scope) => {
  cursor.at++;
  addEffects(scope.ledger, ["read"]);
  if (seesTable(cursor)) return describeTable(cursor, scope);
  const runs = readExplainOptions(cursor);
  if (accept(cursor, "FOR")) {
    loseLineage(scope.ledger, "other_session");
    cursor.at = cursor.end;
    return done("explain", unknownOutput);
  }
  return explained(cursor, scope, runs);
};

const statementVerbs = new Set("SELECT WITH INSERT REPLACE UPDATE DELETE TABLE VALUES".split(" "));

const seesTable = (cursor: Cursor): boolean => {
  if (kindAhead(cursor) === "quoted") return true;
  const next = peek(cursor, 1);
  return (
    seesName(cursor) &&
    !statementVerbs.has(peek(cursor)) &&
    next !== "=" &&
    !statementVerbs.has(next) &&
    next !== "FORMAT"
  );
};

function describeTable(cursor: Cursor, scope: Scope): Outcome {
  noteRelation(scope, resolveRelation(scope, readPath(cursor)), "read", "reference");
  if (!isAtEnd(cursor)) cursor.at++;
  return done("show", unknownOutput);
}

/** Options before the statement; true when one of them runs it. */
function readExplainOptions(cursor: Cursor): boolean {
  let runs = false;
  while (true) {
    if (accept(cursor, "ANALYZE")) runs = true;
    else if (accept(cursor, "FORMAT")) {
      expect(cursor, "=");
      cursor.at++;
    } else if (!accept(cursor, "EXTENDED") && !accept(cursor, "PARTITIONS")) return runs;
  }
}

function explained(cursor: Cursor, scope: Scope, runs: boolean): Outcome {
  if (!statementVerbs.has(peek(cursor)) && peek(cursor) !== "(") notUnderstood();
  const read = (inner: Scope): Outcome => readStatement(cursor, inner, mysqlStatements);
  if (!runs) absorbHeld(scope, read, { plans: true });
  else {
    const outcome = read(scope);
    if (outcome.kind === "text") return notUnderstood();
    influenceOfRows(scope, { columns: outcome.output.columns.map(asColumn), loose: [] });
    if (outcome.output.columns_open) loseLineage(scope.ledger, "star");
  }
  return done("explain", outputOf({ columns: [{ name: "explain", sources: [], exact: false }], loose: [] }));
}

const asColumn = ({ sources }: { readonly sources: unknown }) => ({
  name: "",
  sources: Array.isArray(sources) ? (sources as readonly string[]) : [],
  exact: false,
});

/** ANALYZE TABLE; MariaDB's ANALYZE [FORMAT = f] statement runs the statement. */
const analyze: Reader = (cursor, scope) => {
  const next = peek(cursor, 1);
  const isStatement = next === "FORMAT" || (statementVerbs.has(next) && next !== "TABLE");
  if (!isStatement) return maintain(["lock", "read", "write"])(cursor, scope);
  cursor.at++;
  addEffects(scope.ledger, ["read"]);
  readExplainOptions(cursor);
  return explained(cursor, scope, true);
};

const loadOptions = new Set("LOW_PRIORITY CONCURRENT LOCAL".split(" "));

/** LOAD DATA | XML [LOCAL] INFILE 'f' INTO TABLE t ..: rows from a file of the server, or of the client. */
const load: Reader = (cursor, scope) => {
  cursor.at++;
  if (!accept(cursor, "DATA") && !accept(cursor, "XML"))
    return always("load", ["config"], "administration")(cursor, scope);
  while (acceptOneOf(cursor, loadOptions) !== null);
  expect(cursor, "INFILE");
  if (kindAhead(cursor) !== "string") notUnderstood();
  cursor.at++;
  const replaces = accept(cursor, "REPLACE");
  if (!replaces) accept(cursor, "IGNORE");
  expect(cursor, "INTO", "TABLE");
  addEffects(scope.ledger, ["file_read", "write"]);
  loadInto(cursor, scope, replaces);
  return done("load");
};

function loadInto(cursor: Cursor, scope: Scope, replaces: boolean): void {
  const table = resolveRelation(scope, readPath(cursor));
  const { schema, name, entry } = table;
  noteRelation(scope, table, "write", "target");
  const target = { relation: sqlPath(schema, name), schema, name, by_key: false } as const;
  addTarget(scope.ledger, { ...target, change: "insert", restricted: false });
  if (replaces) addTarget(scope.ledger, { ...target, change: "delete", restricted: true });
  if (entry?.has_triggers === true) unsure(scope.ledger, `triggers:${target.relation}`);
  readLoadFormat(cursor);
  if (accept(cursor, "SET"))
    influenceOf(
      tableScope(scope, table),
      listOf(cursor, parseAssignment).map(({ value }): Expression => value),
    );
}

/** Everything between the table and SET. */
function readLoadFormat(cursor: Cursor): void {
  if (accept(cursor, "PARTITION")) skipBrackets(cursor);
  readFileFormat(cursor);
  if (accept(cursor, "ROWS")) {
    expect(cursor, "IDENTIFIED", "BY");
    cursor.at++;
  }
  if (accept(cursor, "IGNORE")) cursor.at += 2;
  if (peek(cursor) === "(") skipBrackets(cursor);
}

export const executionReaders: readonly (readonly [string, Reader])[] = [
  ["CALL", call],
  ["DO", doExpressions],
  ["HANDLER", handler],
  ["PREPARE", prepare],
  ["EXECUTE", execute],
  ["DEALLOCATE", always("deallocate", ["read"])],
  ["EXPLAIN", explain],
  ["DESCRIBE", explain],
  ["DESC", explain],
  ["ANALYZE", analyze],
  ["LOAD", load],
];
