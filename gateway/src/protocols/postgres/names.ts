/**
 * Prepared statements and portals of one session: what the server would run when a client says a name.
 *
 * A decision about an Execute is only worth something if this table and the server's agree, so it follows the server's
 * confirmations and forgets early. What a client has asked for but the server has not yet confirmed lies in an overlay, which
 * counts for later messages of the same cycle, because the server takes them in order; an error throws the overlay away.
 * A name that is forgotten here but alive at the server costs its user an error; the reverse would run undecided text.
 * Absent: names made by SQL (PREPARE, DECLARE): the protocol may not use them.
 */
import { randomBytes } from "node:crypto";
import { limits } from "./limits.js";
import { nameOfText } from "./read-message.js";
import type { Passed } from "./result-limit.js";
import type { RowField } from "./server-messages.js";

/**
 * Names that begin so belong to the gateway; clients may not use them. Random, because an upstream may be a gateway too, and
 * readable, because they show in the server's log.
 */
export const reservedPrefix = `hpl_${randomBytes(6).toString("hex")}_`;

/** A portal that nobody can bind: executing it always fails. */
export const failingPortal = `${reservedPrefix}refused`;

export interface Statement {
  readonly name: string;
  readonly text: string;
  readonly parameterTypes: readonly number[];
  /** The Parse message, for when it must be parsed again under another catalog. */
  readonly parse: Uint8Array;
  /** Version of the catalog when the server parsed it: its names mean what they meant then. */
  readonly catalogVersion: number;
  /** Whether errors of it may carry values. */
  readonly redactErrors: boolean;
  /** What Describe said; null: nobody asked. Empty: no rows. */
  fields: readonly RowField[] | null;
  /** A Describe has been sent. */
  described: boolean;
}

export interface Portal {
  readonly name: string;
  readonly statement: Statement;
  readonly parameters: readonly (Uint8Array | null)[];
  readonly parameterFormats: readonly number[];
  readonly resultFormats: readonly number[];
  /** The Bind message, for when it must be bound again after a hold. */
  readonly bind: Uint8Array;
  /** What its fetches have sent. */
  readonly passed: Passed;
  /** An Execute of it has gone up. */
  started: boolean;
  fields: readonly RowField[] | null;
  described: boolean;
}

/** One kind of name: what the server confirmed, and over it what it was asked for. A null stands for "closed". */
interface Table<T> {
  readonly confirmed: Map<string, T>;
  readonly asked: Map<string, T | null>;
}

export interface Names {
  readonly statements: Table<Statement>;
  readonly portals: Table<Portal>;
}

export const createNames = (): Names => ({
  statements: { confirmed: new Map(), asked: new Map() },
  portals: { confirmed: new Map(), asked: new Map() },
});

/** What `name` will mean to the server when it comes to the next message. */
export function lookUp<T>(table: Table<T>, name: string): T | null {
  const asked = table.asked.get(name);
  return asked === undefined ? (table.confirmed.get(name) ?? null) : asked;
}

export function confirm<T>(table: Table<T>, name: string, value: T | null): void {
  if (value === null) table.confirmed.delete(name);
  else table.confirmed.set(name, value);
}

/** A cycle has ended, or the rest of it will not run: what counts is what was confirmed. */
export function forgetAsked(names: Names): void {
  names.statements.asked.clear();
  names.portals.asked.clear();
}

/** The transaction is over, or something ran that could have closed or replaced portals. */
export function forgetPortals(names: Names): void {
  names.portals.confirmed.clear();
  names.portals.asked.clear();
}

/** A simple query replaces the unnamed statement and the unnamed portal. */
export function forgetUnnamed(names: Names): void {
  for (const table of [names.statements, names.portals]) {
    table.confirmed.delete("");
    table.asked.delete("");
  }
}

/** Keeps of the named statements those that the server lists under the same name with the same text. */
export function keepListed(names: Names, listed: Readonly<Record<string, string>>): void {
  const texts = new Map(Object.entries(listed).map(([name, text]) => [nameOfText(name), text]));
  for (const { name, text } of [...names.statements.confirmed.values()]) {
    if (name !== "" && texts.get(name) !== text) names.statements.confirmed.delete(name);
  }
}

/** Whether one more statement of `bytes_count` bytes may be kept. */
export function hasRoom(names: Names, bytesCount: number): boolean {
  const kept = [...names.statements.confirmed.values()];
  const bytes = kept.reduce((sum, statement) => sum + statement.parse.length, bytesCount);
  return kept.length < limits.statements_max && bytes <= limits.statement_bytes_max;
}
