/** CREATE, ALTER, DROP, TRUNCATE and rights of BigQuery. */
import { addEffects, type Effect, type Kind, loseLineage, unsure } from "../ledger.js";
import { influenceOf } from "../skeleton/analyse-expression.js";
import { analyseQuery, influenceOfRows } from "../skeleton/analyse-query.js";
import {
  accept,
  acceptOneOf,
  type Cursor,
  expect,
  isAtEnd,
  listOf,
  notUnderstood,
  peek,
  readName,
  skipBrackets,
} from "../skeleton/cursor.js";
import { parseExpression } from "../skeleton/expression-parser.js";
import { readTablePath } from "../skeleton/from-parser.js";
import { parseQuery, seesQuery } from "../skeleton/query-parser.js";
import { noteRelation, resolveRelation } from "../skeleton/relations.js";
import { innerScope, type Scope } from "../skeleton/scope.js";
import { absorbHeld, done, type Outcome, outputOf, type Reader } from "../skeleton/statement.js";
import type { Path } from "../skeleton/tree.js";

const modifiers = new Set(
  "OR REPLACE TEMP TEMPORARY EXTERNAL MATERIALIZED SNAPSHOT SEARCH VECTOR AGGREGATE APPROX ALL".split(" "),
);
const tables = new Set(["TABLE", "VIEW"]);

interface Heading {
  readonly object: string;
  readonly words: ReadonlySet<string>;
}

/** `verb modifiers OBJECT [IF [NOT] EXISTS]`. */
function readHeading(cursor: Cursor): Heading {
  cursor.at++;
  const words = new Set<string>();
  for (let word = acceptOneOf(cursor, modifiers); word !== null; word = acceptOneOf(cursor, modifiers)) words.add(word);
  const object = peek(cursor);
  cursor.at++;
  if (object === "TABLE" && accept(cursor, "FUNCTION")) return { object: "FUNCTION", words };
  if (object === "ROW") {
    expect(cursor, "ACCESS");
    if (!accept(cursor, "POLICY")) expect(cursor, "POLICIES");
  }
  if (!accept(cursor, "IF", "NOT", "EXISTS")) accept(cursor, "IF", "EXISTS");
  return { object, words };
}

type Access = "create" | "drop" | "alter" | "truncate" | "grant";

function note(scope: Scope, path: Path, access: Access): void {
  const place = access === "create" ? { ...scope, setting: { ...scope.setting, index: null } } : scope;
  noteRelation(place, resolveRelation(place, path), access, "object");
}

const reference = (scope: Scope, path: Path): void =>
  noteRelation(scope, resolveRelation(scope, path), "read", "reference");

function rest(cursor: Cursor, verb: Kind): Outcome {
  cursor.at = cursor.end;
  return done(verb);
}

const create: Reader = (cursor, scope) => {
  const { object, words } = readHeading(cursor);
  const { ledger } = scope;
  addEffects(ledger, words.has("REPLACE") && object !== "VIEW" ? ["create", "drop"] : ["create"]);
  if (words.has("EXTERNAL")) addEffects(ledger, ["file_read", "network"]);
  switch (object) {
    case "TABLE":
      return createTable(cursor, scope, words.has("EXTERNAL"));
    case "VIEW":
      return createView(cursor, scope, words);
    case "MODEL":
      return createModel(cursor, scope);
    case "FUNCTION":
      return createFunction(cursor, scope);
    case "PROCEDURE":
      unsure(ledger, "routine_body");
      return rest(cursor, "create");
    case "ROW":
    case "INDEX":
      return createOnTable(cursor, scope, object);
    case "SCHEMA":
      return rest(cursor, "create");
    case "CAPACITY":
    case "RESERVATION":
    case "ASSIGNMENT":
      addEffects(ledger, ["config"]);
      return rest(cursor, "create");
    default:
      return notUnderstood();
  }
};

