/**
 * CREATE, ALTER, DROP, TRUNCATE, RENAME. Column definitions are not modelled: their words are searched for what touches more
 * than the object itself, and an option that is not known to be harmless leaves the statement uncertain.
 */
import { addEffects, type Effect, type Kind, type Ledger, unsure } from "../ledger.js";
import { analyseQuery, influenceOfRows } from "../skeleton/analyse-query.js";
import {
  accept,
  acceptOneOf,
  type Cursor,
  expect,
  isAtEnd,
  kindAhead,
  listOf,
  notUnderstood,
  peek,
  readName,
  readPath,
  skipBrackets,
} from "../skeleton/cursor.js";
import { parseQuery, seesQuery } from "../skeleton/query-parser.js";
import { noteRelation, resolveRelation } from "../skeleton/relations.js";
import { innerScope, type Scope } from "../skeleton/scope.js";
import { absorbHeld, done, type Outcome, outputOf, type Reader } from "../skeleton/statement.js";
import type { Path } from "../skeleton/tree.js";
import { opensBlock } from "./split.js";

type ObjectSort = "TABLE" | "VIEW" | "INDEX" | "ROUTINE" | "ACCOUNT" | "SCHEMA" | "SERVER" | "SEQUENCE" | "STORAGE";

/** What stands behind CREATE, ALTER and DROP, by the word that says so. */
const objects: ReadonlyMap<string, ObjectSort> = new Map<string, ObjectSort>([
  ["TABLE", "TABLE"],
  ["TABLES", "TABLE"],
  ["VIEW", "VIEW"],
  ["INDEX", "INDEX"],
  ["SEQUENCE", "SEQUENCE"],
  ["PROCEDURE", "ROUTINE"],
  ["FUNCTION", "ROUTINE"],
  ["TRIGGER", "ROUTINE"],
  ["EVENT", "ROUTINE"],
  ["PACKAGE", "ROUTINE"],
  ["USER", "ACCOUNT"],
  ["ROLE", "ACCOUNT"],
  ["DATABASE", "SCHEMA"],
  ["SCHEMA", "SCHEMA"],
  ["SERVER", "SERVER"],
  ["TABLESPACE", "STORAGE"],
  ["LOGFILE", "STORAGE"],
  ["UNDO", "STORAGE"],
  ["RESOURCE", "STORAGE"],
]);

/** Words between the verb and the object; DEFINER's user and other values stand between them. */
const modifiers = new Set(
  `OR REPLACE TEMPORARY UNIQUE FULLTEXT SPATIAL VECTOR ONLINE OFFLINE IGNORE AGGREGATE ALGORITHM DEFINER SQL SECURITY INVOKER
  MERGE TEMPTABLE UNDEFINED CURRENT_USER CURRENT_ROLE = ( )`.split(/\s+/),
);

interface Heading {
  readonly object: ObjectSort;
  readonly word: string;
  readonly replaces: boolean;
}

/** `verb modifiers OBJECT`. */
function readHeading(cursor: Cursor): Heading {
  cursor.at++;
  let replaces = false;
  while (!isAtEnd(cursor)) {
    const word = peek(cursor);
    const object = objects.get(word);
    if (object !== undefined) {
      cursor.at++;
      return { object, word, replaces };
    }
    const isUser = kindAhead(cursor) !== "operator" && cursor.words[cursor.at - 1] === "=";
    const isHost = kindAhead(cursor) === "variable";
    if (!modifiers.has(word) && !isUser && !isHost) notUnderstood();
    if (word === "REPLACE") replaces = true;
    cursor.at++;
  }
  return notUnderstood();
}

const ifExists = (cursor: Cursor): boolean => accept(cursor, "IF", "EXISTS") || accept(cursor, "IF", "NOT", "EXISTS");

/** A table that is made now needs not be in the catalog. */
function object(scope: Scope, path: Path, access: "create" | "drop" | "alter" | "truncate"): void {
  const place = access === "create" ? { ...scope, setting: { ...scope.setting, index: null } } : scope;
  noteRelation(place, resolveRelation(place, path), access, "object");
}

function rest(cursor: Cursor, verb: Kind): Outcome {
  cursor.at = cursor.end;
  return done(verb);
}

