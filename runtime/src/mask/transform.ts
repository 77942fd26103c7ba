/** Transforms by their text, as decisions name them (compiler/src/3-check/items/transforms.ts writes it). */
import { type AddressBits, isAddressType, networkCell } from "./addresses.js";
import { type Coarseness, coarseCell, isCoarseType } from "./coarse-numbers.js";
import { keepFields, mayBeComposite } from "./composite-fields.js";
import { shiftCell, shiftOf } from "./date-shift.js";
import { dateUnits, isDateType, truncateCell } from "./dates.js";
import { isDocumentType, keepParts, keptParts } from "./document-parts.js";
import { ff1Cell, hasDigits } from "./ff1.js";
import { keyFor, type MaskKeys } from "./keys.js";
import type { Cell } from "./mask-cell.js";
import { textOf } from "./plain-text.js";
import { isTextType } from "./postgres-types.js";
import { keepCountry, keepDomain, keepEnds, type TextTransform } from "./text-parts.js";
import { hasHmac, hasSurrogate, hmacCell, surrogateCell } from "./tokens.js";

export type Transform =
  /** Each value on its own. */
  | {
      readonly kind: "each";
      /** Whether it is for values of this type; of others all is hidden. */
      readonly isFor: (type_oid: number) => boolean;
      /** Null: the cell is not of its type's form. */
      readonly mask: (cell: Cell) => Uint8Array | null;
    }
  | { readonly kind: "fixed"; readonly text: string }
  | { readonly kind: "elements"; readonly transform: string };

/** Null for a text that is not understood, and for a key that is not there. */
export function parseTransform(text: string, keys: MaskKeys): Transform | null {
  for (const parse of parsers) {
    const transform = parse(text, keys);
    if (transform !== null) return transform;
  }
  return null;
}

type Parser = (text: string, keys: MaskKeys) => Transform | null;

const parsers: readonly Parser[] = [
  partial,
  coarse,
  network,
  truncate,
  fixed,
  token,
  ff1,
  dateShift,
  json,
  composite,
  elements,
];

const each = (isFor: (type_oid: number) => boolean, mask: (cell: Cell) => Uint8Array | null): Transform => ({
  kind: "each",
  isFor,
  mask,
});

function onText(transform: TextTransform): Transform {
  return each(isTextType, ({ bytes }) => {
    const text = textOf(bytes);
    return text === null ? null : new TextEncoder().encode(transform(text));
  });
}

function partial(text: string): Transform | null {
  if (text === "partial(keep_domain)") return onText(keepDomain);
  if (text === "partial(country)") return onText(keepCountry);
  const [ends, first = "0", last = "0"] = /^partial\((?:first: (\d+))?(?:, )?(?:last: (\d+))?\)$/.exec(text) ?? [];
  return ends === undefined ? null : onText(keepEnds(Number(first), Number(last)));
}

function coarse(text: string): Transform | null {
  const [, how, step] = /^(round|bucket)\((?:to|size): ([1-9]\d*)\)$/.exec(text) ?? [];
  if (step === undefined) return null;
  const coarseness: Coarseness = { how: how === "round" ? "round" : "bucket", step: BigInt(step) };
  return each(isCoarseType, (cell) => coarseCell(cell, coarseness));
}

function network(text: string): Transform | null {
  const [matched, v4, v6] = /^network\(v4: (\d+), v6: (\d+)\)$/.exec(text) ?? [];
  if (matched === undefined) return null;
  const bits: AddressBits = { v4: Number(v4), v6: Number(v6) };
  return each(isAddressType, (cell) => networkCell(cell, bits));
}

function truncate(text: string): Transform | null {
  const unit = dateUnits.find((unit) => text === `truncate(${unit})`);
  return unit === undefined ? null : each(isDateType, (cell) => truncateCell(cell, unit));
}

function fixed(text: string): Transform | null {
  const [, quoted] = /^fixed\((".*")\)$/s.exec(text) ?? [];
  return quoted === undefined ? null : { kind: "fixed", text: String(JSON.parse(quoted)) };
}

function token(text: string, keys: MaskKeys): Transform | null {
  const [, how = "", name = ""] = /^(hmac|surrogate)\(key: "([^"]*)"\)$/.exec(text) ?? [];
  const key = keys.get(name);
  if (key === undefined) return null;
  const own = keyFor(key, how);
  return how === "hmac"
    ? each(hasHmac, (cell) => hmacCell(cell, own))
    : each(hasSurrogate, (cell) => surrogateCell(cell, own, name));
}

function ff1(text: string, keys: MaskKeys): Transform | null {
  const [, name = "", radix] = /^ff1\(key: "([^"]*)", radix: (10|36)\)$/.exec(text) ?? [];
  const key = keys.get(name);
  if (key === undefined) return null;
  const own = keyFor(key, "ff1");
  return each(hasDigits, (cell) => ff1Cell(cell, own, radix === "36" ? 36 : 10));
}

function dateShift(text: string, keys: MaskKeys): Transform | null {
  const [, name = "", days] = /^date_shift\(key: "([^"]*)", days: ([1-9]\d{0,3})\)$/.exec(text) ?? [];
  const key = keys.get(name);
  if (key === undefined) return null;
  const shift_days = shiftOf(key, Number(days));
  return each(isDateType, (cell) => shiftCell(cell, shift_days));
}

function json(text: string): Transform | null {
  const paths = kept(text, "json").map((path) => String(JSON.parse(path)));
  if (paths.length === 0) return null;
  const parts = keptParts(paths);
  return each(isDocumentType, (cell) => keepParts(cell, parts));
}

function composite(text: string): Transform | null {
  const fields = new Set(kept(text, "composite").map(Number));
  return fields.size === 0 ? null : each(mayBeComposite, (cell) => keepFields(cell, fields));
}

/** What follows each `keep:`; empty for another text. */
function kept(text: string, name: string): readonly string[] {
  const [, list] = /^([a-z]+)\((keep: (?:"[^"]+"|\d+)(?:, keep: (?:"[^"]+"|\d+))*)\)$/.exec(text)?.slice(1) ?? [];
  return list === undefined || !text.startsWith(`${name}(`) ? [] : list.split(", ").map((one) => one.slice(6));
}

function elements(text: string): Transform | null {
  const [, transform] = /^elements\((.*)\)$/s.exec(text) ?? [];
  return transform === undefined || transform.startsWith("elements(") ? null : { kind: "elements", transform };
}