/** Columns, LIKE | COPY | CLONE another table, then clauses, then AS query. */
function createTable(cursor: Cursor, scope: Scope, isExternal: boolean): Outcome {
  note(scope, readTablePath(cursor), "create");
  if (peek(cursor) === "(" && !seesQuery(cursor)) readDefinitions(cursor, scope);
  const source = acceptOneOf(cursor, copyWords);
  if (source !== null) {
    const path = readTablePath(cursor);
    if (source === "LIKE") reference(scope, path);
    else copyRows(scope, path);
    if (accept(cursor, "FOR", "SYSTEM_TIME", "AS", "OF")) influenceOf(scope, [parseExpression(cursor)]);
  }
  readClauses(cursor, scope, isExternal);
  if (accept(cursor, "AS")) fillFrom(cursor, scope);
  return done("create");
}

const copyWords = new Set(["LIKE", "COPY", "CLONE"]);

function copyRows(scope: Scope, path: Path): void {
  addEffects(scope.ledger, ["read"]);
  noteRelation(scope, resolveRelation(scope, path), "read", "from");
  // All columns go into the new table, by names that nobody writes.
  loseLineage(scope.ledger, "star");
}

function fillFrom(cursor: Cursor, scope: Scope): void {
  addEffects(scope.ledger, ["read"]);
  influenceOfRows(scope, analyseQuery(innerScope(scope), parseQuery(cursor), "from"));
}

/** Column definitions: of other tables only foreign keys speak. */
function readDefinitions(cursor: Cursor, scope: Scope): void {
  const { start, end } = skipBrackets(cursor);
  const after = cursor.at;
  for (let i = start; i < end; i++) {
    if (cursor.words[i] === "SELECT") notUnderstood();
    if (cursor.words[i] !== "REFERENCES") continue;
    cursor.at = i + 1;
    reference(scope, readTablePath(cursor));
  }
  cursor.at = after;
}

/** PARTITION BY, CLUSTER BY, OPTIONS and their kin, up to AS. */
function readClauses(cursor: Cursor, scope: Scope, isExternal: boolean): void {
  while (!isAtEnd(cursor) && peek(cursor) !== "AS") {
    if (accept(cursor, "PARTITION", "BY") || accept(cursor, "CLUSTER", "BY")) listOf(cursor, parseExpression);
    else if (accept(cursor, "OPTIONS")) readOptions(cursor);
    else if (accept(cursor, "DEFAULT", "COLLATE")) cursor.at++;
    else if (isExternal && accept(cursor, "WITH", "PARTITION", "COLUMNS")) {
      if (peek(cursor) === "(") skipBrackets(cursor);
    } else if (accept(cursor, "WITH", "CONNECTION")) {
      addEffects(scope.ledger, ["network"]);
      if (!accept(cursor, "DEFAULT")) readTablePath(cursor);
    } else notUnderstood();
  }
}

/** OPTIONS (name = constant, ..). */
export function readOptions(cursor: Cursor): void {
  const { start, end } = skipBrackets(cursor);
  if (cursor.words.slice(start, end).includes("SELECT")) notUnderstood();
}

function createView(cursor: Cursor, scope: Scope, words: ReadonlySet<string>): Outcome {
  note(scope, readTablePath(cursor), "create");
  if (words.has("REPLACE")) addEffects(scope.ledger, ["alter"]);
  if (words.has("MATERIALIZED")) addEffects(scope.ledger, ["read"]);
  if (peek(cursor) === "(") skipBrackets(cursor);
  readClauses(cursor, scope, false);
  expect(cursor, "AS");
  absorbHeld(scope, (inner) => heldQuery(cursor, inner), { plans: false });
  return done("create");
}

const heldQuery = (cursor: Cursor, scope: Scope): Outcome =>
  done("select", outputOf(analyseQuery(scope, parseQuery(cursor), "from")));

/** A model learns from a query; a remote one is a service elsewhere. */
function createModel(cursor: Cursor, scope: Scope): Outcome {
  note(scope, readTablePath(cursor), "create");
  while (!isAtEnd(cursor) && peek(cursor) !== "AS") {
    if (peek(cursor) === "REMOTE") addEffects(scope.ledger, ["network"]);
    if (peek(cursor) === "(") skipBrackets(cursor);
    else cursor.at++;
  }
  if (accept(cursor, "AS")) {
    if (peek(cursor) === "(" && !seesQuery(cursor)) notUnderstood();
    fillFrom(cursor, scope);
  }
  return done("create");
}

