/**
 * What is certain about evaluating an expression, whatever the values are: that it cannot fail, and that it is no array.
 *
 * Whether a statement fails is an answer the client sees. Where one part decides whether another is evaluated (AND, COALESCE,
 * a comparison of rows), the other must be one that cannot fail, or the first influences the statement. Arrays fail by their
 * dimensions wherever they are put together. Both tests say no to whatever they do not know.
 */
import { acceptsAll, literalString, qualified } from "./calls.js";
import { bareColumn } from "./expression.js";
import { isInfallible } from "./functions.js";
import { bare, type Fields, fieldsOf, kindOf, listOf, only, stringsOf } from "./nodes.js";
import { resolveReference } from "./references.js";
import type { Column, Scope } from "./scope.js";

/** Operators that no pair of values makes fail; `||` only where no arrays are joined. */
export const infallibleOperators: ReadonlySet<string> = new Set([
  "=",
  "<>",
  "!=",
  "<",
  ">",
  "<=",
  ">=",
  "->",
  "->>",
  "#>",
  "#>>",
  "@>",
  "<@",
]);
export const patternOperators: ReadonlySet<string> = new Set(["~~", "~~*", "!~~", "!~~*", "~", "~*", "!~", "!~*"]);

type Test = (scope: Scope, node: unknown) => boolean;

/** Whether evaluating `node` fails for no values. Tables' own columns do not; those of a subquery may be worked out late. */
export const surelySucceeds: Test = (scope, node) => {
  const fields = fieldsOf(node);
  switch (kindOf(node)) {
    case "":
    case "A_Const":
    case "ParamRef":
    case "SQLValueFunction":
      return true;
    case "ColumnRef":
      return isStored(scope, fields);
    case "TypeCast":
      return kindOf(fields.arg) === "A_Const" || (castSucceeds(fields) && surelySucceeds(scope, fields.arg));
    case "A_Expr":
      return operationSucceeds(scope, fields);
    case "FuncCall":
      return callSucceeds(scope, fields);
    default:
      return eagerKinds.has(kindOf(node)) && Object.values(fields).every((value) => partSucceeds(scope, value));
  }
};

/** Kinds that fail only when a part of them does. */
const eagerKinds = new Set(
  "BoolExpr NullTest BooleanTest CoalesceExpr MinMaxExpr CollateClause RowExpr List CaseExpr CaseWhen".split(" "),
);

const partSucceeds: Test = (scope, value) => {
  if (Array.isArray(value)) return value.every((member) => partSucceeds(scope, member));
  const isNode = typeof value === "object" && value !== null && /^[A-Z]/.test(kindOf(value));
  return !isNode || kindOf(value) === "String" || surelySucceeds(scope, value);
};

function isStored(scope: Scope, fields: Fields): boolean {
  const reference = resolveReference(scope, fields);
  if (reference.kind === "column") return reference.column.exact;
  return reference.kind === "row" && reference.item.columns.every((column) => column.exact);
}

function castSucceeds({ typeName }: Fields): boolean {
  const type = bare(typeName);
  const [, name] = qualified(stringsOf(type?.names));
  return acceptsAll.has(name) && listOf(type?.arrayBounds).length === 0;
}

function operationSucceeds(scope: Scope, { name, lexpr, rexpr }: Fields): boolean {
  const [, operator] = qualified(stringsOf(name));
  const isConstantPattern = patternOperators.has(operator) && literalString(rexpr) !== null;
  return (
    (infallibleOperators.has(operator) || isConstantPattern) && partSucceeds(scope, lexpr) && partSucceeds(scope, rexpr)
  );
}

function callSucceeds(scope: Scope, { funcname, args, over, agg_filter }: Fields): boolean {
  const [, name] = qualified(stringsOf(funcname));
  return isInfallible(name) && over === undefined && agg_filter === undefined && partSucceeds(scope, args);
}

/** Functions that never give an array. */
const scalarFunctions = new Set(
  `lower upper initcap length char_length character_length octet_length bit_length md5 concat concat_ws btrim ltrim rtrim
  reverse left right substr substring quote_literal quote_nullable quote_ident replace translate strpos ascii to_char format
  to_json to_jsonb row_to_json`.split(/\s+/),
);

/** Whether the value of `node` is surely no array. */
export const surelyScalar: Test = (scope, node) => {
  const fields = fieldsOf(node);
  switch (kindOf(node)) {
    case "A_Const":
    case "BoolExpr":
    case "NullTest":
      return true;
    case "ColumnRef":
      return isScalarColumn(scope, bareColumn(scope, node));
    case "TypeCast":
      return isScalarType(bare(fields.typeName));
    case "CollateClause":
      return surelyScalar(scope, fields.arg);
    case "FuncCall":
      return scalarFunctions.has(qualified(stringsOf(fields.funcname))[1]);
    case "A_Expr":
      return isComparison(fields) || [fields.lexpr, fields.rexpr].every((side) => surelyScalar(scope, side));
    case "CoalesceExpr":
    case "MinMaxExpr":
      return listOf(fields.args).every((arg) => surelyScalar(scope, arg));
    default:
      return false;
  }
};

const isComparison = ({ name }: Fields): boolean =>
  ["=", "<>", "<", ">", "<=", ">="].includes(qualified(stringsOf(name))[1]);

function isScalarType(type: Fields | null): boolean {
  const [, name] = qualified(stringsOf(type?.names));
  return name !== "" && !isArrayName(name) && listOf(type?.arrayBounds).length === 0;
}

/** Array types are called `_element`; a type of a user's own may be a domain over one. */
const isArrayName = (name: string): boolean => name.startsWith("_") || name.endsWith("vector") || name.includes(".");

function isScalarColumn({ ledger }: Scope, column: Column | null): boolean {
  if (column === null || !column.exact) return false;
  const [schema = "", table = "", name = ""] = (column.sources[0] ?? "")
    .split(".")
    .map((part) => part.replaceAll("\u001f", "."));
  const type = ledger.setting.index?.relation(schema, table)?.columns.find((own) => own.name === name)?.type;
  return type === undefined ? ledger.setting.index === null : !isArrayName(type);
}

/** Whether the parts of a comparison are compared one after the other, so that an early one can spare a later one. */
export function isLazy({ kind, lexpr, rexpr }: Fields): boolean {
  const isRows = [lexpr, rexpr].some((side) => only("RowExpr", side) !== null);
  return isRows || lazyComparisons.has(String(kind));
}

const lazyComparisons = new Set(
  `AEXPR_IN AEXPR_BETWEEN AEXPR_NOT_BETWEEN AEXPR_BETWEEN_SYM AEXPR_NOT_BETWEEN_SYM`.split(" "),
);
