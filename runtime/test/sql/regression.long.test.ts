// PostgreSQL's own regression tests as statements to have facts of. Runs when `HPL_POSTGRES_SOURCE` names the folder of a
// PostgreSQL source tree, or any folder of `.sql` files; takes half a minute. Without it there is nothing to run here.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { type Action, isOpenList, isUnknown, itemsOf } from "../../src/facts/index.js";
import { identifiersOf, lex, loadPostgres, postgresRules } from "../../src/sql/index.js";
import { splitPostgresStatements, type TokenRange } from "../../src/sql/lexer/statements.js";
import { parse } from "../../src/sql/postgres/parser.js";
import { analyse } from "./shop.js";

const source = process.env.HPL_POSTGRES_SOURCE ?? "";
const inTree = join(source, "src/test/regress/sql");
const folder = existsSync(inTree) ? inTree : source;
if (source === "")
  console.warn("regression.long: HPL_POSTGRES_SOURCE names no folder, PostgreSQL's own tests were not run");

/** The grammar they are read with. */
const major = 18;

interface Statement {
  readonly text: string;
  /** Every name it mentions. */
  readonly names: ReadonlySet<string>;
}

/** The statements of a script for psql: without its own commands, and without the rows that follow COPY FROM stdin. */
function statementsOf(script: string): readonly Statement[] {
  const sql = script
    .replace(/^(copy .* from stdin.*;)\n[\s\S]*?^\\\.$/gim, "$1")
    .replace(/^\s*\\.*$/gm, "")
    .replace(/\\(?:gset|gexec|g|crosstabview|gdesc|bind|parse)\b.*$/gm, ";");
  const lexed = lex(sql, postgresRules());
  if (lexed.kind === "refused") return [];
  const { tokens } = lexed;
  const textOf = (cut: TokenRange): string => sql.slice(tokens.starts[cut.start], tokens.ends[cut.end - 1]);
  return splitPostgresStatements(tokens).map((cut) => ({ text: textOf(cut), names: identifiersOf(tokens, cut) }));
}

type Json = Readonly<Record<string, unknown>>;

/** Calls `see` with the kind and the fields of every wrapped node below `node`. */
function visit(node: unknown, see: (kind: string, fields: Json) => void): void {
  if (typeof node !== "object" || node === null) return;
  for (const [kind, below] of Object.entries(node)) {
    if (typeof below === "object" && below !== null && !Array.isArray(below)) see(kind, below as Json);
    visit(below, see);
  }
}

/** Relations that a tree names. Locking clauses name aliases, and what a WITH defines is none. */
function relationsNamed(tree: unknown): ReadonlySet<string> {
  const [named, defined] = [new Set<string>(), new Set<string>()];
  visit(tree, (kind, fields) => {
    if (kind === "CommonTableExpr") defined.add(String(fields.ctename));
    if (kind === "LockingClause")
      visit(fields, (_, { relname }) => typeof relname === "string" && defined.add(relname));
    if (typeof fields.relname === "string") named.add(fields.relname);
  });
  return new Set([...named].filter((name) => !defined.has(name)));
}

/** What a CREATE in the tree adds to functions, types, operators and casts: whatever mentions it is rightly not known. */
function namesMade(tree: unknown): readonly string[] {
  const made: string[] = [];
  const last = (list: unknown): void =>
    visit(Array.isArray(list) ? list.at(-1) : null, (_, { sval }) => made.push(String(sval)));
  visit(tree, (kind, fields) => {
    if (kind === "CreateFunctionStmt") last(fields.funcname);
    if (kind === "DefineStmt") last(fields.defnames);
    if (kind === "CreateDomainStmt") last(fields.domainname);
    if (kind === "CreateEnumStmt" || kind === "CreateRangeStmt") last(fields.typeName);
    if (kind === "CompositeTypeStmt") visit(fields, (_, { relname }) => made.push(String(relname)));
  });
  return made.map((name) => name.toLowerCase());
}

const isReadOrChange = (tree: Json): boolean =>
  /^(?:Select|Insert|Update|Delete|Merge)Stmt$/.test(Object.keys(tree)[0] ?? "");
const isComplete = (action: Action): boolean => !action.opaque && action.facts.complete === true;

function relationsIn(actions: readonly Action[]): { readonly names: ReadonlySet<string>; readonly open: boolean } {
  const lists = actions.flatMap((action) =>
    !action.opaque && action.family === "sql" ? [action.facts.relations] : [],
  );
  const items = lists.flatMap((list) => itemsOf<unknown>(list));
  const open = lists.length < actions.length || lists.some(isOpenList) || items.some(isUnknown);
  return { names: new Set(items.map((item) => String((item as Json).name))), open };
}

describe.runIf(source !== "")("PostgreSQL's regression tests", () => {
  const files = source === "" ? [] : readdirSync(folder).filter((name) => name.endsWith(".sql"));
  const statements = files.flatMap((name) => statementsOf(readFileSync(join(folder, name), "utf8")));
  beforeAll(() => loadPostgres(major));

  test("every statement has facts, which name every relation that its tree names", () => {
    const [missing, broken]: [string[], string[]] = [[], []];
    for (const { text } of statements) {
      const parsed = parse(text, major);
      const actions = analyse(text, { catalog: null, version: major });
      if (parsed.kind === "failure") {
        if (!actions.every((action) => action.opaque)) broken.push(text);
        continue;
      }
      if (actions.some((action) => action.opaque)) broken.push(text);
      const { names, open } = relationsIn(actions);
      for (const { stmt } of parsed.statements)
        if (!open)
          missing.push(
            ...[...relationsNamed(stmt)].filter((name) => !names.has(name)).map((name) => `${name}: ${text}`),
          );
    }
    expect(statements.length).toBeGreaterThan(1_000);
    expect(broken).toEqual([]);
    expect(missing).toEqual([]);
  }, 300_000);

  test("19 of 20 reads and changes that run nothing of users are complete", () => {
    const trees = statements.map(({ text }) => parse(text, major));
    const made = new Set(trees.flatMap((parsed) => (parsed.kind === "tree" ? namesMade(parsed.statements) : [])));
    const asked = statements.filter(({ names }, i) => {
      const parsed = trees[i];
      const stmt = parsed?.kind === "tree" ? parsed.statements[0]?.stmt : undefined;
      return stmt !== undefined && isReadOrChange(stmt) && ![...names].some((name) => made.has(name));
    });
    const complete = asked.filter(({ text }) => analyse(text, { catalog: null, version: major }).every(isComplete));
    expect(complete.length / asked.length).toBeGreaterThan(0.95);
    console.info(`${complete.length} of ${asked.length} complete`);
  }, 300_000);
});
