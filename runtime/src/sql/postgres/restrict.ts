/**
 * Whether a WHERE clause limits which rows of the changed table it touches: decided, not guessed. A condition is
 * `always` true, `never` true, `limits` the rows by a test of a column that can be false, or it is not known. Only what
 * is certain is said: a join may match every row, a disjunction of ranges may cover all values, so these are unknown.
 */
import { type Fact, unknown } from "../../facts/index.js";
import { always, conjunction, disjunction, never, type Restriction, type Truth, truth, unsure } from "../truth.js";
import { qualified } from "./calls.js";
import { bare, type Fields, fieldsOf, kindOf, listOf, only, stringsOf, textOf } from "./nodes.js";
import { columnIn, type Item, type Scope } from "./scope.js";

export function restrictionOf(scope: Scope, item: Item, where: unknown): Restriction {
  if (where === undefined) return { restricted: false, by_key: false };
  const place: Place = { scope, item };
  const truth = truthOf(place, where);
  const restricted = truth.kind === "unknown" ? unknown(truth.reason) : truth.kind !== "always";
  return { restricted, by_key: byKey(place, where) };
}

interface Place {
  readonly scope: Scope;
  readonly item: Item;
}

function truthOf(place: Place, node: unknown): Truth {
  const fields = fieldsOf(node);
  switch (kindOf(node)) {
    case "A_Const":
      return constantTruth(fields);
    case "BoolExpr":
      return connective(place, fields);
    case "A_Expr":
      return comparison(place, fields);
    case "ColumnRef":
      return columnOf(place, node) === null ? unsure("condition") : { kind: "limits", equals: false };
    case "NullTest":
      return nullTest(place, fields);
    case "CurrentOfExpr":
      return { kind: "limits", equals: true };
    case "SubLink":
      return existsOne(fields) ? always : unsure("subquery");
    case "TypeCast":
      return castTruth(fields);
    default:
      return unsure("condition");
  }
}

function constantTruth(fields: Fields): Truth {
  if (fields.isnull === true) return never;
  const value = bare(fields.boolval);
  if (value !== null) return value.boolval === true ? always : never;
  return unsure("condition");
}

/** `'t'::boolean`; older grammars also read the words TRUE and FALSE as such a cast. */
function castTruth(fields: Fields): Truth {
  const type = stringsOf(bare(fields.typeName)?.names).at(-1);
  const value = constantOf(fields.arg);
  if (type !== "bool" || value?.kind !== "text") return unsure("condition");
  if (["t", "true", "yes", "on", "1"].includes(value.value)) return always;
  return ["f", "false", "no", "off", "0"].includes(value.value) ? never : unsure("condition");
}

function connective(place: Place, fields: Fields): Truth {
  const parts = listOf(fields.args).map((part) => truthOf(place, part));
  if (fields.boolop === "AND_EXPR") return conjunction(parts);
  if (fields.boolop === "OR_EXPR") return disjunction(parts);
  return negation(listOf(fields.args)[0], parts[0] ?? unsure("condition"));
}

/** Only the negation of a single test says something certain: `not (a = 1 and a = 2)` is always true. */
function negation(operand: unknown, truth: Truth): Truth {
  if (truth.kind === "always") return never;
  if (truth.kind === "never") return only("A_Const", operand)?.isnull === true ? never : always;
  return truth.kind === "limits" && kindOf(operand) !== "BoolExpr"
    ? { kind: "limits", equals: false }
    : unsure("negation");
}

/** `c IS NULL` limits; `c IS NOT NULL` may hold for every row. */
function nullTest(place: Place, fields: Fields): Truth {
  const constant = constantOf(fields.arg);
  const wants_null = fields.nulltesttype === "IS_NULL";
  if (constant !== null) return (constant.kind === "null") === wants_null ? always : never;
  if (columnOf(place, fields.arg) === null || !wants_null) return unsure("null_test");
  return isKey(place, fields.arg) ? never : { kind: "limits", equals: false };
}

/** `EXISTS (SELECT 1)`, without a table or a condition. */
function existsOne(fields: Fields): boolean {
  const select = only("SelectStmt", fields.subselect);
  if (fields.subLinkType !== "EXISTS_SUBLINK" || select === null) return false;
  const narrowing = ["fromClause", "whereClause", "havingClause", "limitCount", "limitOffset", "larg", "groupClause"];
  return narrowing.every((field) => select[field] === undefined);
}

type Constant =
  | { readonly kind: "null" | "parameter" }
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "text"; readonly value: string }
  | { readonly kind: "boolean"; readonly value: boolean }
  | { readonly kind: "other" };

