/** Statements about the session: transactions, settings, rights, what the server tells of itself. */
import { addEffects, type Effect, influence, loseLineage, unsure } from "../ledger.js";
import { influenceOf, sourcesOf } from "../skeleton/analyse-expression.js";
import {
  accept,
  acceptOneOf,
  attempt,
  type Cursor,
  expect,
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
import { parseLimit } from "../skeleton/query-parser.js";
import { noteRelation, resolveRelation } from "../skeleton/relations.js";
import type { Scope } from "../skeleton/scope.js";
import { always, done, type Outcome, type Reader, unknownOutput } from "../skeleton/statement.js";
import type { Path } from "../skeleton/tree.js";

const transaction = always("transaction", ["transaction"]);

/** BEGIN [WORK]; a block that begins so is not read. */
const begin: Reader = (cursor, scope) => {
  cursor.at++;
  accept(cursor, "WORK");
  return isAtEnd(cursor) ? transaction(cursor, scope) : notUnderstood();
};

const setScopes = new Set(["GLOBAL", "SESSION", "LOCAL", "PERSIST", "PERSIST_ONLY"]);
/** Character sets in which no quote or backslash is half of another character. */
const plainCharsets = /^(utf8|utf8mb3|utf8mb4|ascii|latin1|binary)$/i;
/** Settings that decide nothing, and are the session's own. */
const harmless =
  /^(time_zone|net_write_timeout|net_read_timeout|wait_timeout|interactive_timeout|sql_safe_updates|lc_time_names|character_set_results)$/i;

const readSet: Reader = (cursor, scope) => {
  cursor.at++;
  const special = setSpecial(cursor, scope);
  if (special !== null) return special;
  listOf(cursor, (inner) => setOne(inner, scope));
  return done("set");
};

/** The forms of SET that name no variable; null when none comes. */
function setSpecial(cursor: Cursor, { ledger }: Scope): Outcome | null {
  if (accept(cursor, "PASSWORD")) {
    addEffects(ledger, ["grant"]);
    cursor.at = cursor.end;
    return done("role");
  }
  if (accept(cursor, "DEFAULT", "ROLE")) addEffects(ledger, ["grant"]);
  else if (accept(cursor, "ROLE")) addEffects(ledger, ["identity"]);
  else if (seesTransaction(cursor)) addEffects(ledger, ["transaction"]);
  else if (peek(cursor) === "STATEMENT" || peek(cursor) === "RESOURCE") return notUnderstood();
  else return null;
  cursor.at = cursor.end;
  return done("set");
}

const seesTransaction = (cursor: Cursor): boolean =>
  peek(cursor, setScopes.has(peek(cursor)) ? 1 : 0) === "TRANSACTION";

/** `@v = e`, `[scope] name = e`, `NAMES charset`, `CHARACTER SET charset`. */
function setOne(cursor: Cursor, scope: Scope): void {
  if (accept(cursor, "NAMES") || accept(cursor, "CHARSET") || accept(cursor, "CHARACTER", "SET")) {
    setCharset(cursor, scope);
    return;
  }
  addEffects(scope.ledger, [effectOfVariable(cursor)]);
  setValue(cursor, scope);
}

/** Reads the variable that is set; gives what setting it does. */
function effectOfVariable(cursor: Cursor): Effect {
  if (kindAhead(cursor) === "variable" && !textAt(cursor, cursor.at).startsWith("@@")) {
    cursor.at++;
    return "read";
  }
  const { name, is_own } = readVariable(cursor);
  if (name === "autocommit" && is_own) return "transaction";
  return is_own && harmless.test(name) ? "read" : "config";
}

/** `name`, `GLOBAL name`, `@@global.name`: which, and whether it is this session's alone. */
function readVariable(cursor: Cursor): { readonly name: string; readonly is_own: boolean } {
  if (kindAhead(cursor) === "variable") {
    const [first = "", ...rest] = textAt(cursor, cursor.at++)
      .slice(2)
      .toLowerCase()
      .split(".");
    return rest.length === 0
      ? { name: first, is_own: true }
      : { name: rest.join("."), is_own: first === "session" || first === "local" };
  }
  const word = acceptOneOf(cursor, setScopes);
  const path = readPath(cursor);
  return { name: path.join(".").toLowerCase(), is_own: word === null || word === "SESSION" || word === "LOCAL" };
}

function setCharset(cursor: Cursor, { ledger }: Scope): void {
  const isDefault = accept(cursor, "DEFAULT");
  const name = isDefault
    ? ""
    : kindAhead(cursor) === "string"
      ? textAt(cursor, cursor.at++).slice(1, -1)
      : readName(cursor, { any_word: true });
  if (accept(cursor, "COLLATE")) cursor.at++;
  addEffects(ledger, [isDefault || plainCharsets.test(name) ? "read" : "config"]);
}

/** A value is an expression, or a word of its own. What is put into a variable can be read from it later. */
function setValue(cursor: Cursor, scope: Scope): void {
  if (!accept(cursor, ":=")) expect(cursor, "=");
  const word = peek(cursor);
  const isLast = peek(cursor, 1) === "," || cursor.at + 1 === cursor.end;
  if (kindAhead(cursor) === "word" && isLast && word !== "NULL") cursor.at++;
  else influence(scope.ledger, sourcesOf(scope, parseExpression(cursor)));
}

const use: Reader = (cursor, scope) => {
  cursor.at++;
  readName(cursor);
  addEffects(scope.ledger, ["config"]);
  return done("set");
};

/** What SHOW tells of other sessions, of stored values, or of statements that ran. */
const telling =
  /PROCESSLIST|ENGINE|BINLOG|RELAYLOG|PROFILE|WARNINGS|ERRORS|EVENTS|SLAVE|REPLICA|MASTER|BINARY|EXPLAIN|ANALYZE/;
const tableWords = new Set(["COLUMNS", "FIELDS", "INDEX", "INDEXES", "KEYS"]);
const showStops = new Set(["FROM", "IN", "LIKE", "WHERE", "LIMIT"]);

const show: Reader = (cursor, scope) => {
  cursor.at++;
  addEffects(scope.ledger, ["read"]);
  const words = readShowWords(cursor);
  if (words[0] === "CREATE" && (words[1] === "TABLE" || words[1] === "VIEW")) noteShown(scope, readPath(cursor));
  else readShown(cursor, scope, words);
  if (accept(cursor, "LIKE")) cursor.at++;
  // The columns of WHERE are those of the answer.
  else if (accept(cursor, "WHERE")) influenceOf(shownScope(scope), [parseExpression(cursor)]);
  parseLimit(cursor);
  if (words.some((word) => telling.test(word))) loseLineage(scope.ledger, "show");
  return done("show", unknownOutput);
};

const shownScope = (scope: Scope): Scope => ({
  ...scope,
  items: [{ columns: [], loose: [{ kind: "value", sources: [] }], alias: "", table: null }],
});

function readShowWords(cursor: Cursor): readonly string[] {
  const words: string[] = [];
  while (!isAtEnd(cursor) && !showStops.has(peek(cursor))) {
    if (words[0] === "CREATE" && words.length === 2) break;
    const kind = kindAhead(cursor);
    if (kind === "operator" && peek(cursor) !== ",") notUnderstood();
    words.push(peek(cursor));
    cursor.at++;
  }
  return words;
}

/** `FROM table [FROM database]`, or `FROM database`. */
function readShown(cursor: Cursor, scope: Scope, words: readonly string[]): void {
  if (words[0] === "CREATE") readPath(cursor);
  const paths: Path[] = [];
  while (accept(cursor, "FROM") || accept(cursor, "IN")) {
    if (kindAhead(cursor) === "number" || kindAhead(cursor) === "string") cursor.at++;
    else paths.push(readPath(cursor));
  }
  const [table, database] = paths;
  if (table === undefined || !words.some((word) => tableWords.has(word))) return;
  noteShown(scope, database === undefined ? table : [...database, ...table]);
}

const noteShown = (scope: Scope, path: Path): void =>
  noteRelation(scope, resolveRelation(scope, path), "read", "reference");

/** LOCK TABLES t [AS a] READ | WRITE, .. */
const lock: Reader = (cursor, scope) => {
  cursor.at++;
  addEffects(scope.ledger, ["lock"]);
  if (accept(cursor, "INSTANCE")) cursor.at = cursor.end;
  else {
    if (!accept(cursor, "TABLES")) expect(cursor, "TABLE");
    listOf(cursor, (inner) => {
      noteRelation(scope, resolveRelation(scope, readPath(inner)), "lock", "object");
      if (accept(inner, "AS") || kindAhead(inner, 1) === "word") readName(inner);
      accept(inner, "LOW_PRIORITY");
      if (!accept(inner, "READ")) expect(inner, "WRITE");
      accept(inner, "LOCAL");
    });
  }
  return done("lock");
};

/** GRANT and REVOKE: rights on an object, roles, or PROXY. */
const rights =
  (verb: "grant" | "revoke"): Reader =>
  (cursor, scope) => {
    addEffects(scope.ledger, ["grant"]);
    while (!isAtEnd(cursor) && peek(cursor) !== "ON" && peek(cursor) !== "TO" && peek(cursor) !== "FROM") cursor.at++;
    if (accept(cursor, "ON")) readGranted(cursor, scope);
    cursor.at = cursor.end;
    return done(verb);
  };

/** What of an object's sort is no table. */
const otherObjects = new Set(["FUNCTION", "PROCEDURE", "PACKAGE"]);

function readGranted(cursor: Cursor, scope: Scope): void {
  if (acceptOneOf(cursor, otherObjects) !== null || kindAhead(cursor) === "string") return;
  accept(cursor, "TABLE");
  const path = peek(cursor) === "*" ? null : attempt(cursor, readPath);
  // `*.*` and `database.*`.
  if (path === null || peek(cursor) === ".") unsure(scope.ledger, "grant_on_all");
  else noteRelation(scope, resolveRelation(scope, path), "grant", "object");
}

/** ANALYZE, CHECK, CHECKSUM, OPTIMIZE, REPAIR TABLE t, .. */
export const maintain =
  (effects: Parameters<typeof addEffects>[1]): Reader =>
  (cursor, scope) => {
    const verb = peek(cursor) === "ANALYZE" ? "analyze" : "maintenance";
    cursor.at++;
    if (!accept(cursor, "LOCAL")) accept(cursor, "NO_WRITE_TO_BINLOG");
    if (!accept(cursor, "TABLES")) expect(cursor, "TABLE");
    addEffects(scope.ledger, effects);
    listOf(cursor, (inner) => noteRelation(scope, resolveRelation(scope, readPath(inner)), "lock", "object"));
    if (!isAtEnd(cursor)) always(verb, [], "administration")(cursor, scope);
    return done(verb, unknownOutput);
  };

export const sessionReaders: readonly (readonly [string, Reader])[] = [
  ["BEGIN", begin],
  ["COMMIT", transaction],
  ["ROLLBACK", transaction],
  ["SAVEPOINT", transaction],
  ["RELEASE", transaction],
  ["XA", transaction],
  ["SET", readSet],
  ["USE", use],
  ["SHOW", show],
  ["HELP", always("show", ["read"])],
  ["LOCK", lock],
  ["UNLOCK", always("lock", ["lock"])],
  ["GRANT", rights("grant")],
  ["REVOKE", rights("revoke")],
  ["CHECK", maintain(["lock", "read"])],
  ["CHECKSUM", maintain(["lock", "read"])],
  ["OPTIMIZE", maintain(["lock", "write"])],
  ["REPAIR", maintain(["lock", "write"])],
];
