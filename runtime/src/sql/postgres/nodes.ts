/**
 * Reading parse trees. A node stands either wrapped, `{"FuncCall": {..}}`, where the grammar allows several kinds, or
 * bare, `{..}`, where it allows one. We call the inside `Fields`. Missing fields mean the default: false, 0, "", no
 * list.
 */
import { nodeFields } from "./data/nodes.generated.js";

export interface Fields {
  readonly [field: string]: unknown;
}

const isObject = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The kind of a wrapped node; "" for an empty node, which stands for an absent list member. */
export function kindOf(node: unknown): string {
  if (isObject(node)) for (const kind in node) return kind;
  return "";
}

/** The fields of a wrapped node. */
export function fieldsOf(node: unknown): Fields {
  if (isObject(node)) for (const kind in node) return bare(node[kind]) ?? {};
  return {};
}

/** The fields of a wrapped node when it is of `kind`, else null. */
export function only(kind: string, node: unknown): Fields | null {
  return isObject(node) && Object.hasOwn(node, kind) ? bare(node[kind]) : null;
}

/** The fields of a bare node; null when it is absent. */
export const bare = (value: unknown): Fields | null => (isObject(value) ? value : null);

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

export const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

/** The strings of a list of `String` nodes; members of other kinds are left out. */
export function stringsOf(list: unknown): readonly string[] {
  const strings: string[] = [];
  for (const node of listOf(list)) {
    const string = only("String", node);
    if (string !== null) strings.push(textOf(string.sval));
  }
  return strings;
}

/** What a field may hold: a scalar, any wrapped node, or a bare node of one kind; possibly a list of them. */
export interface FieldShape {
  readonly kind: string | "scalar" | "node";
  readonly list: boolean;
}

/** Every node kind of the newest grammar, with the shape of its fields. */
export const grammarNodes: ReadonlyMap<string, ReadonlyMap<string, FieldShape>> = new Map(
  nodeFields
    .trim()
    .split("\n")
    .map((line) => {
      const [kind = "", ...fields] = line.split(" ");
      return [kind, new Map(fields.map(fieldShape))];
    }),
);

function fieldShape(field: string): readonly [string, FieldShape] {
  const [name = "", shape = "scalar"] = field.split(":");
  const kind = shape.replace("[]", "");
  return [name, { kind: kind === "Node" ? "node" : kind, list: shape.endsWith("[]") }];
}
