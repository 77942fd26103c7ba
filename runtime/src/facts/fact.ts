/**
 * Facts: the whole typed input of one decision.
 *
 * In: what a front end or a gateway knows about a request. Out: plain data in the shape of `spec/facts/*.schema.json`, with
 * two additions that every field allows: a value may be *unknown*, and a list may be *open* (hold more than is listed). A
 * field that is missing is absent when its schema does not require it, and unknown when it does. Nothing here decides or
 * parses; the engine lays facts out in linear memory, the reference evaluator reads them as they are.
 */

/**
 * A longer text counts as unknown, in bytes of UTF-8: no name, path or host is longer, and the cost of a pattern grows with
 * the square of the text.
 */
export const FACT_TEXT_SIZE_MAX = 4096;

/** A value nobody could determine; `?` says why, in the words of a decision's `reasons`. */
export interface Unknown {
  readonly "?": string;
}

/** A value, or unknown. */
export type Fact<T> = T | Unknown;

/** A list that may hold more than `items`. */
export interface OpenList<T> {
  readonly items: readonly Fact<T>[];
  readonly open: true;
}

/** A list of values, each of which may be unknown; the list may be open or unknown itself. */
export type FactList<T> = readonly Fact<T>[] | OpenList<T> | Unknown;

export const unknown = (reason: string): Unknown => ({ "?": reason });

export const isUnknown = (value: unknown): value is Unknown =>
  typeof value === "object" && value !== null && "?" in value;

export const isOpenList = <T>(list: FactList<T>): list is OpenList<T> =>
  typeof list === "object" && !Array.isArray(list) && "open" in list;

/** The listed items of `list`; none when it is unknown. Says nothing of what an open list holds beyond them. */
export function itemsOf<T>(list: FactList<T>): readonly Fact<T>[] {
  if (Array.isArray(list)) return list;
  return isOpenList(list) ? list.items : [];
}
