import type { Action } from "../facts/action.js";
import type { WireAnalysis, WireStatement } from "../facts/front-end.js";
import { nestedActions } from "./nested-sql.js";
import type { SqlText } from "./request.js";

/** Asks the front ends of texts that were found in a request. */
export interface AnalyseText {
  readonly sql: (text: string, context: Pick<SqlText, "dialect" | "database" | "estimate">) => readonly Action[];
  /** A line of shell, run on the other machine. */
  readonly started: (text: string) => readonly Action[];
}

/** All actions of a request: its own, and those of the SQL and of the command in it. */
export function joinWire({ actions, statement, started }: WireAnalysis, texts: AnalyseText): readonly Action[] {
  if (statement?.is_all) {
    const first = statementActions(statement, null, texts);
    return first.length === 0 ? actions : [...first, ...actions.map((action) => ({ ...action, parent: 0 }))];
  }
  const inside = statement === undefined ? [] : statementActions(statement, 0, texts);
  const run = started === undefined ? [] : texts.started(started.map(quoted).join(" "));
  return [...actions, ...inside, ...below(run, actions.length + inside.length)];
}

/** The statement's actions; those of an unknown one are unknown, but that it is SQL is certain. */
function statementActions(statement: WireStatement, parent: number | null, texts: AnalyseText): readonly Action[] {
  const { dialect, text, database, estimate } = statement;
  const found = nestedActions({ dialect, text, has_holes: false, parent: parent ?? 0 }, (of, sql) =>
    texts.sql(sql, { dialect: of, database, estimate }),
  );
  return parent === null ? found.map(({ parent: _, ...action }) => action as Action) : found;
}

/** `actions` as parts of the first action, when they stand behind `count` others. */
const below = (actions: readonly Action[], count: number): readonly Action[] =>
  actions.map((action) => ({ ...action, parent: action.parent === undefined ? 0 : action.parent + count }));

const quoted = (argument: string): string => `'${argument.replaceAll("'", "'\\''")}'`;
