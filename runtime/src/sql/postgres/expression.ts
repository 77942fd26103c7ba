/**
 * Expressions: which columns flow into a value. The answer counts control as well as data: the conditions of a CASE,
 * the ordering of an aggregate. What decides *whether* there is a value (a filter, an error, a number of rows) is
 * recorded as influence besides. Calls, operators and casts are noted on the way. Absent: the output column itself
 * (select.ts).
 */
import {
  acceptsAll,
  isCastCall,
  literalString,
  noteCall,
  noteCast,
  noteImplicitOperators,
  noteOperator,
  qualified,
  settingEffects,
} from "./calls.js";
import { infallibleOperators, isLazy, patternOperators, surelyScalar, surelySucceeds } from "./certainty.js";
import { isBuiltinFunction, mayBeFunction, templatePosition } from "./functions.js";
import { influence, loseLineage, unsure, visit } from "./ledger.js";
import { bare, type Fields, fieldsOf, kindOf, listOf, stringsOf, textOf } from "./nodes.js";
import { analyseQuery } from "./query.js";
import { attributeCall, resolveReference, rowSources } from "./references.js";
import { allSources, type Column, columnIn, type Item, innerScope, type Scope, union } from "./scope.js";

type Sources = readonly string[];
const none: Sources = [];

/** Sources of one expression. Absent nodes have none. */
export function sourcesOf(scope: Scope, node: unknown): Sources {
  const kind = kindOf(node);
  if (kind === "") return none;
  visit(scope.ledger);
  const fields = fieldsOf(node);
  const handler = handlers.get(kind);
  if (handler !== undefined) return handler(scope, fields);
  unsure(scope.ledger, `node:${kind}`);
  return sourcesWithin(scope, fields);
}

export function sourcesOfAll(scope: Scope, nodes: unknown): Sources {
  let sources = none;
  for (const node of listOf(nodes)) sources = union(sources, sourcesOf(scope, node));
  return sources;
}

/** Records everything an expression reads as influence. */
export const influenceOf = (scope: Scope, node: unknown): void => influence(scope.ledger, sourcesOf(scope, node));

export const influenceOfAll = (scope: Scope, nodes: unknown): void => {
  for (const node of listOf(nodes)) influenceOf(scope, node);
};

/** The column a bare reference is, `t.c` or `(t).c`; null when the expression is anything more. */
export function bareColumn(scope: Scope, node: unknown): Column | null {
  const kind = kindOf(node);
  if (kind === "ColumnRef") {
    const reference = resolveReference(scope, fieldsOf(node));
    return reference.kind === "column" ? reference.column : null;
  }
  if (kind !== "A_Indirection") return null;
  const { arg, indirection } = fieldsOf(node);
  const steps = listOf(indirection);
  const [field] = stringsOf(steps);
  if (steps.length !== 1 || field === undefined || kindOf(arg) !== "ColumnRef") return null;
  const reference = resolveReference(scope, fieldsOf(arg));
  return reference.kind === "row" ? columnIn(reference.item, field) : null;
}

type Handler = (scope: Scope, fields: Fields) => Sources;

/** Sources of every node a node holds, whatever its fields are called. */
function sourcesWithin(scope: Scope, fields: Fields): Sources {
  let sources = none;
  for (const name in fields) sources = union(sources, sourcesOfValue(scope, fields[name]));
  return sources;
}

function sourcesOfValue(scope: Scope, value: unknown): Sources {
  if (typeof value !== "object" || value === null) return none;
  if (Array.isArray(value)) {
    let sources = none;
    for (const member of value) sources = union(sources, sourcesOfValue(scope, member));
    return sources;
  }
  const kind = kindOf(value);
  if (handlers.has(kind)) return sourcesOf(scope, value);
  return sourcesWithin(scope, value as Fields);
}

/** A constructor or test that can fail on some values. */
function fallibleWithin(scope: Scope, fields: Fields): Sources {
  const type = bare(fields.typeName) ?? bare(bare(fields.output)?.typeName);
  if (type !== null) noteCast(scope.ledger, type);
  const sources = sourcesWithin(scope, fields);
  influence(scope.ledger, sources);
  return sources;
}

function columnReference(scope: Scope, fields: Fields): Sources {
  const reference = resolveReference(scope, fields);
  switch (reference.kind) {
    case "column":
      return reference.column.sources;
    case "row":
      return rowSources(scope.ledger, reference.item);
    case "star":
      return starSources(scope, reference.item === null ? scope.items : [reference.item]);
    case "nothing":
      return none;
  }
}

const starSources = (scope: Scope, items: Scope["items"]): Sources =>
  items.reduce<Sources>((sources, item) => union(sources, rowSources(scope.ledger, item)), none);

