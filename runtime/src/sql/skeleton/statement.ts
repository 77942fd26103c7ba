/** One statement: what reading it needs, what comes of it, and the statements that every dialect has. */
import type { FactList, SqlFacts } from "../../facts/index.js";
import {
  addEffects,
  type Effect,
  emptyLedger,
  factsOf,
  influence,
  type Kind,
  type Ledger,
  loseLineage,
  noOutput,
  type Output,
  unsure,
} from "../ledger.js";
import { analyseChange } from "./analyse-changes.js";
import { analyseQuery } from "./analyse-query.js";
import { parseChangeWith, parseDelete, parseInsert, parseMerge, parseUpdate } from "./change-parser.js";
import { type Cursor, isAtEnd, notUnderstood, peek } from "./cursor.js";
import { parseQuery } from "./query-parser.js";
import { openScope, type Rowset, type Scope, type Setting, union } from "./scope.js";
import type { Change, Query } from "./tree.js";

export type Outcome =
  | { readonly kind: "statement"; readonly verb: Kind; readonly output: Output }
  /** The statement runs the text of a literal, and does nothing else. */
  | { readonly kind: "text"; readonly text: string };

/** Reads a statement from its verb to its end, and writes what it does into the scope's ledger. */
export type Reader = (cursor: Cursor, scope: Scope) => Outcome;

export type Readers = ReadonlyMap<string, Reader>;

export const done = (verb: Kind, output: Output = noOutput): Outcome => ({ kind: "statement", verb, output });

/** The facts of one statement, or the text it runs. Throws what the parser throws. */
export function analyseStatement(
  cursor: Cursor,
  setting: Setting,
  readers: Readers,
  doubt: string | null,
  mentions: FactList<string>,
): { readonly kind: "facts"; readonly facts: SqlFacts } | { readonly kind: "text"; readonly text: string } {
  const ledger = emptyLedger();
  if (doubt !== null) unsure(ledger, doubt);
  if (cursor.tokens.has_hints) unsure(ledger, "optimizer_hint");
  const outcome = readStatement(cursor, openScope(setting, ledger), readers);
  if (!isAtEnd(cursor)) notUnderstood();
  if (outcome.kind === "text") return outcome;
  if (outcome.output.columns_open) loseLineage(ledger, "unknown_columns");
  return { kind: "facts", facts: factsOf(setting.grammar.dialect, ledger, outcome.verb, outcome.output, mentions) };
}

export function readStatement(cursor: Cursor, scope: Scope, readers: Readers): Outcome {
  const reader = peek(cursor) === "(" ? readQuery : readers.get(peek(cursor));
  return reader === undefined ? notUnderstood() : reader(cursor, scope);
}

/** Rows as what the client sees. */
export function outputOf(rows: Rowset | null, limit: number | null = null): Output {
  if (rows === null) return noOutput;
  return {
    columns: rows.columns.map(({ name, sources, exact }) => ({ name, sources, exact })),
    columns_open: rows.loose.length > 0,
    limit,
  };
}

/** Rows of which nothing is known but that they come. */
export const unknownOutput: Output = { columns: [], columns_open: true, limit: null };

const readQuery: Reader = (cursor, scope) => {
  const query = parseQuery(cursor);
  addEffects(scope.ledger, ["read"]);
  const rows = analyseQuery(scope, query, "from");
  return done("select", keepsRows(query) ? noOutput : outputOf(rows, query.limit));
};

const keepsRows = ({ into, branches }: Query): boolean =>
  into !== null || branches.some((branch) => branch.kind === "select" && branch.into !== null);

const readWith: Reader = (cursor, scope) => {
  const change = parseChangeWith(cursor);
  return change === null ? readQuery(cursor, scope) : changed(scope, change);
};

const changed = (scope: Scope, change: Change): Outcome => done(change.kind, outputOf(analyseChange(scope, change)));

const changing =
  (parse: (cursor: Cursor) => Change): Reader =>
  (cursor, scope) => {
    cursor.at++;
    return changed(scope, parse(cursor));
  };

/** Queries and changes, by their verbs. */
export const commonReaders: readonly (readonly [string, Reader])[] = [
  ["SELECT", readQuery],
  ["WITH", readWith],
  ["INSERT", changing((cursor) => parseInsert(cursor, false))],
  ["UPDATE", changing((cursor) => parseUpdate(cursor))],
  ["DELETE", changing((cursor) => parseDelete(cursor))],
];

export const mysqlReaders: readonly (readonly [string, Reader])[] = [
  ["VALUES", readQuery],
  ["TABLE", readQuery],
  ["REPLACE", changing((cursor) => parseInsert(cursor, true))],
];

export const bigqueryReaders: readonly (readonly [string, Reader])[] = [["MERGE", changing(parseMerge)]];

/** A statement of words alone, whose effects are always the same. `opens`: it may touch relations that nobody reads. */
export const always =
  (verb: Kind, effects: readonly Effect[], opens: string | null = null): Reader =>
  (cursor, scope) => {
    addEffects(scope.ledger, effects);
    if (opens !== null) unsure(scope.ledger, opens);
    if (cursor.words.slice(cursor.at, cursor.end).includes("(")) unsure(scope.ledger, "unread_value");
    cursor.at = cursor.end;
    return done(verb);
  };

/** What nobody can know before it runs. */
export function dynamic(scope: Scope, verb: Kind, reason: string): Outcome {
  addEffects(scope.ledger, ["dynamic"]);
  unsure(scope.ledger, reason);
  return done(verb, unknownOutput);
}

/**
 * A statement that is held but not run, as by EXPLAIN or CREATE VIEW: its relations are read, its values influence, its
 * functions may be called while it is planned. A view's are not.
 */
export function absorbHeld(scope: Scope, read: (inner: Scope) => Outcome, options: { readonly plans: boolean }): void {
  const part = emptyLedger();
  const outcome = read({ ...scope, ledger: part });
  if (outcome.kind === "text") unsure(scope.ledger, "dynamic_text");
  else mergeHeld(scope.ledger, part, outcome.output, options.plans);
}

function mergeHeld(whole: Ledger, part: Ledger, output: Output, plans: boolean): void {
  for (const relation of part.relations.values()) {
    const via = plans ? relation.via : "reference";
    const { catalog = "", schema, name } = relation;
    whole.relations.set(`${catalog}\0${schema}\0${name}\0read\0${via}`, { ...relation, access: "read", via });
  }
  for (const [key, called] of part.functions) whole.functions.set(key, called);
  if (plans) addEffects(whole, [...part.function_effects]);
  for (const reason of part.reasons) whole.reasons.add(reason);
  if (output.columns_open) whole.reasons.add("unknown_columns");
  influence(whole, [...part.predicates]);
  influence(whole, union(output.columns.map(({ sources }) => (Array.isArray(sources) ? (sources as string[]) : []))));
  whole.effects_open ||= part.effects_open;
  whole.relations_open ||= part.relations_open;
  whole.complete &&= part.complete;
  whole.lineage_complete &&= part.lineage_complete && !output.columns_open;
}
