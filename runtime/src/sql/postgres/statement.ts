/** One statement: from its tree to its facts. Every statement kind we know has its handler here or in a table below. */
import type { FactList } from "../../facts/index.js";
import type { StatementFacts } from "../sequence.js";
import { analyseDefinition, definitions } from "./definitions.js";
import { type Inventory, takeInventory } from "./inventory.js";
import {
  addEffects,
  factsOf,
  type Kind,
  type Ledger,
  loseLineage,
  noOutput,
  openLedger,
  type Setting,
  unsure,
} from "./ledger.js";
import {
  analyseCopy,
  analyseCreateTableAs,
  analyseDeclare,
  analyseExecute,
  analyseExplain,
  analysePrepare,
  analyseView,
  type Outcome,
  outputOf,
  topScope,
} from "./nested.js";
import { bare, type Fields, fieldsOf, kindOf, only } from "./nodes.js";
import { analyseQuery } from "./query.js";
import { sessionHandlers } from "./session.js";

type Handler = (ledger: Ledger, statement: Fields) => Outcome;

const nestedHandlers: ReadonlyMap<string, Handler> = new Map<string, Handler>([
  ["ExplainStmt", analyseExplain],
  ["CopyStmt", analyseCopy],
  ["PrepareStmt", analysePrepare],
  ["ExecuteStmt", analyseExecute],
  ["DeclareCursorStmt", analyseDeclare],
  ["CreateTableAsStmt", analyseCreateTableAs],
  ["ViewStmt", analyseView],
]);

const queryKinds: ReadonlyMap<string, Kind> = new Map([
  ["SelectStmt", "select"],
  ["InsertStmt", "insert"],
  ["UpdateStmt", "update"],
  ["DeleteStmt", "delete"],
  ["MergeStmt", "merge"],
]);

/** Facts of one statement. `doubt` is a reason why nothing about this text is certain, or null; `mentions` are its names. */
export function analyseStatement(
  statement: Fields,
  setting: Setting,
  doubt: string | null,
  mentions: FactList<string>,
): StatementFacts {
  const node = kindOf(statement);
  const inventory = takeInventory(statement);
  if (inventory.too_deep) return { kind: "opaque", reason: "too_deep" };
  if (!isHandled(node)) return { kind: "opaque", reason: `node:${node}` };
  const ledger = openLedger(setting);
  for (const unknown of inventory.unknown) unsure(ledger, `node:${unknown}`);
  if (doubt !== null) unsure(ledger, doubt);
  if (setting.index?.casts_call && !isSessionOnly(node)) unsure(ledger, "casts");
  const { kind, output } = outcomeOf(ledger, node, fieldsOf(statement), inventory);
  for (const missed of inventory.expected)
    if (!ledger.reached.has(missed.fields)) unsure(ledger, `unreached:${missed.kind}`);
  if (output.columns_open) loseLineage(ledger, "unknown_columns");
  return { kind: "facts", facts: factsOf("postgres", ledger, kind, output, mentions) };
}

const isHandled = (node: string): boolean =>
  queryKinds.has(node) || nestedHandlers.has(node) || sessionHandlers.has(node) || definitions.has(node);

/** Statements in which no value is cast: a cast of a user's own needs not be written to be used. */
const isSessionOnly = (node: string): boolean => sessionHandlers.has(node) || node === "DropStmt";

function outcomeOf(ledger: Ledger, node: string, fields: Fields, inventory: Inventory): Outcome {
  const kind = queryKinds.get(node);
  if (kind !== undefined) return analyseTopQuery(ledger, kind, node, fields);
  const handler = nestedHandlers.get(node) ?? sessionHandlers.get(node);
  if (handler !== undefined) return handler(ledger, fields);
  return { kind: analyseDefinition(ledger, node, fields, inventory), output: noOutput };
}

function analyseTopQuery(ledger: Ledger, kind: Kind, node: string, fields: Fields): Outcome {
  const rows = analyseQuery(topScope(ledger), { [node]: fields });
  if (kind === "select") addEffects(ledger, ["read"]);
  const creates = kind === "select" && ledger.effects.has("create") && bare(leftmost(fields).intoClause) !== null;
  return { kind, output: creates ? noOutput : outputOf(rows, limitOf(fields)) };
}

/** SELECT INTO of a set operation stands in its first branch. */
function leftmost(select: Fields): Fields {
  let first = select;
  for (let left = bare(first.larg); left !== null; left = bare(first.larg)) first = left;
  return first;
}

/** A literal LIMIT; WITH TIES may give more rows. */
function limitOf(select: Fields): number | null {
  const constant = only("A_Const", select.limitCount);
  if (constant === null || select.limitOption === "LIMIT_OPTION_WITH_TIES") return null;
  const integer = bare(constant.ival);
  if (integer === null) return null;
  return typeof integer.ival === "number" ? integer.ival : 0;
}
