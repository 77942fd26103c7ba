import type { DataItem, Path, Word } from "../../1-parse/ast.js";
import { pathText } from "../../2-resolve/label-tree.js";
import type { ResolvedModule } from "../../2-resolve/resolve.js";
import { unknownName, wrongKindOfName } from "../../diagnostics/catalog.js";
import { limits } from "../../source/limits.js";
import type { Span } from "../../source/source-file.js";
import { dataValueOf } from "../data/data-files.js";
import { type Place, placeIn, report, suggest } from "../site.js";
import type { Operand } from "./operand.js";

/**
 * `people.oncall` for the data file `people`: a text, number or Boolean is a constant, a list of such is a set, an object is a
 * table of names. The last `rest` words of `path` are such names; none when the file itself is meant.
 */
export function dataOperand(item: DataItem, module: ResolvedModule, path: Path, rest: number, place: Place): Operand {
  const { span } = path;
  const data = dataAt(item, module, place);
  if (data === null) return { kind: "Broken", span };
  let { value } = data;
  for (const word of rest === 0 ? [] : path.words.slice(-rest)) {
    if (!isTable(value) || !Object.hasOwn(value, word.text)) return reportUnknownKey(word, value, path, place);
    value = value[word.text];
  }
  const operand = operandOfValue(value, span);
  if (operand !== null) return operand;
  const found = isTable(value) ? "a table of names" : "not text, a number, true or false, or a list of such";
  const hint = isTable(value)
    ? `write one of its names: \`${pathText(path)}.${Object.keys(value)[0] ?? "name"}\``
    : null;
  report(place.site, wrongKindOfName(span, { name: pathText(path), expected: "a value", found, hint }));
  return { kind: "Broken", span };
}

/** The value of a data file, read and checked when it is first met; null when that failed. */
export function dataAt(item: DataItem, module: ResolvedModule, place: Place): { readonly value: unknown } | null {
  const { data, files, regexes } = place.site.checker;
  const known = data.get(item);
  if (known !== undefined) return known;
  const value = dataValueOf(item, module.tree, files, regexes, placeIn(place.site));
  const found = value === undefined ? null : { value };
  data.set(item, found);
  return found;
}

const isTable = (value: unknown): value is { readonly [name: string]: unknown } =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function operandOfValue(value: unknown, span: Span): Operand | null {
  const single = constantOf(value, span);
  if (single !== null || !Array.isArray(value)) return single;
  // One member beyond the limit is enough to say so; a file may list many more, at every place that names it.
  const members = value.slice(0, limits.set_members_max + 1).map((member: unknown) => constantOf(member, span));
  if (members.includes(null)) return null;
  return {
    kind: "Set",
    members: members.flatMap((operand) => (operand ? [{ kind: "operand", operand, span }] : [])),
    span,
  };
}

function constantOf(value: unknown, span: Span): Operand | null {
  const isConstant = typeof value === "string" || typeof value === "boolean" || Number.isSafeInteger(value);
  return isConstant ? { kind: "Constant", value: value as string | number | boolean, isData: true, span } : null;
}

function reportUnknownKey(word: Word, table: unknown, path: Path, place: Place): Operand {
  const nearest = isTable(table) ? suggest(place.site, word.text, Object.keys(table)) : null;
  const prefix = pathText({ ...path, words: path.words.slice(0, path.words.indexOf(word)) });
  const suggestion = nearest === null ? null : `${prefix}.${nearest}`;
  report(place.site, unknownName(path.span, { name: pathText(path), nearest: suggestion }));
  return { kind: "Broken", span: path.span };
}
