import { format } from "@hpl/compiler";
import { type Action, type FactList, isOpenList, isUnknown, itemsOf } from "@hpl/runtime";
import { quote } from "../hpl-text.js";
import type { Outcome } from "./replay.js";

/** What a suggestion rests on. */
export interface Suggestion {
  /** A module, formatted; null when nothing that was refused can be told apart safely. */
  readonly text: string | null;
  /** Questions that the rules would grant, and those refused that they leave out. */
  readonly granted_count: number;
  readonly left_out_count: number;
}

/** Statements of one shape: one rule. */
interface Shape {
  readonly kind: string;
  readonly effects: readonly string[];
  readonly relations: Set<string>;
  count: number;
  first_line: number;
}

/**
 * `allow` rules for what was asked and is not granted by the policy's default: one for each kind of principal and set of
 * effects, with the relations that were seen. Only certain facts make a rule, so an action that is not understood is left out;
 * what a restriction refuses is, too. A person reads it before anybody runs it.
 */
export function suggest(outcomes: readonly Outcome[]): Suggestion {
  const refused = outcomes.filter(({ after }) => after.verdict !== "allow");
  const shapes = new Map<string, Shape>();
  let [granted_count, total_count] = [0, 0];
  for (const outcome of refused) {
    total_count += outcome.count;
    const found = isByDefault(outcome) ? shapesOf(outcome) : null;
    if (found === null) continue;
    granted_count += outcome.count;
    for (const shape of found) join(shapes, shape, outcome);
  }
  const left_out_count = total_count - granted_count;
  return { text: shapes.size === 0 ? null : write([...shapes.values()], total_count), granted_count, left_out_count };
}

/** No rule of the policy says no: its default does, or nobody governs it. */
const isByDefault = ({ after }: Outcome): boolean =>
  after.rules.every(({ id, effect, advisory }) => id.endsWith("/default") || effect === "allow" || advisory === true) &&
  (after.code === undefined || after.code === "HPL8004");

type Found = Pick<Shape, "kind" | "effects"> & { readonly relations: readonly string[] };

/** The shape of each action; null when one of them is not certain. */
function shapesOf({ actions, request }: Outcome): readonly Found[] | null {
  const { kind } = request.principal;
  if (typeof kind !== "string") return null;
  const found = actions.map((action) => shapeOf(action, kind));
  return found.includes(null) ? null : found.filter((each) => each !== null);
}

/** What is granted because it was seen. Schema changes, privileges, files, programs: a person writes those rules. */
const learned: ReadonlySet<string> = new Set(["read", "write", "lock", "transaction"]);

function shapeOf(action: Action, kind: string): Found | null {
  if (action.opaque || action.family !== "sql" || action.facts.complete !== true) return null;
  const effects = certain(action.facts.effects);
  const relations = certain(action.facts.relations)?.map(({ schema, name }) =>
    isUnknown(schema) || isUnknown(name) ? null : JSON.stringify([schema, name]),
  );
  if (effects === null || effects.length === 0 || !effects.every((effect) => learned.has(effect))) return null;
  if (relations === undefined || relations.includes(null)) return null;
  return { kind, effects: [...effects].sort(), relations: relations.filter((each) => each !== null) };
}

/** The items of a list that holds these and no more, all of them known. */
function certain<T>(list: FactList<T>): readonly T[] | null {
  if (isUnknown(list) || isOpenList(list)) return null;
  const items = itemsOf(list);
  return items.some(isUnknown) ? null : (items as readonly T[]);
}

function join(shapes: Map<string, Shape>, found: Found, { count, entry }: Outcome): void {
  const { kind, effects, relations } = found;
  // What touches no relation is a rule of its own: a rule on relations needs at least one.
  const key = JSON.stringify([kind, effects, relations.length === 0]);
  const shape = shapes.get(key) ?? { kind, effects, relations: new Set(), count: 0, first_line: entry.line };
  shapes.set(key, shape);
  shape.count += count;
  for (const relation of relations) shape.relations.add(relation);
}

function write(shapes: readonly Shape[], total_count: number): string {
  const rules = shapes
    .toSorted((a, b) => b.count - a.count)
    .map((shape, i) => `${evidence(shape, total_count)}\n${ruleOf(shape, i + 1)}\n`);
  const text = `# Proposed from what was seen. Read it: what happened is not what should have.\npolicy suggested governs sql\ndefault block\n\n${rules.join("\n")}`;
  const formatted = format({ path: "suggested.hpl", text });
  if (formatted.text === null) throw new Error("HPL9001: a suggestion does not parse");
  return formatted.text;
}

const evidence = ({ count, first_line }: Shape, total_count: number): string =>
  `# ${count} of ${total_count} that were refused, the first in line ${first_line}.`;

function ruleOf({ kind, effects, relations }: Shape, number: number): string {
  const what = relations.size === 0 ? 'no r in statement.relations where (r.name like "**")' : onRelations(relations);
  return `allow "seen-${number}" when principal.kind == ${kind} and statement.effects only {${effects.join(", ")}} and ${what}`;
}

function onRelations(relations: ReadonlySet<string>): string {
  const schemas = new Map<string, string[]>();
  for (const relation of [...relations].sort()) {
    const [schema = "", name = ""] = JSON.parse(relation) as readonly string[];
    schemas.set(schema, [...(schemas.get(schema) ?? []), name]);
  }
  const parts = [...schemas].map(
    ([schema, names]) => `r.schema == ${quote(schema)} and r.name in {${names.map(quote).join(", ")}}`,
  );
  const body = parts.length === 1 ? parts[0] : parts.map((part) => `(${part})`).join(" or ");
  return `all r in statement.relations where (${body})`;
}
