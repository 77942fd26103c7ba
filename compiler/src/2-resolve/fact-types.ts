import { type Family, factSchemas, families } from "@hpl/runtime/facts";

/** The type of a fact, or of a part of one. */
export type FactType =
  | { readonly kind: "Bool" | "Number" | "Time" | "Group" | "Label" }
  /** `format` gives patterns their separator; null for plain text. */
  | { readonly kind: "Text"; readonly format: string | null }
  | { readonly kind: "Enum"; readonly members: readonly string[] }
  | { readonly kind: "List"; readonly item: FactType }
  /** Any key; a key that is not there reads as absent. */
  | { readonly kind: "Map"; readonly value: FactType }
  | { readonly kind: "Record"; readonly fields: ReadonlyMap<string, FactField> };

export interface FactField {
  readonly type: FactType;
  /** May be absent: needs a presence test. Maps do not, because each key reads as absent. */
  readonly optional: boolean;
  /** Says what is known, not what is done: no restriction may depend on it. */
  readonly knowledge: boolean;
}

/** The first word of a fact path. */
export interface FactRoot extends FactField {
  readonly name: string;
  /** Null for the facts that every request has. */
  readonly family: Family | null;
}

/** The part of JSON Schema that `spec/facts` uses. */
interface FactSchema {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly items?: FactSchema;
  readonly properties?: Readonly<Record<string, FactSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | FactSchema;
  readonly "x-hpl-root"?: string;
  readonly "x-hpl-family"?: string;
  readonly "x-hpl-format"?: string;
  readonly "x-hpl-type"?: string;
  readonly "x-hpl-knowledge"?: boolean;
  readonly "x-hpl-derived"?: boolean;
}

/** All roots of fact paths: `principal`, `session`, `connection`, `now`, and one for each family with a schema. */
export const factRoots: ReadonlyMap<string, FactRoot> = new Map(
  Object.values(factSchemas)
    .flatMap((schema: FactSchema) => rootsOf(schema))
    .map((root) => [root.name, root]),
);

function rootsOf(schema: FactSchema): readonly FactRoot[] {
  const name = schema["x-hpl-root"];
  const family = families.find((known) => known === schema["x-hpl-family"]) ?? null;
  if (name !== undefined) return [{ name, family, type: typeOf(schema, name), optional: false, knowledge: false }];
  return Object.keys(schema.properties ?? {}).map((field) => ({
    name: field,
    family: null,
    ...fieldOf(schema, field),
  }));
}

function fieldOf(schema: FactSchema, name: string, path = name): FactField {
  const field = schema.properties?.[name] ?? {};
  const type = typeOf(field, path);
  // What the policy works out itself, no request has, and no decision lacks.
  const isRequired = (schema.required?.includes(name) ?? false) || field["x-hpl-derived"] === true;
  return { type, optional: !isRequired && type.kind !== "Map", knowledge: field["x-hpl-knowledge"] ?? false };
}

function typeOf(schema: FactSchema, path: string): FactType {
  if (schema.enum !== undefined) return { kind: "Enum", members: schema.enum };
  if (schema["x-hpl-type"] === "Label") return { kind: "Label" };
  if (schema["x-hpl-type"] === "Time") return { kind: "Time" };
  switch (schema.type) {
    case "boolean":
      return { kind: "Bool" };
    case "integer":
      return { kind: "Number" };
    case "string":
      return { kind: "Text", format: schema["x-hpl-format"] ?? null };
    case "array":
      // The one list whose texts are names of groups: policies call them by the names they declare.
      if (path === "principal.groups") return { kind: "List", item: { kind: "Group" } };
      return { kind: "List", item: typeOf(schema.items ?? {}, path) };
    case "object":
      return objectOf(schema, path);
    default:
      throw new Error(`HPL9001: fact \`${path}\` has the unknown type ${JSON.stringify(schema.type)}`);
  }
}

function objectOf(schema: FactSchema, path: string): FactType {
  if (typeof schema.additionalProperties === "object")
    return { kind: "Map", value: typeOf(schema.additionalProperties, path) };
  const names = Object.keys(schema.properties ?? {});
  return { kind: "Record", fields: new Map(names.map((name) => [name, fieldOf(schema, name, `${path}.${name}`)])) };
}
