import { type Family, families } from "./action.js";
import { factSchemas } from "./generated.js";

/** A fact schema as `spec/facts` writes it: the part of JSON Schema that facts use, with HPL's own `x-hpl-` words. */
export interface FactSchema {
  readonly title?: string;
  readonly type?: "object" | "array" | "string" | "integer" | "boolean";
  readonly enum?: readonly string[];
  readonly items?: FactSchema;
  readonly properties?: { readonly [name: string]: FactSchema };
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | FactSchema;
  readonly description?: string;
  /** How `like` reads the text: where `*` stops. */
  readonly "x-hpl-format"?: "path" | "url_path" | "host" | "sql_name" | "email" | "ip";
  readonly "x-hpl-type"?: "Time" | "Label" | "Bytes" | "Detector";
  /** The policy works it out; a front end never sets it. */
  readonly "x-hpl-derived"?: boolean;
  /** Says how much is known; must not help a restriction not to fire. */
  readonly "x-hpl-knowledge"?: boolean;
  /** On a map: a key that is missing is unknown, not absent. */
  readonly "x-hpl-required-keys"?: boolean;
  readonly "x-hpl-family"?: string;
  readonly "x-hpl-root"?: string;
}

const schemas: { readonly [name: string]: FactSchema } = factSchemas;
const common: FactSchema = factSchemas.common;

/** Roots of the facts that every action has, in the order the module format numbers them. */
export const commonRoots = ["principal", "session", "connection", "now"] as const;

/** The schema of an action family's facts; null for a family that has none yet. */
export const schemaOfFamily = (family: Family): FactSchema | null => schemas[family] ?? null;

/** The family whose facts stand under the root `root` (`statement` is `sql`); null for a common root or none at all. */
export function familyOfRoot(root: string): Family | null {
  return families.find((family) => schemas[family]?.["x-hpl-root"] === root) ?? null;
}

/** The schema under the root `root`: a common one, or that of a family. */
export function schemaOfRoot(root: string): FactSchema | null {
  const own = familyOfRoot(root);
  return own === null ? (common.properties?.[root] ?? null) : schemaOfFamily(own);
}

/** Whether `schema` is a map from text to values of one type, whose keys need no declaration. */
export const isMap = (schema: FactSchema): boolean =>
  schema.type === "object" && typeof schema.additionalProperties === "object";

/** The schema one step below `schema`: a field, or the value of a map. */
export function schemaOfStep(schema: FactSchema, step: string): FactSchema | null {
  if (typeof schema.additionalProperties === "object") return schema.additionalProperties;
  return schema.properties?.[step] ?? null;
}

/** Position of a field's cell in its record. Fields stand in the order of the schema. */
export const slotOf = (schema: FactSchema, field: string): number =>
  Object.keys(schema.properties ?? {}).indexOf(field);
