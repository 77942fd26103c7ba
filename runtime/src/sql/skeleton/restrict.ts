/**
 * Whether a condition limits which rows of the changed table are met: decided, not guessed, and unknown when in doubt. In
 * MySQL every value is a truth: a number but 0 holds, and text is compared with a number as the number it starts with, so
 * that `name = 0` holds for nearly every name.
 */
import { type Fact, unknown } from "../../facts/index.js";
import { always, conjunction, disjunction, never, type Restriction, type Truth, truth, unsure } from "../truth.js";
import { fold } from "./catalog.js";
import { candidatesOf, type Item, type Scope } from "./scope.js";
import type { Expression, Query } from "./tree.js";

interface Place {
  readonly scope: Scope;
  readonly item: Item;
}

/** `conditions`: WHERE, and ON of inner joins; all must hold. */
export function restrictionOf(scope: Scope, item: Item, conditions: readonly Expression[]): Restriction {
  if (conditions.length === 0) return { restricted: false, by_key: false };
  const place = { scope, item };
  const found = conjunction(conditions.map((condition) => truthOf(place, condition)));
  const restricted = found.kind === "unknown" ? unknown(found.reason) : found.kind !== "always";
  return { restricted, by_key: byKey(place, conditions) };
}

function truthOf(place: Place, expression: Expression): Truth {
  switch (expression.kind) {
    case "null":
      return never;
    case "truth":
      return truth(expression.value);
    case "number":
      return isMysql(place) ? truth(expression.value !== 0) : unsure("condition");
    case "and":
      return conjunction(expression.operands.map((operand) => truthOf(place, operand)));
    case "or":
      return disjunction(expression.operands.map((operand) => truthOf(place, operand)));
    case "not":
      return negation(expression.operand, truthOf(place, expression.operand));
    case "comparison":
      return comparisonTruth(place, expression);
    case "membership":
      return membershipTruth(place, expression);
    case "between":
      return betweenTruth(place, expression);
    case "like":
      return likeTruth(place, expression);
    case "is_null":
      return nullTruth(place, expression);
    case "exists":
      return existsOne(expression.query) ? always : unsure("subquery");
    case "name":
      // In MySQL a number but 0 is true: a lone column may hold for every row.
      return isMysql(place) || columnOf(place, expression) === null ? unsure("condition") : limiting(false);
    default:
      return unsure("condition");
  }
}

const limiting = (equals: boolean): Truth => ({ kind: "limits", equals });
const isMysql = ({ scope }: Place): boolean => scope.setting.grammar.dialect === "mysql";

/** Only the negation of a single test says something certain. */
function negation(operand: Expression, found: Truth): Truth {
  if (found.kind === "always") return never;
  if (found.kind === "never")
    return operand.kind === "truth" || operand.kind === "number" ? always : unsure("negation");
  return found.kind === "limits" && operand.kind !== "and" && operand.kind !== "or"
    ? limiting(false)
    : unsure("negation");
}

const comparisons: ReadonlyMap<string, (order: number) => boolean> = new Map([
  ["=", (order: number) => order === 0],
  ["<=>", (order: number) => order === 0],
  ["<>", (order: number) => order !== 0],
  ["!=", (order: number) => order !== 0],
  ["<", (order: number) => order < 0],
  [">", (order: number) => order > 0],
  ["<=", (order: number) => order <= 0],
  [">=", (order: number) => order >= 0],
]);

type Comparison = Expression & { kind: "comparison" };

function comparisonTruth(place: Place, { operator, left, right }: Comparison): Truth {
  const test = comparisons.get(operator);
  if (test === undefined) return unsure(`operator:${operator}`);
  if (isConstant(left) && isConstant(right)) return constantTruth(operator, test, left, right);
  const [a, b] = [columnOf(place, left), columnOf(place, right)];
  if (a !== null && b !== null) return a === b ? truth(test(0)) : limiting(false);
  const [column, constant, mirrored] = a !== null ? [a, right, false] : [b, left, true];
  if (column === null) return unsure("condition");
  if (!isConstant(constant)) return unsure("comparison");
  if (constant.kind === "null") return operator === "<=>" ? limiting(false) : never;
  if (mayHoldForAll(place, column, mirrored ? mirror(operator) : operator, constant)) return unsure("comparison");
  const isEqual = operator === "=" || operator === "<=>";
  return limiting(isEqual && !mayCoverAll(place, column, constant));
}

const mirrors: ReadonlyMap<string, string> = new Map([
  ["<", ">"],
  [">", "<"],
  ["<=", ">="],
  [">=", "<="],
]);
const mirror = (operator: string): string => mirrors.get(operator) ?? operator;

const isConstant = ({ kind }: Expression): boolean =>
  kind === "null" ||
  kind === "number" ||
  kind === "text" ||
  kind === "truth" ||
  kind === "parameter" ||
  kind === "constant";

function constantTruth(operator: string, test: (order: number) => boolean, a: Expression, b: Expression): Truth {
  if (a.kind === "null" || b.kind === "null") {
    if (operator !== "<=>") return never;
    return a.kind === b.kind ? always : unsure("constants");
  }
  const [x, y] = [numberIn(a), numberIn(b)];
  if (x !== null && y !== null) return truth(test(Math.sign(x - y)));
  // Collations differ in which texts are equal; the same letters always are.
  const isSame = a.kind === "text" && b.kind === "text" && a.value === b.value;
  return isSame ? truth(test(0)) : unsure("constants");
}