/** A constant, a parameter, or a cast of one; null for anything else. */
function constantOf(node: unknown): Constant | null {
  const fields = fieldsOf(node);
  if (kindOf(node) === "ParamRef") return { kind: "parameter" };
  if (kindOf(node) === "TypeCast") return constantOf(fields.arg) === null ? null : castConstant(fields);
  if (kindOf(node) === "A_Expr") return negativeNumber(fields);
  if (kindOf(node) !== "A_Const") return null;
  if (fields.isnull === true) return { kind: "null" };
  const [integer, float, text, truth] = [fields.ival, fields.fval, fields.sval, fields.boolval].map(bare);
  if (integer) return { kind: "number", value: typeof integer.ival === "number" ? integer.ival : 0 };
  if (float) return decimal(textOf(float.fval));
  if (text) return { kind: "text", value: typeof text.sval === "string" ? text.sval : "" };
  return truth ? { kind: "boolean", value: truth.boolval === true } : { kind: "other" };
}

/** A decimal that a double can tell from its neighbors; others are not compared. */
const decimal = (text: string): Constant =>
  /^[\d.]{1,15}$/.test(text) ? { kind: "number", value: Number(text) } : { kind: "other" };

function castConstant(fields: Fields): Constant {
  const truth = castTruth(fields);
  if (truth.kind === "always" || truth.kind === "never") return { kind: "boolean", value: truth.kind === "always" };
  return { kind: "other" };
}

function negativeNumber(fields: Fields): Constant | null {
  if (fields.lexpr !== undefined || stringsOf(fields.name).at(-1) !== "-") return null;
  const operand = constantOf(fields.rexpr);
  return operand?.kind === "number" ? { kind: "number", value: -operand.value } : null;
}

const comparisons: ReadonlyMap<string, (order: number) => boolean> = new Map([
  ["=", (order: number) => order === 0],
  ["<>", (order: number) => order !== 0],
  ["<", (order: number) => order < 0],
  [">", (order: number) => order > 0],
  ["<=", (order: number) => order <= 0],
  [">=", (order: number) => order >= 0],
]);

function comparison(place: Place, fields: Fields): Truth {
  const operator = builtinOperator(place, fields);
  if (operator === null) return unsure("operator");
  switch (fields.kind) {
    case "AEXPR_OP":
    case undefined:
      return simpleComparison(place, operator, fields.lexpr, fields.rexpr);
    case "AEXPR_IN":
      return membership(place, operator, fields);
    case "AEXPR_OP_ANY":
      return anyOf(place, operator, fields);
    case "AEXPR_BETWEEN":
      return between(place, fields);
    case "AEXPR_LIKE":
    case "AEXPR_ILIKE":
      return pattern(place, operator, fields);
    default:
      return unsure("condition");
  }
}

/** The name of an operator that can only be the built-in one; null when user code may answer to it. */
function builtinOperator(place: Place, fields: Fields): string | null {
  const [schema, name] = qualified(stringsOf(fields.name));
  const taken = schema === null ? place.scope.ledger.setting.index?.operators.has(name) : schema !== "pg_catalog";
  return taken ? null : name;
}

function simpleComparison(place: Place, operator: string, left: unknown, right: unknown): Truth {
  const [a, b] = [constantOf(left), constantOf(right)];
  if (a !== null && b !== null) return constantComparison(operator, a, b);
  const test = comparisons.get(operator);
  if (test === undefined) return unsure(`operator:${operator}`);
  const [x, y] = [columnOf(place, left), columnOf(place, right)];
  if (x !== null && y !== null) return x === y ? selfComparison(test) : { kind: "limits", equals: false };
  const constant = x !== null ? b : y !== null ? a : null;
  if (constant === null) return unsure(x === null && y === null ? "condition" : "comparison");
  if (constant.kind === "null") return never;
  return { kind: "limits", equals: operator === "=" && !mayCoverAll(place, x === null ? right : left, constant) };
}

/** A column compared with itself: true for all but NULL, or for none. */
const selfComparison = (test: (order: number) => boolean): Truth => (test(0) ? always : never);

function constantComparison(operator: string, a: Constant, b: Constant): Truth {
  // The setting transform_null_equals makes `NULL = NULL` true.
  if (a.kind === "null" && b.kind === "null") return unsure("constants");
  if (a.kind === "null" || b.kind === "null") return never;
  const test = comparisons.get(operator);
  if (test === undefined || !("value" in a) || !("value" in b) || a.kind !== b.kind) return unsure("constants");
  if (a.kind === "text")
    return operator === "=" || operator === "<>" ? truth(test(a.value === b.value ? 0 : 1)) : unsure("constants");
  return truth(test(a.value < b.value ? -1 : a.value > b.value ? 1 : 0));
}