function operation(scope: Scope, fields: Fields): Sources {
  const { ledger } = scope;
  ledger.reached.add(fields);
  const isBetween = String(fields.kind).includes("BETWEEN");
  if (isBetween) noteImplicitOperators(ledger, "<", ">", "<=", ">=");
  const operator = isBetween ? ">=" : noteOperator(ledger, fields.name);
  const left = sourcesOfValue(scope, fields.lexpr);
  const right = sourcesOfValue(scope, fields.rexpr);
  const sources = union(left, right);
  if (patternOperators.has(operator)) influence(ledger, right);
  else if (operator === "||") joinedSides(scope, [fields.lexpr, fields.rexpr]);
  else if (!infallibleOperators.has(operator)) influence(ledger, sources);
  if (isLazy(fields)) lazily(scope, [fields.lexpr, fields.rexpr], sources);
  return sources;
}

/** What is put together into an array or a text: arrays fail by their dimensions. */
function joinedSides(scope: Scope, sides: readonly unknown[]): void {
  for (const side of sides) if (!surelyScalar(scope, side)) influenceOf(scope, side);
}

/** Of `parts`, an early one may decide that a later one is not evaluated: then it must not matter whether that one fails. */
function lazily(scope: Scope, parts: readonly unknown[], sources: Sources): void {
  if (sources.length > 0 && !parts.every((part) => surelySucceeds(scope, part))) influence(scope.ledger, sources);
}

function lazyList(scope: Scope, fields: Fields): Sources {
  const sources = sourcesOfAll(scope, fields.args);
  lazily(scope, listOf(fields.args), sources);
  return sources;
}

function arrayOf(scope: Scope, fields: Fields): Sources {
  const elements = listOf(fields.elements);
  if (elements.length > 1) joinedSides(scope, elements);
  return sourcesOfAll(scope, elements);
}

function call(scope: Scope, fields: Fields): Sources {
  const { ledger } = scope;
  ledger.reached.add(fields);
  const [schema, name] = qualified(stringsOf(fields.funcname));
  const args = listOf(fields.args);
  const control = union(sourcesOf(scope, fields.agg_filter), windowSources(scope, bare(fields.over)));
  const ordering = sourcesOfAll(scope, fields.agg_order);
  influence(ledger, control);
  influence(ledger, ordering);
  const values = union(sourcesOfAll(scope, args), ordering);
  influenceOfTemplate(scope, name, args);
  if (name === "array_agg") joinedSides(scope, args);
  if (isCastCall(ledger, schema, name, args.length)) influence(ledger, values);
  else noteCall(ledger, schema, name, values, name === "set_config" ? settingEffects(fields) : undefined);
  return union(values, control);
}

/** A template that is not a constant decides whether the call fails; with `*` in it, `format` takes widths from its arguments. */
function influenceOfTemplate(scope: Scope, name: string, args: readonly unknown[]): void {
  const position = templatePosition(name);
  if (position === null) return;
  influenceOf(scope, args[position]);
  const template = literalString(args[position]);
  if (name === "format" && (template === null || template.includes("*"))) influenceOfAll(scope, args);
}

/** Partitioning, ordering and frame of a window. */
export function windowSources(scope: Scope, window: Fields | null): Sources {
  if (window === null) return none;
  return union(
    union(sourcesOfAll(scope, window.partitionClause), sourcesOfAll(scope, window.orderClause)),
    union(sourcesOf(scope, window.startOffset), sourcesOf(scope, window.endOffset)),
  );
}

function cast(scope: Scope, fields: Fields): Sources {
  scope.ledger.reached.add(fields);
  const sources = sourcesOf(scope, fields.arg);
  const type = noteCast(scope.ledger, bare(fields.typeName));
  influence(scope.ledger, sourcesOfAll(scope, bare(fields.typeName)?.typmods));
  if (!acceptsAll.has(type) || listOf(bare(fields.typeName)?.arrayBounds).length > 0) influence(scope.ledger, sources);
  return sources;
}

function caseOf(scope: Scope, fields: Fields): Sources {
  if (fields.arg !== undefined) noteImplicitOperators(scope.ledger, "=");
  let conditions = sourcesOf(scope, fields.arg);
  let values = sourcesOf(scope, fields.defresult);
  for (const node of listOf(fields.args)) {
    const when = fieldsOf(node);
    conditions = union(conditions, sourcesOf(scope, when.expr));
    values = union(values, sourcesOf(scope, when.result));
  }
  influence(scope.ledger, conditions);
  return union(conditions, values);
}

