import type { Path } from "../../1-parse/ast.js";
import type { FactField, FactRoot, FactType } from "../../2-resolve/fact-types.js";
import { pathText } from "../../2-resolve/label-tree.js";
import { unknownFact } from "../../diagnostics/catalog.js";
import type { FactPath } from "../checked.js";
import { isGuarded } from "../conditions/presence.js";
import { type Place, report, suggest } from "../site.js";
import type { Operand } from "./operand.js";

/** Walks the words of `path` after the first through the fields of `start`, which stands at `at`, and notes the read. */
export function factOperand(
  path: Path,
  start: FactField,
  at: FactPath,
  factRoot: FactRoot | null,
  place: Place,
): Operand {
  const steps = [...at.steps];
  let field = start;
  let mayBeAbsent: string | null = null;
  const { root } = at;
  for (const [i, word] of path.words.entries()) {
    if (i === 0) continue;
    const next = fieldOf(field.type, word.text);
    if (next === null) return reportUnknownFact(path, i, field.type, place);
    steps.push(...(next.steps ?? [word.text]));
    const knowledge = field.knowledge || next.knowledge;
    if (next.optional && !isGuarded({ root, steps }, place.present))
      mayBeAbsent ??= pathText({ ...path, words: path.words.slice(0, i + 1) });
    field = { type: next.type, optional: next.optional, knowledge };
  }
  const text = pathText(path);
  // What a parameter stands for is read where it is given.
  if (root !== "parameter")
    place.site.reads.push({
      root: typeof root === "string" ? root : (path.words[0]?.text ?? ""),
      family: factRoot?.family ?? null,
      text,
      knowledge: field.knowledge,
      span: path.span,
    });
  return { kind: "Fact", path: { root, steps }, type: field.type, text, mayBeAbsent, isSample: false, span: path.span };
}

/** The field `name` of a fact of type `type`; null when it has none. */
export function fieldOf(type: FactType, name: string): FactField | null {
  if (type.kind === "Map") return type.keys.get(name) ?? { type: type.value, optional: false, knowledge: false };
  return type.kind === "Record" ? (type.fields.get(name) ?? null) : null;
}

/** `index` is that of the word that means nothing. */
function reportUnknownFact(path: Path, index: number, type: FactType, place: Place): Operand {
  const words = path.words.slice(0, index + 1).map((word) => word.text);
  const prefix = words.slice(0, -1);
  const known = type.kind === "Record" ? [...type.fields.keys()] : [];
  const nearest = suggest(place.site, words.at(-1) ?? "", known);
  const span = { ...path.span, end: Math.max(path.words[index]?.span.end ?? 0, path.span.start + 1) };
  const isOwn = span.end <= path.span.end && path.words[index]?.span.file === path.span.file;
  const suggestion = nearest === null ? null : [...prefix, nearest].join(".");
  const params = { path: words.join("."), nearest: suggestion, hint: hintFor(words.join(".")) };
  report(place.site, unknownFact(isOwn ? span : path.span, params));
  return { kind: "Broken", span: path.span };
}

/** Facts that a policy declares itself, and how. */
function hintFor(path: string): string | null {
  if (path.startsWith("session.counters.")) return "a count is read as `counter.name`, after `counter name = ..`";
  return /^(?:claim|connection)\.[a-z0-9_]+$/.test(path) ? `declare it: \`attribute ${path}: String\`` : null;
}
