/** The ledger of a PostgreSQL statement: what the walk over a parse tree needs beside what it finds. */
import { type Ledger as CommonLedger, influence } from "../ledger.js";
import { limits } from "../limits.js";
import type { CatalogIndex } from "./catalog-index.js";
import type { Fields } from "./nodes.js";

export {
  type Access,
  addEffects,
  addRelation,
  addTarget,
  type Effect,
  factsOf,
  incomplete,
  influence,
  type Kind,
  loseLineage,
  noOutput,
  type Output,
  unsure,
  type Via,
} from "../ledger.js";

/** What the facts of every statement of a text have in common. */
export interface Setting {
  readonly index: CatalogIndex | null;
  /** Major version of the grammar. */
  readonly major: number;
}

export interface Ledger extends CommonLedger {
  readonly setting: Setting;
  readonly reached: Set<Fields>;
  /** Output columns of the views expanded so far, by path. */
  readonly views: Map<string, unknown>;
  visits_left: number;
}

// Written out, not spread: a copy of the common part costs 2 µs, a tenth of the whole walk.
export const openLedger = (setting: Setting): Ledger => ({
  setting,
  effects: new Set(),
  function_effects: new Set(),
  relations: new Map(),
  targets: new Map(),
  predicates: new Set(),
  functions: new Map(),
  reasons: new Set(),
  reached: new Set(),
  views: new Map(),
  effects_open: false,
  relations_open: false,
  complete: true,
  lineage_complete: true,
  visits_left: limits.visits,
});

/** Thrown by `visit` when a text costs too much, and caught at the top: the text is opaque then. */
export class TooComplex extends Error {}

export function visit(ledger: Ledger): void {
  if (--ledger.visits_left < 0) throw new TooComplex();
}

/** A ledger for a query that a statement holds but does not run as its own. */
export const partOf = (whole: Ledger): Ledger => ({
  ...openLedger(whole.setting),
  reached: whole.reached,
  views: whole.views,
  visits_left: whole.visits_left,
});

/** Takes over what a part knows, but not its effects: relations, calls, doubts, and all it reads as influence. */
export function absorb(whole: Ledger, part: Ledger, output: readonly string[]): void {
  for (const [key, relation] of part.relations) whole.relations.set(key, relation);
  for (const [key, called] of part.functions) whole.functions.set(key, called);
  for (const effect of part.function_effects) whole.function_effects.add(effect);
  for (const reason of part.reasons) whole.reasons.add(reason);
  influence(whole, [...part.predicates]);
  influence(whole, output);
  whole.effects_open ||= part.effects_open;
  whole.relations_open ||= part.relations_open;
  whole.complete &&= part.complete;
  whole.lineage_complete &&= part.lineage_complete;
  whole.visits_left = part.visits_left;
}