/** The body runs when it is called; a remote function is a service elsewhere, a table function reads what it says. */
function createFunction(cursor: Cursor, scope: Scope): Outcome {
  readTablePath(cursor);
  const words = cursor.words.slice(cursor.at, cursor.end);
  if (words.includes("REMOTE")) addEffects(scope.ledger, ["network"]);
  if (words.includes("LANGUAGE")) addEffects(scope.ledger, ["exec"]);
  if (words.includes("SELECT")) unsure(scope.ledger, "routine_body");
  return rest(cursor, "create");
}

/** `name ON table ..`: a row access policy, or an index. */
function createOnTable(cursor: Cursor, scope: Scope, object: string): Outcome {
  readName(cursor);
  expect(cursor, "ON");
  note(scope, readTablePath(cursor), "alter");
  if (object === "ROW") addEffects(scope.ledger, ["grant"]);
  if (cursor.words.slice(cursor.at, cursor.end).includes("SELECT")) unsure(scope.ledger, "policy_query");
  return rest(cursor, "create");
}

const alter: Reader = (cursor, scope) => {
  const { object } = readHeading(cursor);
  addEffects(scope.ledger, ["alter"]);
  if (!tables.has(object)) {
    if (object !== "SCHEMA" && object !== "MODEL") addEffects(scope.ledger, ["config"]);
    return rest(cursor, "alter");
  }
  note(scope, readTablePath(cursor), "alter");
  const words = cursor.words.slice(cursor.at, cursor.end);
  if (words.includes("DROP")) addEffects(scope.ledger, ["drop"]);
  if (words.includes("SELECT")) unsure(scope.ledger, "alter_query");
  return alterTail(cursor, scope);
};

/** RENAME TO t, REFERENCES t: other tables in the tail of ALTER TABLE. */
function alterTail(cursor: Cursor, scope: Scope): Outcome {
  let verb: Kind = "alter";
  while (!isAtEnd(cursor)) {
    if (accept(cursor, "RENAME", "TO")) {
      note(scope, readTablePath(cursor), "create");
      verb = "rename";
    } else if (accept(cursor, "REFERENCES")) reference(scope, readTablePath(cursor));
    else cursor.at++;
  }
  return done(verb);
}

const drop: Reader = (cursor, scope) => {
  const { object } = readHeading(cursor);
  const { ledger } = scope;
  addEffects(ledger, ["drop"]);
  if (tables.has(object)) note(scope, readTablePath(cursor), "drop");
  else if (object === "SCHEMA") unsure(ledger, "drop_schema");
  else if (object === "ROW") {
    addEffects(ledger, ["grant"]);
    while (!isAtEnd(cursor) && !accept(cursor, "ON")) cursor.at++;
    note(scope, readTablePath(cursor), "alter");
  }
  return rest(cursor, "drop");
};

const undrop: Reader = (cursor, scope) => {
  addEffects(scope.ledger, ["create"]);
  return rest(cursor, "create");
};

const truncate: Reader = (cursor, scope) => {
  cursor.at++;
  expect(cursor, "TABLE");
  addEffects(scope.ledger, ["truncate"]);
  note(scope, readTablePath(cursor), "truncate");
  return done("truncate");
};

const grantEffects: readonly Effect[] = ["grant"];

/** Roles on a schema, table or view, to or from somebody. */
const rights =
  (verb: "grant" | "revoke"): Reader =>
  (cursor, scope) => {
    addEffects(scope.ledger, grantEffects);
    while (!isAtEnd(cursor) && !accept(cursor, "ON")) cursor.at++;
    accept(cursor, "EXTERNAL");
    if (acceptOneOf(cursor, tables) !== null) note(scope, readTablePath(cursor), "grant");
    else unsure(scope.ledger, "grant_on_all");
    return rest(cursor, verb);
  };

export const definitionReaders: readonly (readonly [string, Reader])[] = [
  ["CREATE", create],
  ["ALTER", alter],
  ["DROP", drop],
  ["UNDROP", undrop],
  ["TRUNCATE", truncate],
  ["GRANT", rights("grant")],
  ["REVOKE", rights("revoke")],
];
