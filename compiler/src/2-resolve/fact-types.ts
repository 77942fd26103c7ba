import { type Family, factSchemas, families } from "@hpl/runtime/facts";

/** The type of a fact, or of a part of one. */
export type FactType =
  | { readonly kind: "Bool" | "Number" | "Time" | "Duration" | "Bytes" | "Group" | "Label" | "Grant" | "Detector" }
  /** `format` gives patterns their separator; null for plain text. */
  | { readonly kind: "Text"; readonly format: string | null }
  | { readonly kind: "Enum"; readonly members: readonly string[] }
  | { readonly kind: "List"; readonly item: FactType }
  /** Any key; a key that is not there reads as absent, but those in `keys` are as they were declared. */
  | { readonly kind: "Map"; readonly value: FactType; readonly keys: ReadonlyMap<string, FactField> }
  | { readonly kind: "Record"; readonly fields: ReadonlyMap<string, FactField> };

export interface FactField {
  readonly type: FactType;
  /** May be absent: needs a presence test. Maps do not, because each key reads as absent. */
  readonly optional: boolean;
  /** Says what is known, not what is done: no restriction may depend on it. */
  readonly knowledge: boolean;
  /** Where the record holds it, where that is not under its own name. */
  readonly steps?: readonly string[];
}

/** The first word of a fact path. */
export interface FactRoot extends FactField {
  readonly name: string;
  /** Null for the facts that every request has. */
  readonly family: Family | null;
  /** The root that it is a part of, and the steps to it: `claim` is `principal.claims`. */
  readonly at?: { readonly root: string; readonly steps: readonly string[] };
}

/** A fact that the policy declares: a key of `connection.labels` or `principal.claims`, or `connection.env`. */
export interface DeclaredFact {
  readonly of: "connection" | "claim";
  readonly name: string;
  readonly type: FactType;
  readonly optional: boolean;
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

/** What a proof may say of a decision. */
export const decisionRoots: ReadonlyMap<string, FactRoot> = new Map(
  [
    { name: "decision", type: { kind: "Enum", members: ["allow", "approve", "block"] } } as const,
    {
      name: "approvals",
      type: {
        kind: "Record",
        fields: new Map<string, FactField>([
          ["quorum", { type: { kind: "Number" }, optional: false, knowledge: false }],
          ["groups", { type: { kind: "List", item: { kind: "Group" } }, optional: false, knowledge: false }],
        ]),
      },
    } as const,
    { name: "masks", type: { kind: "List", item: { kind: "Label" } } } as const,
  ].map((root): [string, FactRoot] => [root.name, { ...root, family: null, optional: false, knowledge: false }]),
);

/** `factRoots` with what a policy declares: `connection.tier`, also as `connection.labels.tier`, and `claim.team` likewise. */
export function rootsWith(declared: readonly DeclaredFact[]): ReadonlyMap<string, FactRoot> {
  const fieldsOf = (of: DeclaredFact["of"]) =>
    declared
      .filter((fact) => fact.of === of)
      .map(({ name, type, optional }): [string, FactField] => [name, { type, optional, knowledge: false }]);
  const isEnv = ([name]: readonly [string, FactField]) => name === "env";
  const labels = fieldsOf("connection").filter((field) => !isEnv(field));
  const aliases = labels.map(([name, field]): [string, FactField] => [name, { ...field, steps: ["labels", name] }]);
  const claims = new Map(fieldsOf("claim"));
  const connection = withKeys("connection", "labels", new Map(labels));
  const roots = [
    withFields(connection, [...fieldsOf("connection").filter(isEnv), ...aliases]),
    withKeys("principal", "claims", claims),
    {
      name: "claim",
      family: null,
      type: { kind: "Record", fields: claims } as const,
      optional: false,
      knowledge: false,
      at: { root: "principal", steps: ["claims"] },
    },
  ];
  return new Map([...factRoots, ...roots.map((root): [string, FactRoot] => [root.name, root])]);
}

/** The root `name` with `keys` declared in its map `field`. */
function withKeys(name: string, field: string, keys: ReadonlyMap<string, FactField>): FactRoot {
  const root = rootNamed(name);
  const map = root.type.kind === "Record" ? root.type.fields.get(field) : undefined;
  if (map?.type.kind !== "Map") throw new Error(`HPL9001: \`${name}.${field}\` is not a map`);
  return withFields(root, [[field, { ...map, type: { ...map.type, keys } }]]);
}

function withFields(root: FactRoot, fields: readonly (readonly [string, FactField])[]): FactRoot {
  if (root.type.kind !== "Record") throw new Error(`HPL9001: \`${root.name}\` is not a record`);
  return { ...root, type: { kind: "Record", fields: new Map([...root.type.fields, ...fields]) } };
}

function rootNamed(name: string): FactRoot {
  const root = factRoots.get(name);
  if (root === undefined) throw new Error(`HPL9001: there is no root \`${name}\``);
  return root;
}

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
  if (schema["x-hpl-type"] === "Detector") return { kind: "Detector" };
  if (schema["x-hpl-type"] === "Time") return { kind: "Time" };
  if (schema["x-hpl-type"] === "Bytes") return { kind: "Bytes" };
  if (schema["x-hpl-type"] === "Duration") return { kind: "Duration" };
  switch (schema.type) {
    case "boolean":
      return { kind: "Bool" };
    case "integer":
      return { kind: "Number" };
    case "string":
      return { kind: "Text", format: schema["x-hpl-format"] ?? null };
    case "array":
      // The lists whose texts are names of things that policies declare, and call by those names.
      if (path === "principal.groups") return { kind: "List", item: { kind: "Group" } };
      if (path === "session.grants") return { kind: "List", item: { kind: "Grant" } };
      return { kind: "List", item: typeOf(schema.items ?? {}, path) };
    case "object":
      return objectOf(schema, path);
    default:
      throw new Error(`HPL9001: fact \`${path}\` has the unknown type ${JSON.stringify(schema.type)}`);
  }
}

function objectOf(schema: FactSchema, path: string): FactType {
  // Counters are read as `counter.name`: their keys are ids, which no path can write.
  if (path === "session.counters") return { kind: "Record", fields: new Map() };
  if (typeof schema.additionalProperties === "object")
    return { kind: "Map", value: typeOf(schema.additionalProperties, path), keys: new Map() };
  const names = Object.keys(schema.properties ?? {});
  return { kind: "Record", fields: new Map(names.map((name) => [name, fieldOf(schema, name, `${path}.${name}`)])) };
}
