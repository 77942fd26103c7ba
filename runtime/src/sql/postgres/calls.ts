/** Calls of functions, operators and casts: what they do, and whether they can be known. */

import { sqlPath } from "../paths.js";
import { isBuiltinOperator, isBuiltinType } from "./catalog-index.js";
import { type FunctionMeaning, isBuiltinFunction, meaningOf } from "./functions.js";
import { type Effect, influence, type Ledger, loseLineage, unsure } from "./ledger.js";
import { bare, type Fields, fieldsOf, listOf, only, stringsOf, textOf } from "./nodes.js";
import { isHarmlessSetting } from "./settings.js";

/** Writes down a call and its effects. `sources` are those of the arguments. */
export function noteCall(
  ledger: Ledger,
  schema: string | null,
  name: string,
  sources: readonly string[],
  effects?: readonly Effect[],
): FunctionMeaning {
  const meaning = meaningOf(schema, name, ledger.setting.index);
  const fact = {
    schema: meaning.schema || (ledger.setting.index?.search_order.at(-1) ?? "public"),
    name,
    known: meaning.known,
  };
  ledger.functions.set(`${fact.schema}\u0000${name}`, fact);
  for (const effect of effects ?? meaning.effects) ledger.function_effects.add(effect);
  if (!meaning.known) {
    const reason = meaning.effects.includes("dynamic") ? "dynamic" : "function";
    unsure(ledger, `${reason}:${schema === null ? name : sqlPath(schema, name)}`);
  }
  if (meaning.loses_lineage) loseLineage(ledger, `function:${name}`);
  // What goes into a function that does something leaves by another way than the result.
  if (!meaning.known || meaning.effects.length > 0 || meaning.set_returning || meaning.fallible)
    influence(ledger, sources);
  return meaning;
}

/** `[schema, name]` of a qualified name; null for no schema. A third part is the database. */
export function qualified(names: readonly string[]): readonly [string | null, string] {
  return [names.at(-2) ?? null, names.at(-1) ?? ""];
}

/** Setting of `set_config` by its first argument: who one is, or how the session behaves. */
export function settingEffects(call: Fields): readonly Effect[] {
  const setting = literalString(listOf(call.args)[0]);
  if (setting === null) return ["config", "identity"];
  const name = asciiLower(setting);
  if (isHarmlessSetting(name, literalString(listOf(call.args)[1]))) return [];
  return identitySettings.has(name) ? ["identity", "config"] : ["config"];
}

export const identitySettings: ReadonlySet<string> = new Set(["role", "session_authorization"]);

/** Names of settings are compared without regard to ASCII case. */
export const asciiLower = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

export function literalString(node: unknown): string | null {
  const constant = only("A_Const", node);
  return constant === null ? null : textOf(bare(constant.sval)?.sval) || null;
}

/** An operator by its name in the tree. One that user code has taken, or that is not built in, may do anything. */
export function noteOperator(ledger: Ledger, nameList: unknown): string {
  const [schema, name] = qualified(stringsOf(nameList));
  const taken = schema === null && ledger.setting.index?.operators.has(name);
  if ((schema !== null && schema !== "pg_catalog") || taken || !isBuiltinOperator(name))
    unsure(ledger, `operator:${name}`);
  return name;
}

/** An operator that the server looks up by itself: `=` of USING, IN and CASE, `>=` and `<=` of BETWEEN. */
export const noteImplicitOperators = (ledger: Ledger, ...names: readonly string[]): void => {
  for (const name of names) noteOperator(ledger, [{ String: { sval: name } }]);
};

/** A cast to `typeName`. Types that are not built in may have input functions, constraints and casts of their own. */
export function noteCast(ledger: Ledger, typeName: Fields | null): string {
  const [schema, name] = qualified(stringsOf(typeName?.names));
  const { index } = ledger.setting;
  // Types of the temporary schema come before all others, those of the path where `pg_catalog` stands behind it.
  const shadowed = schema === null && (index?.builtins_first === false || index?.types.has(name) === true);
  if (index?.plain_types.has(name) && !isBuiltinType(name)) return name;
  if ((schema !== null && schema !== "pg_catalog") || shadowed || !isBuiltinType(name)) unsure(ledger, `cast:${name}`);
  return name;
}

/** Whether a function call is a cast written as a call: `uuid('..')`. */
export const isCastCall = (ledger: Ledger, schema: string | null, name: string, args_count: number): boolean =>
  args_count === 1 &&
  (schema === null || schema === "pg_catalog") &&
  isBuiltinType(name) &&
  !isBuiltinFunction(name) &&
  !ledger.setting.index?.functions.has(name);

/** Types every value can be cast to without failing. */
export const acceptsAll: ReadonlySet<string> = new Set(["text", "varchar", "bpchar", "name"]);

/** Name and explicit definition of a `DefElem` option. */
export function optionOf(node: unknown): { readonly name: string; readonly arg: unknown } {
  const option = fieldsOf(node);
  return { name: textOf(option.defname), arg: option.arg };
}