const create: Reader = (cursor, scope) => {
  const { ledger } = scope;
  const { object: sort, word, replaces } = readHeading(cursor);
  addEffects(ledger, replaces && sort !== "VIEW" ? ["create", "drop"] : ["create"]);
  switch (sort) {
    case "TABLE":
      return createTable(cursor, scope);
    case "VIEW":
      return createView(cursor, scope, replaces);
    case "INDEX":
      return createIndex(cursor, scope);
    case "SEQUENCE":
      ifExists(cursor);
      object(scope, readPath(cursor), "create");
      return rest(cursor, "create");
    case "ROUTINE":
      return createRoutine(cursor, scope, word);
    case "ACCOUNT":
      addEffects(ledger, ["grant"]);
      return rest(cursor, "role");
    case "SERVER":
      addEffects(ledger, ["network"]);
      return rest(cursor, "create");
    case "STORAGE":
      addEffects(ledger, ["file_write", "config"]);
      return rest(cursor, "create");
    case "SCHEMA":
      return rest(cursor, "create");
  }
};

/** The body of a routine runs later. Behind a semicolon inside it another statement could hide. */
function createRoutine(cursor: Cursor, scope: Scope, word: string): Outcome {
  const words = cursor.words.slice(cursor.at, cursor.end);
  if (words.includes("SONAME")) addEffects(scope.ledger, ["exec", "file_read"]);
  if (opensBlock(cursor.words, { start: cursor.start, end: cursor.end })) unsure(scope.ledger, "routine_body");
  // An event runs by itself, and is not decided again.
  if (word === "EVENT") {
    addEffects(scope.ledger, ["exec"]);
    unsure(scope.ledger, "event_body");
  }
  if (word === "TRIGGER") {
    ifExists(cursor);
    readPath(cursor);
    while (!isAtEnd(cursor) && !accept(cursor, "ON")) cursor.at++;
    object(scope, readPath(cursor), "alter");
  }
  return rest(cursor, "create");
}

function createTable(cursor: Cursor, scope: Scope): Outcome {
  ifExists(cursor);
  object(scope, readPath(cursor), "create");
  if (accept(cursor, "LIKE")) {
    reference(scope, readPath(cursor));
    return done("create");
  }
  if (accept(cursor, "(", "LIKE")) {
    reference(scope, readPath(cursor));
    expect(cursor, ")");
    return done("create");
  }
  if (peek(cursor) === "(" && !seesQuery(cursor)) readColumns(cursor, scope);
  readTableOptions(cursor, scope);
  if (isAtEnd(cursor)) return done("create");
  if (!accept(cursor, "IGNORE")) accept(cursor, "REPLACE");
  accept(cursor, "AS");
  addEffects(scope.ledger, ["read"]);
  influenceOfRows(scope, analyseQuery(innerScope(scope), parseQuery(cursor), "from"));
  return done("create");
}

const reference = (scope: Scope, path: Path): void =>
  noteRelation(scope, resolveRelation(scope, path), "read", "reference");

/** Column definitions: of other tables only foreign keys speak; a query in a default is not read. */
function readColumns(cursor: Cursor, scope: Scope): void {
  const start = cursor.at;
  const range = skipBrackets(cursor);
  const end = cursor.at;
  for (let i = start; i < range.end; i++) {
    if (cursor.words[i] === "SELECT" || cursor.words[i] === "NEXTVAL") unsure(scope.ledger, "default");
    if (cursor.words[i] !== "REFERENCES") continue;
    cursor.at = i + 1;
    reference(scope, readPath(cursor));
  }
  cursor.at = end;
}

/** Options of a table that say nothing of files, other tables or other servers. */
const harmlessOptions = new Set(
  `AUTO_INCREMENT AVG_ROW_LENGTH CHARSET CHECKSUM COLLATE COMMENT COMPRESSION DEFAULT CHARACTER SET DELAY_KEY_WRITE
  KEY_BLOCK_SIZE MAX_ROWS MIN_ROWS PACK_KEYS ROW_FORMAT STATS_AUTO_RECALC STATS_PERSISTENT STATS_SAMPLE_PAGES PAGE_CHECKSUM
  TRANSACTIONAL ENCRYPTED ENCRYPTION_KEY_ID ENCRYPTION ENGINE =`.split(/\s+/),
);
const harmlessEngines = new Set("INNODB MYISAM MEMORY HEAP ARIA ARCHIVE NDB NDBCLUSTER ROCKSDB".split(" "));

