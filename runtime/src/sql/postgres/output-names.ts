/** The name the server gives an output column without an alias (`FigureColname` of its parser). */
import { bare, fieldsOf, kindOf, listOf, stringsOf, textOf } from "./nodes.js";

const unnamed = "?column?";

const fixedNames: ReadonlyMap<string, string> = new Map([
  ["A_ArrayExpr", "array"],
  ["RowExpr", "row"],
  ["CoalesceExpr", "coalesce"],
  ["GroupingFunc", "grouping"],
  ["MergeSupportFunc", "merge_action"],
  ["XmlSerialize", "xmlserialize"],
  ["JsonParseExpr", "json"],
  ["JsonScalarExpr", "json_scalar"],
  ["JsonSerializeExpr", "json_serialize"],
  ["JsonObjectConstructor", "json_object"],
  ["JsonArrayConstructor", "json_array"],
  ["JsonArrayQueryConstructor", "json_array"],
  ["JsonObjectAgg", "json_objectagg"],
  ["JsonArrayAgg", "json_arrayagg"],
]);

const xmlNames: Readonly<Record<string, string>> = {
  IS_XMLCONCAT: "xmlconcat",
  IS_XMLELEMENT: "xmlelement",
  IS_XMLFOREST: "xmlforest",
  IS_XMLPARSE: "xmlparse",
  IS_XMLPI: "xmlpi",
  IS_XMLROOT: "xmlroot",
};

const jsonNames: Readonly<Record<string, string>> = {
  JSON_EXISTS_OP: "json_exists",
  JSON_QUERY_OP: "json_query",
  JSON_VALUE_OP: "json_value",
};

export const outputName = (value: unknown): string => nameOf(value) ?? unnamed;

/** A name that a surrounding CASE or cast takes over: the name of a type, or `case` itself, is not one. */
function strongNameOf(value: unknown): string | null {
  const kind = kindOf(value);
  if (kind === "TypeCast") return strongNameOf(fieldsOf(value).arg);
  if (kind === "CaseExpr") return strongNameOf(fieldsOf(value).defresult);
  return nameOf(value);
}

function nameOf(value: unknown): string | null {
  const kind = kindOf(value);
  const fields = fieldsOf(value);
  switch (kind) {
    case "ColumnRef":
      return stringsOf(fields.fields).at(-1) ?? null;
    case "A_Indirection":
      return stringsOf(fields.indirection).at(-1) ?? nameOf(fields.arg);
    case "FuncCall":
      return stringsOf(fields.funcname).at(-1) ?? null;
    case "A_Expr":
      return fields.kind === "AEXPR_NULLIF" ? "nullif" : null;
    case "TypeCast":
      return strongNameOf(fields.arg) ?? stringsOf(bare(fields.typeName)?.names).at(-1) ?? null;
    case "CollateClause":
      return nameOf(fields.arg);
    case "CaseExpr":
      return strongNameOf(fields.defresult) ?? "case";
    case "MinMaxExpr":
      return fields.op === "IS_LEAST" ? "least" : "greatest";
    case "SubLink":
      return subqueryName(textOf(fields.subLinkType), fields.subselect);
    case "SQLValueFunction":
      return textOf(fields.op).replace("SVFOP_", "").replace(/_N$/, "").toLowerCase();
    case "XmlExpr":
      return xmlNames[textOf(fields.op)] ?? null;
    case "JsonFuncExpr":
      return jsonNames[textOf(fields.op)] ?? null;
    default:
      return fixedNames.get(kind) ?? null;
  }
}

function subqueryName(type: string, query: unknown): string | null {
  if (type === "EXISTS_SUBLINK") return "exists";
  if (type === "ARRAY_SUBLINK") return "array";
  if (type !== "EXPR_SUBLINK") return null;
  let select = fieldsOf(query);
  for (let left = bare(select.larg); left !== null; left = bare(select.larg)) select = left;
  if (listOf(select.valuesLists).length > 0) return "column1";
  const target = fieldsOf(listOf(select.targetList)[0]);
  return textOf(target.name) || nameOf(target.val) || unnamed;
}
