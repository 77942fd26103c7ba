/**
 * What a masked column still shows, in words: what a proof of non-interference takes for granted (docs/decisions/0016).
 *
 * In: a transform as a decision names it. Out: a line for a person, or null for one that shows nothing but NULL.
 */
export function releasedText(transform: string): string | null {
  const inner = /^elements\((.*)\)$/s.exec(transform)?.[1];
  if (inner !== undefined) return ["how many elements there are", releasedText(inner)].filter(Boolean).join("; ");
  const [name = ""] = /^[a-z0-9_]+/.exec(transform) ?? [];
  return released.get(name) ?? null;
}

const sameUnderKey = "which values are equal, here and wherever the same key is used";

const released: ReadonlyMap<string, string> = new Map([
  ["partial", "the part that is kept"],
  ["truncate", "the period that the date lies in"],
  ["round", "the neighbourhood of the number"],
  ["bucket", "the neighbourhood of the number"],
  ["network", "the network"],
  ["hmac", sameUnderKey],
  ["surrogate", sameUnderKey],
  ["ff1", `${sameUnderKey}; of a text, how many digits it has and what stands between them; of a number, its sign`],
  ["date_shift", `${sameUnderKey}; the time between any two dates, and the time of day`],
  ["json", "the parts that are kept"],
  ["composite", "the fields that are kept"],
]);