function numberIn(expression: Expression): number | null {
  if (expression.kind === "number") return expression.value;
  return expression.kind === "truth" ? Number(expression.value) : null;
}

/** Whether one comparison of a column with a constant may be true of whatever the column holds. */
function mayHoldForAll(place: Place, column: string, operator: string, constant: Expression): boolean {
  if (!isMysql(place)) return false;
  const value = numberIn(constant);
  const type = typeOf(place, column);
  if (operator === "=" || operator === "<=>") {
    // Text that is no number counts as 0, and a number compared with text that is none as well.
    const isNumber = type !== null && numericTypes.test(type);
    if (value === 0) return !isNumber;
    return constant.kind === "text" && isNumber && !/^\s*\d/.test(constant.value);
  }
  // An unsigned number is never below 0.
  if (value === null || (type !== null && /unsigned/.test(type) === false && numericTypes.test(type))) return false;
  return operator === ">=" ? value <= 0 : (operator === ">" || operator === "<>" || operator === "!=") && value < 0;
}

const numericTypes =
  /^(tinyint|smallint|mediumint|int|integer|bigint|decimal|numeric|float|double|real|int64|float64)\b/i;
/** Types with more values than anyone lists. */
const ampleTypes =
  /^(?!tinyint\(1\))(smallint|mediumint|int|integer|bigint|decimal|numeric|float|double|real|varchar|char|text|tinytext|mediumtext|longtext|varbinary|binary|blob|date|datetime|timestamp|time|uuid|int64|float64|string|bytes|bignumeric)\b/i;

/** Whether a few values of this sort may be all there are: `active = 0 OR active = 1` covers every row. */
function mayCoverAll(place: Place, column: string, constant: Expression): boolean {
  const type = typeOf(place, column);
  if (type !== null) return !ampleTypes.test(type);
  const value = numberIn(constant);
  if (value !== null) return isMysql(place) ? value === 0 : constant.kind === "truth";
  return constant.kind !== "text" || /^(t|f|y|n|true|false|yes|no|on|off|0|1)$/i.test(constant.value);
}

function typeOf({ item }: Place, column: string): string | null {
  return item.table?.entry?.columns.find(({ name }) => fold(name) === column)?.type ?? null;
}

function membershipTruth(place: Place, { value, items, negated }: Expression & { kind: "membership" }): Truth {
  const column = columnOf(place, value);
  if (column === null || !items.every(isConstant)) return unsure("membership");
  if (items.some((item) => mayHoldForAll(place, column, "=", item))) return unsure("membership");
  if (negated) return limiting(false);
  const covers = items.some((item) => mayCoverAll(place, column, item));
  return covers && items.length > 1 ? unsure("membership") : limiting(!covers);
}

function betweenTruth(place: Place, { value, low, high, negated }: Expression & { kind: "between" }): Truth {
  const column = columnOf(place, value);
  if (column === null || !isConstant(low) || !isConstant(high) || negated) return unsure("range");
  return mayHoldForAll(place, column, ">=", low) ? unsure("range") : limiting(false);
}

/** A pattern of nothing but `%` matches everything. */
function likeTruth(place: Place, { value, pattern, negated }: Expression & { kind: "like" }): Truth {
  const isPlain = pattern.kind === "text" && !/^%*$/.test(pattern.value);
  return columnOf(place, value) !== null && isPlain && !negated ? limiting(false) : unsure("pattern");
}

/** `c IS NULL` limits; `c IS NOT NULL` may hold for every row. */
function nullTruth(place: Place, { value, negated }: Expression & { kind: "is_null" }): Truth {
  if (value.kind === "null") return truth(!negated);
  if (value.kind === "number" || value.kind === "text" || value.kind === "truth") return truth(negated);
  const column = columnOf(place, value);
  // MySQL: of a NOT NULL date, `IS NULL` finds the zero date, and of an AUTO_INCREMENT column the last row.
  return column === null || negated ? unsure("null_test") : limiting(false);
}

/** `EXISTS (SELECT 1)`, without a table or a condition. */
function existsOne({ ctes, branches, limit, bounds }: Query): boolean {
  const [branch] = branches;
  if (branches.length !== 1 || branch?.kind !== "select" || ctes.length > 0 || limit !== null || bounds.length > 0)
    return false;
  return branch.from.sources.length === 0 && branch.where === null && branch.influences.length === 0;
}

/** The name of the changed table's column that a bare reference means; null for anything else. */
function columnOf({ scope, item }: Place, expression: Expression): string | null {
  if (expression.kind !== "name") return null;
  const candidates = candidatesOf(scope, expression.path);
  const [only] = candidates;
  if (candidates.length !== 1 || only?.item !== item || !only.column.exact) return null;
  return only.column.name;
}

/** Whether the conjuncts equate every column of the primary key with a constant or a parameter. */
function byKey(place: Place, conditions: readonly Expression[]): Fact<boolean> {
  const key = place.item.table?.entry?.key;
  if (key === undefined) return unknown("no_key_known");
  const equated = new Set(conditions.flatMap(conjuncts).map((part) => equatedColumn(place, part)));
  return key.length > 0 && key.every((column) => equated.has(fold(column)));
}

const conjuncts = (expression: Expression): readonly Expression[] =>
  expression.kind === "and" ? expression.operands.flatMap(conjuncts) : [expression];

function equatedColumn(place: Place, part: Expression): string | null {
  if (part.kind !== "comparison" || part.operator !== "=") return null;
  if (isConstant(part.right)) return columnOf(place, part.left);
  return isConstant(part.left) ? columnOf(place, part.right) : null;
}
