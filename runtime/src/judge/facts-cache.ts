import type { Analysis, FrontEnd } from "../facts/front-end.js";
import type { SqlFrontEndContext } from "./judge.js";

/** Texts longer than this are not kept, in UTF-16 code units: a few of them would fill the cache. */
export const cachedTextLengthMax = 16_384;
/** Entries of one generation; two are kept. Facts take a few kilobytes an entry. */
export const cachedTextsMax = 1_024;

/** Texts of one context, newest generation first. */
interface Generations {
  young: Map<string, Analysis>;
  old: Map<string, Analysis>;
}

/**
 * A SQL front end that remembers: the exact text, under the very same catalog object and server version, gives the same
 * facts. Keyed by nothing less than the text, so two statements never share an entry; bounded, so no client can fill memory;
 * refusals are kept too. A catalog that is read again is a new object and starts empty.
 */
export function rememberFacts(frontEnd: FrontEnd<SqlFrontEndContext>): FrontEnd<SqlFrontEndContext> {
  const byCatalog = new WeakMap<object, Map<number | null, Generations>>();
  const noCatalog = {};
  return {
    analyse: (text, context) => {
      if (text.length > cachedTextLengthMax) return frontEnd.analyse(text, context);
      const generations = generationsOf(byCatalog, context.catalog ?? noCatalog, context.server_version);
      const known = generations.young.get(text) ?? generations.old.get(text);
      const analysis = known ?? frontEnd.analyse(text, context);
      if (!generations.young.has(text)) keep(generations, text, analysis);
      return analysis;
    },
  };
}

function generationsOf(
  byCatalog: WeakMap<object, Map<number | null, Generations>>,
  catalog: object,
  version: number | null,
): Generations {
  const byVersion = byCatalog.get(catalog) ?? new Map<number | null, Generations>();
  byCatalog.set(catalog, byVersion);
  const generations = byVersion.get(version) ?? { young: new Map(), old: new Map() };
  byVersion.set(version, generations);
  return generations;
}

/** What was not asked for in a whole generation is forgotten. */
function keep(generations: Generations, text: string, analysis: Analysis): void {
  if (generations.young.size >= cachedTextsMax) {
    generations.old = generations.young;
    generations.young = new Map();
  }
  generations.young.set(text, analysis);
}