/** Options up to AS, a query or the end. */
function readTableOptions(cursor: Cursor, { ledger }: Scope): void {
  while (!isAtEnd(cursor) && !seesTableQuery(cursor)) {
    if (accept(cursor, ",")) continue;
    if (accept(cursor, "ENGINE")) readEngine(cursor, ledger);
    else if (accept(cursor, "PARTITION", "BY")) readPartitions(cursor, ledger);
    else if (acceptOneOf(cursor, harmlessOptions) === null && !isOptionValue(cursor)) unsureOption(cursor, ledger);
  }
}

const seesTableQuery = (cursor: Cursor): boolean =>
  peek(cursor) === "AS" ||
  seesQuery(cursor) ||
  ((peek(cursor) === "IGNORE" || peek(cursor) === "REPLACE") && tableQueryWords.has(peek(cursor, 1)));

const tableQueryWords = new Set(["AS", "SELECT", "WITH", "(", "VALUES", "TABLE"]);

/** The word, string or number behind an option's name. */
function isOptionValue(cursor: Cursor): boolean {
  const before = cursor.words[cursor.at - 1] ?? "";
  const isValue = kindAhead(cursor) !== "operator" && harmlessOptions.has(before);
  if (isValue) cursor.at++;
  return isValue;
}

function unsureOption(cursor: Cursor, ledger: Ledger): void {
  unsure(ledger, `table_option:${peek(cursor).toLowerCase()}`);
  addEffects(ledger, ["file_write", "network"]);
  if (peek(cursor) === "(") skipBrackets(cursor);
  else cursor.at++;
}

function readEngine(cursor: Cursor, ledger: Ledger): void {
  accept(cursor, "=");
  const name = readName(cursor, { any_word: true });
  if (!harmlessEngines.has(name.toUpperCase())) unsure(ledger, `engine:${name.toLowerCase()}`);
}

/** Partitions: values and names, up to a query. */
function readPartitions(cursor: Cursor, ledger: Ledger): void {
  while (!isAtEnd(cursor) && !seesTableQuery(cursor)) {
    if (peek(cursor) !== "(") {
      cursor.at++;
      continue;
    }
    const { start, end } = skipBrackets(cursor);
    if (cursor.words.slice(start, end).some((word) => word === "DIRECTORY" || word === "SELECT"))
      unsure(ledger, "partition_option");
  }
}

function createView(cursor: Cursor, scope: Scope, replaces: boolean): Outcome {
  ifExists(cursor);
  const path = readPath(cursor);
  object(scope, path, "create");
  if (replaces) addEffects(scope.ledger, ["alter"]);
  return viewBody(cursor, scope, "create");
}

function viewBody(cursor: Cursor, scope: Scope, verb: Kind): Outcome {
  if (peek(cursor) === "(") skipBrackets(cursor);
  expect(cursor, "AS");
  absorbHeld(scope, (inner) => heldQuery(cursor, inner), { plans: false });
  if (accept(cursor, "WITH")) cursor.at = cursor.end;
  return done(verb);
}

const heldQuery = (cursor: Cursor, scope: Scope): Outcome =>
  done("select", outputOf(analyseQuery(scope, parseQuery(cursor), "from")));

/** `i [USING t] ON table (..)`. */
function createIndex(cursor: Cursor, scope: Scope): Outcome {
  ifExists(cursor);
  while (!isAtEnd(cursor) && !accept(cursor, "ON")) cursor.at++;
  object(scope, readPath(cursor), "alter");
  return rest(cursor, "create");
}

const alter: Reader = (cursor, scope) => {
  const { object: sort } = readHeading(cursor);
  const { ledger } = scope;
  addEffects(ledger, ["alter"]);
  switch (sort) {
    case "TABLE":
      return alterTable(cursor, scope);
    case "VIEW":
      object(scope, readPath(cursor), "alter");
      return viewBody(cursor, scope, "alter");
    case "ACCOUNT":
      addEffects(ledger, ["grant"]);
      return rest(cursor, "role");
    case "ROUTINE":
      if (cursor.words.slice(cursor.at, cursor.end).includes("DO")) unsure(ledger, "routine_body");
      return rest(cursor, "alter");
    case "SEQUENCE":
      ifExists(cursor);
      object(scope, readPath(cursor), "alter");
      return rest(cursor, "alter");
    case "SERVER":
      addEffects(ledger, ["network"]);
      return rest(cursor, "alter");
    case "STORAGE":
      addEffects(ledger, ["file_write", "config"]);
      return rest(cursor, "alter");
    default:
      return rest(cursor, "alter");
  }
};

