/**
 * What is known so far about one statement, in any dialect. A walk writes into it; nothing in it is ever taken back, so that
 * a part that is visited twice changes nothing. `factsOf` closes it.
 */
import {
  type FactList,
  itemsOf,
  type SqlColumn,
  type SqlFacts,
  type SqlFunction,
  type SqlRelation,
  type SqlTarget,
  unknown,
} from "../facts/index.js";

type MemberOf<List> = List extends readonly (infer Member)[] ? Extract<Member, string> : never;
export type Effect = MemberOf<SqlFacts["effects"]>;
export type Kind = Extract<SqlFacts["kind"], string>;
export type Access = Extract<SqlRelation["access"], string>;
export type Via = Extract<SqlRelation["via"], string>;
export type Dialect = Extract<SqlFacts["dialect"], string>;

export interface Ledger {
  readonly effects: Set<Effect>;
  /** Effects of functions alone: planning a statement can already call them. */
  readonly function_effects: Set<Effect>;
  readonly relations: Map<string, SqlRelation>;
  readonly targets: Map<string, SqlTarget>;
  readonly predicates: Set<string>;
  readonly functions: Map<string, SqlFunction>;
  readonly reasons: Set<string>;
  effects_open: boolean;
  relations_open: boolean;
  complete: boolean;
  lineage_complete: boolean;
}

export const emptyLedger = (): Ledger => ({
  effects: new Set(),
  function_effects: new Set(),
  relations: new Map(),
  targets: new Map(),
  predicates: new Set(),
  functions: new Map(),
  reasons: new Set(),
  effects_open: false,
  relations_open: false,
  complete: true,
  lineage_complete: true,
});

/** Something may do anything: effects, relations and lineage are all uncertain. */
export function unsure(ledger: Ledger, reason: string): void {
  ledger.effects_open = true;
  ledger.relations_open = true;
  incomplete(ledger, reason);
}

/** Kind, effects or relations are not certain. */
export function incomplete(ledger: Ledger, reason: string): void {
  ledger.complete = false;
  loseLineage(ledger, reason);
}

/** Output columns or influences may be missing. */
export function loseLineage(ledger: Ledger, reason: string): void {
  ledger.lineage_complete = false;
  ledger.reasons.add(reason);
}

export function addEffects(ledger: Ledger, effects: readonly Effect[]): void {
  for (const effect of effects) ledger.effects.add(effect);
}

/** Records columns that influence the statement otherwise than as an output value. */
export function influence(ledger: Ledger, sources: readonly string[]): void {
  for (const source of sources) ledger.predicates.add(source);
}

export function addRelation(ledger: Ledger, relation: SqlRelation): void {
  const { catalog = "", schema, name, access, via } = relation;
  ledger.relations.set(`${catalog}\u0000${schema}\u0000${name}\u0000${access}\u0000${via}`, relation);
}

export function addTarget(ledger: Ledger, target: SqlTarget): void {
  ledger.targets.set(`${target.relation}\u0000${target.change}\u0000${JSON.stringify(target.restricted)}`, target);
}

/** What the client gets to see: output columns in order. `columns_open` when there may be others among them. */
export interface Output {
  readonly columns: readonly SqlColumn[];
  readonly columns_open: boolean;
  readonly limit: number | null;
}

export const noOutput: Output = { columns: [], columns_open: false, limit: null };

/** What a statement costs no text says: whoever asks a server for it puts it in its place. */
const notEstimated = unknown("estimate");

const listOrOpen = <T>(items: readonly T[], open: boolean): FactList<T> => (open ? { items, open: true } : items);

/** `mentions` are the names in the statement's own text. */
export const factsOf = (
  dialect: Dialect,
  ledger: Ledger,
  kind: Kind,
  output: Output,
  mentions: FactList<string>,
): SqlFacts => ({
  dialect,
  kind,
  effects: listOrOpen([...ledger.effects, ...notIn(ledger.function_effects, ledger.effects)], ledger.effects_open),
  relations: listOrOpen([...ledger.relations.values()], ledger.relations_open),
  targets: listOrOpen([...ledger.targets.values()], ledger.effects_open),
  columns: listOrOpen(output.columns, output.columns_open),
  columns_complete: ledger.lineage_complete && !output.columns_open,
  predicate_columns: listOrOpen([...ledger.predicates], !ledger.lineage_complete),
  functions: listOrOpen([...ledger.functions.values()], ledger.effects_open),
  // What is not understood may hold texts that name more.
  identifiers: ledger.complete ? mentions : { items: itemsOf(mentions), open: true },
  ...(output.limit === null ? {} : { limit: output.limit }),
  estimate: notEstimated,
  complete: ledger.complete,
  reasons: [...ledger.reasons],
});

const notIn = <T>(values: ReadonlySet<T>, others: ReadonlySet<T>): readonly T[] =>
  [...values].filter((value) => !others.has(value));
