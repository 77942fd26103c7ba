import {
  type Action,
  actionsOf,
  type Catalog,
  type Fact,
  type FactList,
  type FrontEnds,
  isOpenList,
  isUnknown,
  itemsOf,
  type ReadRequest,
  type SqlColumn,
} from "@hpl/runtime";
import { type Command, Option } from "commander";
import { CommandFailure, exitCode } from "../exit-code.js";
import { type DescribedAction, renderFacts } from "../facts-text.js";
import { loadFrontEnds } from "../front-ends.js";
import { inputLines, readCatalogFile, readRequestLine } from "../requests.js";
import { openTerminal, type Terminal } from "../terminal.js";

interface FactsOptions {
  readonly ndjson?: true;
  readonly sql?: string;
  readonly shell?: string;
  readonly format: "text" | "json";
  readonly dialect?: string;
  readonly modes?: string;
  readonly catalog?: string;
}

const examples = `
Examples:
  $ hpl facts --sql 'WITH d AS (DELETE FROM t RETURNING *) SELECT count(*) FROM d'
  $ hpl facts --dialect mysql --sql 'REPLACE INTO t SET a = SLEEP(1)'
  $ hpl facts --shell 'sudo -u root -- rm -rf ./build' --format text
  $ hpl facts --ndjson --catalog shop.json < requests.ndjson`;

export function addFacts(program: Command, run: (code: Promise<number>) => void): void {
  program
    .command("facts")
    .summary("show what a statement or a command does, as policies see it")
    .description(
      "Shows the facts of a SQL statement or a shell line: what it does, and to what. No policy is needed. A line of " +
        "`--ndjson` may hold a request in any form that `hpl eval --ndjson` takes, those of a wire included.",
    )
    .option("--sql <text>", "a SQL text")
    .option("--shell <text>", "a shell command line")
    .option("--dialect <name>", "SQL dialect: postgres, mysql (or mariadb), bigquery", "postgres")
    .option("--modes <names>", "modes of the session, by commas: NO_BACKSLASH_ESCAPES,ANSI_QUOTES")
    .addOption(new Option("--format <format>", "how to print").choices(["json", "text"]).default("json"))
    .option("--ndjson", "one request a line on standard input, one answer a line")
    .option("--catalog <file>", "catalog of the database; without one names mean plain tables as written")
    .addHelpText("after", examples)
    .action((options: FactsOptions, command: Command) =>
      run(showFacts(options, openTerminal(command.optsWithGlobals().color))),
    );
}

async function showFacts(options: FactsOptions, terminal: Terminal): Promise<number> {
  const { sql, shell, ndjson, format } = options;
  if ([sql, shell, ndjson].filter((each) => each !== undefined).length !== 1)
    throw new CommandFailure("give exactly one of --sql, --shell and --ndjson");
  if (ndjson && format === "text") throw new CommandFailure("--format text is for one text: give --sql or --shell");
  const catalog = readCatalogFile(options.catalog);
  const frontEnds = await loadFrontEnds();
  const action = actionOf(options);
  if (action !== null) {
    const described = describe(readRequestLine(JSON.stringify({ action }), catalog), frontEnds, catalog);
    terminal.out(format === "text" ? renderFacts(described.actions) : JSON.stringify(described, null, 2));
    return exitCode.ok;
  }
  for await (const line of inputLines())
    terminal.out(JSON.stringify(describe(readRequestLine(line, catalog), frontEnds, catalog)));
  return exitCode.ok;
}

/** The action that the options name, in the shape of a line of NDJSON; null when standard input has them. */
function actionOf({ sql, shell, dialect, modes }: FactsOptions): unknown {
  if (shell !== undefined) return { shell: { text: shell } };
  if (sql === undefined) return null;
  return { sql: { dialect, ...(modes === undefined ? {} : { modes: modes.split(",") }), text: sql } };
}

interface Described {
  readonly id: string | null;
  readonly complete: boolean;
  readonly reasons: readonly string[];
  readonly actions: readonly DescribedAction[];
  readonly catalog?: "assumed";
}

function describe(read: ReadRequest, frontEnds: FrontEnds, catalog: Catalog | null): Described {
  if (!read.ok) return { id: read.bad.id, complete: false, reasons: [`ill_typed:${read.bad.field}`], actions: [] };
  const { actions } = actionsOf(read.request, frontEnds);
  const reasons = [...new Set(actions.flatMap(reasonsOf))].toSorted();
  const complete = actions.every((action) => !action.opaque && action.facts.complete === true);
  const assumed = catalog === null && read.request.subject.kind === "sql" ? ({ catalog: "assumed" } as const) : {};
  return { id: read.request.id, complete, reasons, actions: actions.map(describeAction), ...assumed };
}

/** An action's facts in the shape of DESIGN section 8: lists as arrays, of which `complete` says whether they are all. */
function describeAction(action: Action): DescribedAction {
  const { family } = action;
  if (action.opaque) return { family, kind: null, opaque: true, complete: false, reasons: action.reasons };
  if (action.family !== "sql") return { family, ...action.facts };
  const lists = Object.entries(action.facts).map(([name, value]) => [name, isList(value) ? itemsOf(value) : value]);
  return { family, ...Object.fromEntries(lists), columns: itemsOf(action.facts.columns).map(describeColumn) };
}

const isList = (value: unknown): value is FactList<unknown> =>
  Array.isArray(value) || (typeof value === "object" && value !== null && isOpenList(value as FactList<unknown>));

function describeColumn(column: Fact<SqlColumn>) {
  if (isUnknown(column)) return column;
  const { name, sources, exact } = column;
  return { name, sources: itemsOf(sources).map((source) => (isUnknown(source) ? source : sourceOf(source))), exact };
}

/** `schema.table.column`, in which a dot of a name is U+001F. */
function sourceOf(path: string) {
  const [schema = "", table = "", column = ""] = path.split(".").map((name) => name.replaceAll("\u001f", "."));
  return { schema, table, column };
}

function reasonsOf(action: Action): readonly string[] {
  if (action.opaque) return action.reasons;
  const { reasons } = action.facts;
  return itemsOf(reasons).flatMap((reason) => (isUnknown(reason) ? [] : [reason]));
}
