/** The statements of a text, one after the other: what an earlier one does to the names of a later one. */
import { type Action, type ByteRange, itemsOf, type SqlFacts } from "../facts/index.js";

/** Facts of one statement, or why nothing of it was understood. */
export type StatementFacts =
  | { readonly kind: "facts"; readonly facts: SqlFacts }
  | { readonly kind: "opaque"; readonly reason: string };

export const opaque = (reason: string, range?: ByteRange): Action => ({
  family: "sql",
  opaque: true,
  reasons: [reason],
  ...(range === undefined ? {} : { range }),
});

/**
 * An action a statement. Each assumes that those before it ran: after one that can change what names mean, names are not
 * certain, and `analyseOne` is asked again with that doubt.
 */
export function actionsOf<Statement>(
  statements: readonly (readonly [Statement, ByteRange | undefined])[],
  analyseOne: (statement: Statement, doubt: string | null) => StatementFacts,
): readonly Action[] {
  let doubt: string | null = null;
  return statements.map(([statement, range]) => {
    const result = analyseOne(statement, null);
    const action =
      result.kind === "facts" && doubt !== null && dependsOnNames(result.facts) ? analyseOne(statement, doubt) : result;
    if (action.kind === "opaque" || changesNames(action.facts)) doubt = "earlier_statement";
    if (action.kind === "opaque") return opaque(action.reason, range);
    return { family: "sql", opaque: false, facts: action.facts, ...(range === undefined ? {} : { range }) };
  });
}

const renaming = new Set(["create", "drop", "alter", "exec", "config", "identity", "dynamic"]);

const changesNames = (facts: SqlFacts): boolean =>
  !Array.isArray(facts.effects) || itemsOf(facts.effects).some((effect) => renaming.has(String(effect)));

/** Whether facts rest on what a name stands for. */
const dependsOnNames = (facts: SqlFacts): boolean =>
  [facts.relations, facts.functions].some((list) => itemsOf<unknown>(list).length > 0);