/** Whether a few values of this sort may be all there are: `paid = true or paid = false` covers every row. */
function mayCoverAll(place: Place, column: unknown, constant: Constant): boolean {
  if (constant.kind === "number") return false;
  const type = typeOf(place, column);
  if (type === null)
    return constant.kind !== "text" || /^(t|f|y|n|true|false|yes|no|on|off|0|1)$/i.test(constant.value);
  return !ampleTypes.has(type);
}

/** Types with more values than anyone lists. */
const ampleTypes = new Set(
  "text varchar bpchar int2 int4 int8 smallint integer bigint numeric uuid date timestamp timestamptz bytea".split(" "),
);

function typeOf(place: Place, node: unknown): string | null {
  const name = columnOf(place, node);
  const column = place.item.relation?.entry?.columns.find((entry) => entry.name === name);
  return column?.type.replace(/^pg_catalog\./, "").replace(/\(.*\)/, "") ?? null;
}

function membership(place: Place, operator: string, fields: Fields): Truth {
  const values = listOf(only("List", fields.rexpr)?.items);
  const constants = values.map(constantOf);
  if (columnOf(place, fields.lexpr) === null || constants.some((value) => value === null)) return unsure("membership");
  if (operator === "<>") return { kind: "limits", equals: false };
  const covers = constants.some((value) => value !== null && mayCoverAll(place, fields.lexpr, value));
  if (covers && values.length > 1) return unsure("membership");
  return { kind: "limits", equals: !covers };
}

/** `c = ANY ($1)`. */
function anyOf(place: Place, operator: string, fields: Fields): Truth {
  const elements = listOf(only("A_ArrayExpr", fields.rexpr)?.elements);
  const constant =
    constantOf(fields.rexpr) !== null || (elements.length > 0 && elements.every((value) => constantOf(value) !== null));
  if (operator !== "=" || columnOf(place, fields.lexpr) === null || !constant) return unsure("membership");
  const type = typeOf(place, fields.lexpr);
  return type !== null && !ampleTypes.has(type) ? unsure("membership") : { kind: "limits", equals: false };
}

function between(place: Place, fields: Fields): Truth {
  const bounds = listOf(only("List", fields.rexpr)?.items).map(constantOf);
  const certain =
    columnOf(place, fields.lexpr) !== null && bounds.length === 2 && bounds.every((bound) => bound !== null);
  return certain ? { kind: "limits", equals: false } : unsure("range");
}

/** A LIKE pattern of nothing but `%` matches everything. */
function pattern(place: Place, operator: string, fields: Fields): Truth {
  const value = constantOf(fields.rexpr);
  if (columnOf(place, fields.lexpr) === null || value === null) return unsure("pattern");
  if (value.kind !== "text" || /^%*$/.test(value.value) || operator.startsWith("!")) return unsure("pattern");
  return { kind: "limits", equals: false };
}

/** The name of the changed table's column a bare reference means; null for anything else. */
function columnOf(place: Place, node: unknown): string | null {
  const reference = only("ColumnRef", node);
  if (reference === null) return null;
  const names = stringsOf(reference.fields);
  const name = names.at(-1) ?? "";
  if (names.length === 1) return belongsOnly(place, name) ? name : null;
  const qualifier = names.at(-2);
  const schema_fits = names.length === 2 || names.at(-3) === place.item.schema;
  return qualifier === place.item.alias && schema_fits && columnIn(place.item, name) !== null ? name : null;
}

/** Whether a bare name can only be a column of the changed table. */
function belongsOnly(place: Place, name: string): boolean {
  const others = place.scope.items.filter((item) => item !== place.item);
  return columnIn(place.item, name) !== null && others.every((item) => columnIn(item, name) === null);
}

const isKey = (place: Place, node: unknown): boolean =>
  place.item.relation?.entry?.key?.includes(columnOf(place, node) ?? "") ?? false;

/** Whether the conjuncts equate every column of the primary key with a constant or a parameter. */
function byKey(place: Place, where: unknown): Fact<boolean> {
  const key = place.item.relation?.entry?.key;
  if (key === undefined) return unknown("no_key_known");
  const equated = new Set(conjuncts(where).map((part) => equatedColumn(place, part)));
  return key.length > 0 && key.every((column) => equated.has(column));
}

function conjuncts(node: unknown): readonly unknown[] {
  const and = only("BoolExpr", node);
  return and?.boolop === "AND_EXPR" ? listOf(and.args).flatMap(conjuncts) : [node];
}

function equatedColumn(place: Place, node: unknown): string | null {
  const test = only("A_Expr", node);
  if (test === null || test.kind !== "AEXPR_OP" || builtinOperator(place, test) !== "=") return null;
  const [left, right] = [columnOf(place, test.lexpr), columnOf(place, test.rexpr)];
  if (left !== null && constantOf(test.rexpr) !== null) return left;
  return right !== null && constantOf(test.lexpr) !== null ? right : null;
}
