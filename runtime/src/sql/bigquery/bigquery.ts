/**
 * The BigQuery front end: text to actions, as for MySQL by own lexer, table of verbs and skeleton parser. A script gives an
 * action for each statement in it, whichever of them would run. Legacy SQL, pipes and graphs are not read: opaque.
 */
import type { Analysis, FrontEnd } from "../../facts/index.js";
import type { SqlContext } from "../context.js";
import { bigqueryRules } from "../lexer/dialects.js";
import { lex } from "../lexer/lexer.js";
import { limits } from "../limits.js";
import { opaque } from "../sequence.js";
import { fold, indexOf } from "../skeleton/catalog.js";
import { wordsOf } from "../skeleton/cursor.js";
import { analyseText } from "../skeleton/front-end.js";
import { bigqueryReaders, commonReaders, type Reader, type Readers } from "../skeleton/statement.js";
import { viewReader } from "../skeleton/views.js";
import { definitionReaders } from "./definitions.js";
import { executionReaders } from "./execution.js";
import { bigqueryFunctions } from "./functions.js";
import { bigqueryGrammar } from "./grammar.js";
import { splitScript, variablesIn } from "./script.js";

export const bigqueryFrontEnd: FrontEnd<SqlContext> = { analyse };

const readers: Readers = new Map<string, Reader>([
  ...commonReaders,
  ...bigqueryReaders,
  ...definitionReaders,
  ...executionReaders,
]);

function analyse(text: string, { catalog, modes, database }: SqlContext): Analysis {
  const [mode] = modes ?? [];
  if (mode !== undefined) return { actions: [opaque(`unknown_mode:${mode.toLowerCase()}`)] };
  const index = catalog === null ? null : indexOf(catalog);
  const setting = {
    grammar: bigqueryGrammar,
    index,
    default_schema: index?.default_schema ?? fold(database ?? ""),
    functions: bigqueryFunctions,
    readView: viewReader(bigqueryGrammar, bigqueryRules),
    variables: declaredIn(text),
  };
  return { actions: analyseText(text, { rules: bigqueryRules, setting, readers, split: splitScript, doubt: null }) };
}

const mayDeclare = /\b(declare|for)\b/i;

/** Variables of a script: most texts are none. */
function declaredIn(text: string): ReadonlySet<string> {
  if (text.length > limits.text_bytes || !mayDeclare.test(text)) return new Set();
  const lexed = lex(text, bigqueryRules);
  return lexed.kind === "tokens" ? variablesIn(lexed.tokens, wordsOf(lexed.tokens)) : new Set();
}
