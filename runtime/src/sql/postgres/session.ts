/** Statements about the session itself: settings, identity, transactions, cursors, notifications, code blocks. */
import { asciiLower, identitySettings, literalString } from "./calls.js";
import { influenceOf, sourcesOf } from "./expression.js";
import { addEffects, type Effect, type Kind, type Ledger, loseLineage, noOutput, unsure } from "./ledger.js";
import { type Outcome, outputOf, topScope } from "./nested.js";
import { bare, type Fields, listOf, textOf } from "./nodes.js";
import { isHarmlessSetting } from "./settings.js";

type Handler = (ledger: Ledger, statement: Fields) => Outcome;

/** A statement whose effects are always the same and which gives nothing back. */
const always =
  (kind: Kind, effects: readonly Effect[]): Handler =>
  (ledger) => {
    addEffects(ledger, effects);
    return { kind, output: noOutput };
  };

/** What SET TRANSACTION and SET SESSION CHARACTERISTICS AS TRANSACTION are called in the tree. */
const transactionSettings = new Set(["transaction", "transaction snapshot", "session characteristics"]);

/** SET and RESET: who one is, how the transaction runs, or anything else. */
function setVariable(ledger: Ledger, statement: Fields): Outcome {
  const name = asciiLower(textOf(statement.name));
  const kind = statement.kind === "VAR_RESET" || statement.kind === "VAR_RESET_ALL" ? "reset" : "set";
  if (identitySettings.has(name)) addEffects(ledger, ["identity"]);
  else if (transactionSettings.has(name)) addEffects(ledger, ["transaction"]);
  else if (kind === "set" && isHarmlessSetting(name, onlyText(statement.args))) addEffects(ledger, ["read"]);
  else addEffects(ledger, ["config"]);
  for (const value of listOf(statement.args)) influenceOf(topScope(ledger), withoutOptions(value));
  return { kind, output: noOutput };
}

function onlyText(args: unknown): string | null {
  const [value, more] = listOf(args);
  return more === undefined ? literalString(value) : null;
}

/** Values of SET are constants; SET TRANSACTION has options instead. */
const withoutOptions = (value: unknown): unknown =>
  typeof value === "object" && value !== null && "DefElem" in value ? undefined : value;

function show(ledger: Ledger, statement: Fields): Outcome {
  addEffects(ledger, ["read"]);
  const name = textOf(statement.name);
  const names = name === "all" ? ["name", "setting", "description"] : [name];
  return { kind: "show", output: outputOf({ columns: names.map(plainColumn), rest: [] }) };
}

const plainColumn = (name: string) => ({ name, sources: [], exact: false });

/** DISCARD ALL also resets the role. */
function discard(ledger: Ledger, statement: Fields): Outcome {
  if (statement.target === "DISCARD_ALL") addEffects(ledger, ["config", "identity", "drop"]);
  else addEffects(ledger, statement.target === "DISCARD_TEMP" ? ["drop"] : ["config"]);
  return { kind: "discard", output: noOutput };
}

/** Rows of a cursor whose query stands elsewhere. MOVE gives none. */
function fetch(ledger: Ledger, statement: Fields): Outcome {
  addEffects(ledger, ["read"]);
  return { kind: "fetch", output: statement.ismove === true ? noOutput : { ...noOutput, columns_open: true } };
}

/** What other sessions will send is not known: a trigger may well send whole rows. */
function listen(ledger: Ledger): Outcome {
  addEffects(ledger, ["read"]);
  loseLineage(ledger, "notifications");
  return { kind: "listen", output: noOutput };
}

function callProcedure(ledger: Ledger, statement: Fields): Outcome {
  addEffects(ledger, ["dynamic"]);
  sourcesOf(topScope(ledger), { FuncCall: bare(statement.funccall) ?? {} });
  unsure(ledger, "procedure");
  return { kind: "call", output: { ...noOutput, columns_open: true } };
}

function runBlock(ledger: Ledger): Outcome {
  addEffects(ledger, ["dynamic"]);
  unsure(ledger, "do_block");
  return { kind: "do", output: noOutput };
}

export const sessionHandlers: ReadonlyMap<string, Handler> = new Map<string, Handler>([
  ["VariableSetStmt", setVariable],
  ["VariableShowStmt", show],
  ["TransactionStmt", always("transaction", ["transaction"])],
  ["ConstraintsSetStmt", always("set", ["transaction"])],
  ["DiscardStmt", discard],
  ["DeallocateStmt", always("deallocate", ["read"])],
  ["ClosePortalStmt", always("close", ["read"])],
  ["FetchStmt", fetch],
  ["ListenStmt", listen],
  ["UnlistenStmt", always("unlisten", ["read"])],
  ["NotifyStmt", always("notify", ["write"])],
  ["CallStmt", callProcedure],
  ["DoStmt", runBlock],
]);
