import {
  FACT_TEXT_SIZE_MAX,
  type FactSchema,
  type Family,
  isOpenList,
  isUnknown,
  schemaOfFamily,
  schemaOfRoot,
  schemaOfStep,
} from "@hpl/runtime/facts";
import type { FactPath } from "../3-check/checked.js";

/** What stands at a path: nothing, something nobody knows, or a value. */
export type Value =
  | { readonly kind: "absent" }
  /** `reason` in the words of a decision's `reasons`. */
  | { readonly kind: "unknown"; readonly reason: string }
  | { readonly kind: "scalar"; readonly value: string | number | boolean }
  | { readonly kind: "list"; readonly items: readonly Value[]; readonly open: boolean }
  | { readonly kind: "record"; readonly fields: Readonly<Record<string, unknown>>; readonly schema: FactSchema };

const absent: Value = { kind: "absent" };
const unknownValue = (reason: string): Value => ({ kind: "unknown", reason });
/** A required fact that the request does not have. */
const missing = unknownValue("missing");
const illTyped = unknownValue("ill_typed");

/** Facts of one action by root, the offsets of time zones, and the items enclosing quantifiers stand on, innermost first. */
export interface Scope {
  readonly roots: Readonly<Record<string, unknown>>;
  /** Minutes east of UTC, by IANA name. */
  readonly zones: Readonly<Record<string, number>>;
  readonly items: readonly Value[];
}

/** The value at `path`. A missing field is unknown when its schema requires it, else absent. */
export function readFact(path: FactPath, scope: Scope): Value {
  let value = typeof path.root === "string" ? readRoot(path.root, scope) : (scope.items[path.root.item] ?? missing);
  for (const step of path.steps) {
    if (value.kind === "absent") return absent;
    if (value.kind === "unknown") return value;
    if (value.kind !== "record") return illTyped;
    value = readField(value.fields, value.schema, step);
  }
  return value;
}

function readRoot(root: string, scope: Scope): Value {
  const schema = schemaOfRoot(root);
  if (schema === null) return illTyped;
  return asValue(scope.roots[root], schema);
}

export function readField(fields: Readonly<Record<string, unknown>>, schema: FactSchema, field: string): Value {
  const below = schemaOfStep(schema, field);
  if (below === null) return illTyped;
  const raw = Object.hasOwn(fields, field) ? fields[field] : undefined;
  if (raw === undefined) return isRequired(schema, field) ? missing : absent;
  return asValue(raw, below);
}

const isRequired = (schema: FactSchema, field: string): boolean =>
  schema["x-hpl-required-keys"] === true || (schema.required?.includes(field) ?? false);

/** `raw` read by `schema`. Anything of another type is unknown. */
export function asValue(raw: unknown, schema: FactSchema): Value {
  if (raw === undefined || raw === null) return missing;
  if (isUnknown(raw)) return unknownValue(String(raw["?"]));
  if (schema.type === "array") return listOf(raw, schema.items ?? {});
  if (schema.type === "object")
    return typeof raw === "object" ? { kind: "record", fields: raw as Record<string, unknown>, schema } : illTyped;
  const expected = schema.type === "integer" ? "number" : schema.type === "boolean" ? "boolean" : "string";
  if (typeof raw !== expected) return illTyped;
  if (typeof raw === "string" && isTooLong(raw)) return unknownValue("too_long");
  return { kind: "scalar", value: raw as string | number | boolean };
}

// A UTF-16 code unit is at most three bytes: most texts need no counting.
const isTooLong = (text: string): boolean =>
  text.length * 3 > FACT_TEXT_SIZE_MAX && new TextEncoder().encode(text).length > FACT_TEXT_SIZE_MAX;

function listOf(raw: unknown, schema: FactSchema): Value {
  const isOpen = !Array.isArray(raw) && isOpenList(raw as never);
  const items: unknown = isOpen ? (raw as { items: unknown }).items : raw;
  if (!Array.isArray(items)) return illTyped;
  return { kind: "list", open: isOpen, items: items.map((item) => asValue(item, schema)) };
}

/** Roots that a request's context and an action give. An opaque action gives its family's root as unknown. */
export function rootsOf(context: object, family: Family, facts: unknown): Readonly<Record<string, unknown>> {
  const root = schemaOfFamily(family)?.["x-hpl-root"];
  return root === undefined ? { ...context } : { ...context, [root]: facts };
}
