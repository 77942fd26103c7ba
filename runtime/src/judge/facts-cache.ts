import { itemsOf } from "../facts/fact.js";
import type { Analysis, FrontEnd } from "../facts/front-end.js";
import type { Action } from "../facts/index.js";
import type { SqlFrontEndContext } from "./judge.js";

/** Texts longer than this are not kept, in UTF-16 code units: a few of them would fill the cache. */
export const cachedTextLengthMax = 16_384;
/** Entries of one generation; two are kept. */
export const cachedTextsMax = 1_024;
/** Estimated bytes of one generation, texts and facts together. */
export const cachedBytesMax = 8 * 1024 * 1024;

/** Texts of one context, newest generation first. */
interface Generations {
  readonly context: SqlFrontEndContext;
  young: Map<string, Analysis>;
  young_bytes: number;
  old: Map<string, Analysis>;
}

/**
 * A SQL front end that remembers: the exact text, under the very same catalog object, dialect, server version, modes and
 * database, gives the same facts. Keyed by nothing less than the text, so two statements never share an entry; bounded in
 * entries and in estimated bytes, so no client can fill memory; refusals are kept too. A catalog that is read again is a new
 * object and starts empty.
 */
export function rememberFacts(frontEnd: FrontEnd<SqlFrontEndContext>): FrontEnd<SqlFrontEndContext> {
  const byCatalog = new WeakMap<object, Map<string, Generations>>();
  const noCatalog = {};
  // A session asks in one context again and again: comparing with the last one spares making a key.
  let last: Generations | null = null;
  return {
    analyse: (text, context) => {
      if (text.length > cachedTextLengthMax) return frontEnd.analyse(text, context);
      if (last === null || !isSameContext(last.context, context))
        last = generationsOf(byCatalog, context.catalog ?? noCatalog, context);
      const known = last.young.get(text);
      if (known !== undefined) return known;
      const analysis = last.old.get(text) ?? frontEnd.analyse(text, context);
      keep(last, text, analysis);
      return analysis;
    },
  };
}

const isSameContext = (a: SqlFrontEndContext, b: SqlFrontEndContext): boolean =>
  a.catalog === b.catalog &&
  a.dialect === b.dialect &&
  a.server_version === b.server_version &&
  a.modes === b.modes &&
  a.database === b.database;

function generationsOf(
  byCatalog: WeakMap<object, Map<string, Generations>>,
  catalog: object,
  context: SqlFrontEndContext,
): Generations {
  const { dialect, server_version, modes = null, database = null } = context;
  const key = JSON.stringify([dialect, server_version, modes, database]);
  const byContext = byCatalog.get(catalog) ?? new Map<string, Generations>();
  byCatalog.set(catalog, byContext);
  // Modes and databases are the client's to name: a session that changes them without end starts over.
  if (byContext.size >= contexts_max) byContext.clear();
  const generations = byContext.get(key) ?? { context, young: new Map(), young_bytes: 0, old: new Map() };
  byContext.set(key, generations);
  return generations;
}

/** Contexts of one catalog that are kept. */
const contexts_max = 16;

/** What was not asked for in a whole generation is forgotten. */
function keep(generations: Generations, text: string, analysis: Analysis): void {
  const size = 2 * text.length + analysis.actions.reduce((sum, action) => sum + sizeOf(action), 0);
  if (size > cachedBytesMax / 8) return;
  const isFull = generations.young.size >= cachedTextsMax || generations.young_bytes + size > cachedBytesMax;
  if (isFull) {
    generations.old = generations.young;
    generations.young = new Map();
    generations.young_bytes = 0;
  }
  generations.young.set(text, analysis);
  generations.young_bytes += size;
}

/** About the bytes that an action's facts take: an entry of a list is an object of a few short texts. */
function sizeOf(action: Action): number {
  if (action.opaque || action.family !== "sql") return base_bytes;
  const { relations, targets, columns, predicate_columns, functions } = action.facts;
  const sources_count = itemsOf(columns).reduce(
    (sum, column) => sum + ("sources" in column ? itemsOf(column.sources).length : 0),
    0,
  );
  const lists = [relations, targets, columns, predicate_columns, functions];
  const entries_count = lists.reduce((sum, list) => sum + itemsOf<unknown>(list).length, sources_count);
  return base_bytes + entry_bytes * entries_count;
}

const base_bytes = 600;
const entry_bytes = 160;
