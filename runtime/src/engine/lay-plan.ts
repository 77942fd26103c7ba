import { type ModuleMetaReads, readsOfField } from "../abi/meta.js";
import { type FactSchema, isMap } from "../facts/schema.js";

/**
 * How a value is laid: what its schema says, less what no rule reads. A field that is not read keeps its cell, because fields
 * are found by position, but nothing is copied for it. Worked out once a module.
 */
export type LayPlan =
  | { readonly kind: "unread" }
  | { readonly kind: "text" | "number" | "boolean" }
  | { readonly kind: "list"; readonly item: LayPlan }
  | { readonly kind: "record"; readonly fields: readonly FieldPlan[] }
  /** A key that is missing is unknown when `isOpen`, else absent. */
  | { readonly kind: "map"; readonly value: LayPlan; readonly isOpen: boolean };

export interface FieldPlan {
  readonly name: string;
  readonly plan: LayPlan;
  /** A required field that is missing is unknown, any other absent. */
  readonly isRequired: boolean;
}

/** The plan for a value of `schema`, of which `reads` is read: all of it, nothing, or parts. */
export function layPlanOf(schema: FactSchema, reads: ModuleMetaReads | true | undefined): LayPlan {
  if (reads === undefined) return { kind: "unread" };
  if (schema.type === "array") return { kind: "list", item: layPlanOf(schema.items ?? {}, reads) };
  if (schema.type === "boolean") return { kind: "boolean" };
  if (schema.type === "integer") return { kind: "number" };
  if (schema.type !== "object") return { kind: "text" };
  if (!isMap(schema)) return { kind: "record", fields: fieldsOf(schema, reads) };
  const value = layPlanOf(schema.additionalProperties as FactSchema, true);
  return { kind: "map", value, isOpen: schema["x-hpl-required-keys"] === true };
}

const fieldsOf = (
  { properties = {}, required = [] }: FactSchema,
  reads: ModuleMetaReads | true,
): readonly FieldPlan[] =>
  Object.entries(properties).map(([name, schema]) => ({
    name,
    plan: layPlanOf(schema, readsOfField(reads, name)),
    isRequired: required.includes(name),
  }));