function subquery(scope: Scope, fields: Fields): Sources {
  scope.ledger.reached.add(fields);
  const tested = sourcesOf(scope, fields.testexpr);
  if (fields.operName !== undefined) noteOperator(scope.ledger, fields.operName);
  else if (fields.testexpr !== undefined) noteImplicitOperators(scope.ledger, "=");
  const rows = analyseQuery(innerScope(scope), fields.subselect);
  const sources = union(tested, allSources(rows));
  // Only a scalar or an array hands its values on; the other forms are conditions.
  if (fields.subLinkType !== "EXPR_SUBLINK" && fields.subLinkType !== "ARRAY_SUBLINK") influence(scope.ledger, sources);
  if (rows.rest.some((loose) => loose.kind === "table")) loseLineage(scope.ledger, "unknown_columns:subquery");
  return sources;
}

/** `(row).field`, `array[index]`. A field that is no column of the row may be a call. */
function indirection(scope: Scope, fields: Fields): Sources {
  const exact = bareColumn(scope, { A_Indirection: fields });
  if (exact !== null) return exact.sources;
  const row = rowOf(scope, fields.arg);
  let sources = row === null ? sourcesOf(scope, fields.arg) : rowSources(scope.ledger, row);
  for (const step of listOf(fields.indirection)) {
    if (kindOf(step) === "String") noteAttribute(scope, row, textOf(fieldsOf(step).sval), sources);
    else if (kindOf(step) === "A_Indices") sources = union(sources, sourcesWithin(scope, fieldsOf(step)));
  }
  return sources;
}

/** The item a whole-row reference means; null for any other expression. */
function rowOf(scope: Scope, node: unknown): Item | null {
  if (kindOf(node) !== "ColumnRef") return null;
  const reference = resolveReference(scope, fieldsOf(node));
  return reference.kind === "row" ? reference.item : null;
}

/**
 * Of a known row, a name that is no column must be a call; of any other value it is a field, if no function has the
 * name.
 */
function noteAttribute(scope: Scope, row: Item | null, name: string, sources: Sources): void {
  const { index } = scope.ledger.setting;
  if (row !== null && row.rest.length === 0) attributeCall(scope.ledger, name, sources);
  else if (isBuiltinFunction(name) || (index !== null && mayBeFunction(name, index)))
    noteCall(scope.ledger, null, name, sources);
}

function queryInJson(scope: Scope, fields: Fields): Sources {
  const rows = analyseQuery(innerScope(scope), fields.query);
  influence(scope.ledger, allSources(rows));
  return allSources(rows);
}

function noReference(scope: Scope, _fields: Fields): Sources {
  visit(scope.ledger);
  return none;
}

function namedCursor(scope: Scope, _fields: Fields): Sources {
  loseLineage(scope.ledger, "cursor");
  return none;
}

const handlers: ReadonlyMap<string, Handler> = new Map<string, Handler>([
  ["ColumnRef", columnReference],
  ["A_Const", noReference],
  ["ParamRef", noReference],
  ["SQLValueFunction", noReference],
  ["SetToDefault", noReference],
  ["MergeSupportFunc", noReference],
  ["CurrentOfExpr", namedCursor],
  ["A_Expr", operation],
  ["FuncCall", call],
  ["TypeCast", cast],
  ["CaseExpr", caseOf],
  ["SubLink", subquery],
  ["A_Indirection", indirection],
  ["JsonArrayQueryConstructor", queryInJson],
  ["BoolExpr", lazyList],
  ["CoalesceExpr", lazyList],
  ["A_ArrayExpr", arrayOf],
  ...[
    "BooleanTest",
    "NullTest",
    "MinMaxExpr",
    "CollateClause",
    "A_Indices",
    "RowExpr",
    "List",
    "NamedArgExpr",
    "MultiAssignRef",
    "ResTarget",
    "SortBy",
    "GroupingSet",
    "GroupingFunc",
    "CaseWhen",
    "JsonArgument",
    "JsonBehavior",
    "JsonIsPredicate",
    "JsonValueExpr",
    "JsonKeyValue",
  ].map((kind): readonly [string, Handler] => [kind, sourcesWithin]),
  ...[
    "XmlExpr",
    "XmlSerialize",
    "JsonFuncExpr",
    "JsonObjectConstructor",
    "JsonArrayConstructor",
    "JsonParseExpr",
    "JsonScalarExpr",
    "JsonSerializeExpr",
  ].map((kind): readonly [string, Handler] => [kind, fallibleWithin]),
  ...["JsonObjectAgg", "JsonArrayAgg", "JsonAggConstructor"].map((kind): readonly [string, Handler] => [
    kind,
    fallibleWithin,
  ]),
]);