/** Words of ALTER TABLE that do more than change the table's shape. */
const alterEffects: ReadonlyMap<string, readonly Effect[]> = new Map<string, readonly Effect[]>([
  ["DROP", ["drop"]],
  ["TRUNCATE", ["truncate"]],
  ["DISCARD", ["drop"]],
  ["IMPORT", ["file_read"]],
  ["DIRECTORY", ["file_write"]],
  ["CONNECTION", ["network"]],
]);
/** Words of ALTER TABLE that bring other tables, servers or files in, by ways that are not read. */
const alterDoubts = new Set(["UNION", "CONNECTION", "DIRECTORY", "SELECT", "TABLESPACE"]);

function alterTable(cursor: Cursor, scope: Scope): Outcome {
  ifExists(cursor);
  object(scope, readPath(cursor), "alter");
  let verb: Kind = "alter";
  let depth = 0;
  while (!isAtEnd(cursor)) {
    const word = peek(cursor);
    depth += word === "(" ? 1 : word === ")" ? -1 : 0;
    addEffects(scope.ledger, alterEffects.get(word) ?? []);
    if (alterDoubts.has(word)) unsure(scope.ledger, `table_option:${word.toLowerCase()}`);
    cursor.at++;
    if (word === "ENGINE") readEngine(cursor, scope.ledger);
    else if (word === "REFERENCES") reference(scope, readPath(cursor));
    else if (word === "EXCHANGE") readExchange(cursor, scope);
    else if (word === "RENAME" && depth === 0 && readRename(cursor, scope)) verb = "rename";
  }
  return done(verb);
}

/** EXCHANGE PARTITION p WITH TABLE t: rows go both ways. */
function readExchange(cursor: Cursor, scope: Scope): void {
  addEffects(scope.ledger, ["write"]);
  while (!isAtEnd(cursor) && !accept(cursor, "WITH", "TABLE")) cursor.at++;
  object(scope, readPath(cursor), "alter");
}

/** RENAME [TO | AS] t; false when a column or index is renamed. */
function readRename(cursor: Cursor, scope: Scope): boolean {
  if (partWords.has(peek(cursor))) return false;
  if (!accept(cursor, "TO")) accept(cursor, "AS");
  object(scope, readPath(cursor), "create");
  return true;
}

const partWords = new Set(["COLUMN", "INDEX", "KEY", "CONSTRAINT"]);

const drop: Reader = (cursor, scope) => {
  if (peek(cursor, 1) === "PREPARE") {
    addEffects(scope.ledger, ["read"]);
    return rest(cursor, "deallocate");
  }
  const { object: sort } = readHeading(cursor);
  addEffects(scope.ledger, ["drop"]);
  ifExists(cursor);
  if (sort === "TABLE" || sort === "VIEW" || sort === "SEQUENCE") {
    listOf(cursor, (inner) => object(scope, readPath(inner), "drop"));
    return rest(cursor, "drop");
  }
  if (sort === "INDEX") {
    while (!isAtEnd(cursor) && !accept(cursor, "ON")) cursor.at++;
    object(scope, readPath(cursor), "alter");
    return rest(cursor, "drop");
  }
  if (sort === "SCHEMA") unsure(scope.ledger, "drop_schema");
  if (sort === "ACCOUNT") addEffects(scope.ledger, ["grant"]);
  return rest(cursor, sort === "ACCOUNT" ? "role" : "drop");
};

const truncate: Reader = (cursor, scope) => {
  cursor.at++;
  accept(cursor, "TABLE");
  addEffects(scope.ledger, ["truncate"]);
  object(scope, readPath(cursor), "truncate");
  if (!accept(cursor, "WAIT")) accept(cursor, "NOWAIT");
  else cursor.at++;
  return done("truncate");
};

/** RENAME TABLE a TO b, .. | USER. */
const rename: Reader = (cursor, scope) => {
  cursor.at++;
  addEffects(scope.ledger, ["alter"]);
  if (accept(cursor, "USER")) {
    addEffects(scope.ledger, ["grant"]);
    return rest(cursor, "role");
  }
  if (!accept(cursor, "TABLE")) expect(cursor, "TABLES");
  ifExists(cursor);
  listOf(cursor, (inner) => {
    object(scope, readPath(inner), "alter");
    expect(inner, "TO");
    object(scope, readPath(inner), "create");
  });
  return done("rename");
};

export const definitionReaders: readonly (readonly [string, Reader])[] = [
  ["CREATE", create],
  ["ALTER", alter],
  ["DROP", drop],
  ["TRUNCATE", truncate],
  ["RENAME", rename],
];
