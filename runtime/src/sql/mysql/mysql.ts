/**
 * The MySQL and MariaDB front end: text and what its meaning depends on to actions. There is no grammar of the server's to ask,
 * so that the lexer decides where tokens end, a table of all verbs what a statement does, and a skeleton parser what it touches.
 * Comments that some servers run are refused; so is a text that another mode, of those nobody told us, would cut otherwise.
 */
import type { Action, Analysis, FrontEnd } from "../../facts/index.js";
import type { SqlContext } from "../context.js";
import { mysqlRules } from "../lexer/dialects.js";
import { lex } from "../lexer/lexer.js";
import { limits } from "../limits.js";
import { opaque } from "../sequence.js";
import { fold, indexOf } from "../skeleton/catalog.js";
import { analyseText, type Dialect } from "../skeleton/front-end.js";
import { viewReader } from "../skeleton/views.js";
import { mysqlFunctions } from "./functions.js";
import { mysqlGrammar } from "./grammar.js";
import { type MysqlModes, readModes } from "./modes.js";
import { splitMysql } from "./split.js";
import { mysqlStatements } from "./statements.js";

export const mysqlFrontEnd: FrontEnd<SqlContext> = { analyse };

function analyse(text: string, context: SqlContext): Analysis {
  const read = readModes(context.modes ?? []);
  if (read.kind === "unknown") return { actions: [opaque(`unknown_mode:${read.name.toLowerCase()}`)] };
  if (!context.modes && dependsOnEscapes(text)) return { actions: [opaque("unknown_mode:no_backslash_escapes")] };
  return { actions: analyseIn(text, context, read.modes) };
}

function analyseIn(text: string, { catalog, database }: SqlContext, modes: MysqlModes): readonly Action[] {
  const index = catalog === null ? null : indexOf(catalog);
  const { rules, grammar, functions, readView } = readingOf(modes);
  const default_schema = index?.default_schema ?? fold(database ?? "");
  const setting = { grammar, functions, readView, index, default_schema, variables: noVariables };
  return analyseText(text, { rules, setting, readers: mysqlStatements, split: splitMysql, doubt: null });
}

const noVariables: ReadonlySet<string> = new Set();

/** What depends on the modes alone. There are few combinations, and making one costs more than reading a statement. */
type Reading = Pick<Dialect, "rules"> & Pick<Dialect["setting"], "grammar" | "functions" | "readView">;

const readings = new Map<string, Reading>();

function readingOf(modes: MysqlModes): Reading {
  const key = Object.values(modes).join();
  const known = readings.get(key);
  if (known !== undefined) return known;
  const [rules, grammar] = [mysqlRules(modes), mysqlGrammar(modes)];
  const reading = {
    rules,
    grammar,
    functions: mysqlFunctions(modes.ignore_space),
    readView: viewReader(grammar, rules),
  };
  readings.set(key, reading);
  return reading;
}

/** Whether a text has as many whole tokens, but other ones, when backslashes do not escape. */
function dependsOnEscapes(text: string): boolean {
  if (!text.includes("\\") || text.length > limits.text_bytes) return false;
  const [escaping, plain] = [false, true].map((no_backslash_escapes) =>
    lex(text, mysqlRules({ ansi_quotes: false, no_backslash_escapes })),
  );
  if (escaping?.kind !== "tokens" || plain?.kind !== "tokens") return false;
  const [a, b] = [escaping.tokens.ends, plain.tokens.ends];
  return a.length !== b.length || a.some((end, i) => end !== b[i]);
}
