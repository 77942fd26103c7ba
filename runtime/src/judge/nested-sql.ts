import type { Action } from "../facts/action.js";
import { type FactList, itemsOf, unknown } from "../facts/fact.js";
import type { NestedSql } from "../facts/front-end.js";
import type { SqlFacts } from "../facts/generated.js";
import { schemaOfFamily } from "../facts/schema.js";

/** Asks the front end of a dialect. */
type Analyse = (dialect: "postgres" | "mysql" | "bigquery", text: string) => readonly Action[];

/**
 * The actions of a SQL text that was found in another text, as parts of the action it was found in. Of a text with holes, or
 * in a dialect without a front end, only the effects that were found are certain; everything else is unknown. Nothing here is
 * opaque: that it is SQL, and for which command, is known.
 */
export function nestedActions({ dialect, text, has_holes, parent }: NestedSql, analyse: Analyse): readonly Action[] {
  if (typeof text !== "string") return [doubtful(parent, text["?"], [])];
  const own = dialect === "sqlite" ? null : analyse(dialect, text);
  const isOwn = own !== null && !own.some(isWithoutFrontEnd);
  const found = isOwn ? own : analyse("postgres", text);
  if (isOwn && !has_holes) return found.map((action) => ({ ...action, parent }));
  const reason = isOwn ? "holes" : `no_front_end:${dialect}`;
  return found.map((action) => doubtful(parent, reason, effectsOf(action)));
}

const isWithoutFrontEnd = (action: Action): boolean =>
  action.opaque && action.reasons.some((reason) => reason.startsWith("no_front_end"));

const effectsOf = (action: Action): SqlFacts["effects"] =>
  !action.opaque && action.family === "sql" ? action.facts.effects : [];

/** Facts of which nothing is certain but that the effects found are among those it has. */
function doubtful(parent: number, reason: string, effects: SqlFacts["effects"]): Action {
  const required = schemaOfFamily("sql")?.required ?? [];
  const facts = Object.fromEntries(required.map((name) => [name, unknown(reason)]));
  const known: FactList<string> = { items: itemsOf(effects as FactList<string>), open: true };
  const all = { ...facts, effects: known, complete: false, reasons: [reason] };
  return { family: "sql", opaque: false, parent, facts: all as unknown as SqlFacts };
}
