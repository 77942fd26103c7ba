import { isOpenList, isUnknown, type OpenList } from "./fact.js";
import { type FactSchema, isMap } from "./schema.js";

/**
 * Where `value`, parsed JSON, does not have the shape of `schema`: the path of the first such field, or null. Unknown values
 * and open lists fit everywhere; a missing field is never wrong; a field the schema does not have is, for it might have been
 * meant for one that it has. O(value).
 */
export function findIllTyped(value: unknown, schema: FactSchema, path: string): string | null {
  if (value === undefined || isUnknown(value)) return null;
  if (schema.type === "array") return findInList(value, schema.items ?? {}, path);
  if (schema.type === "object") return findInObject(value, schema, path);
  if (schema.type === "boolean") return typeof value === "boolean" ? null : path;
  if (schema.type === "integer") return Number.isSafeInteger(value) ? null : path;
  if (typeof value !== "string" || !value.isWellFormed()) return path;
  return schema.enum !== undefined && !schema.enum.includes(value) ? path : null;
}

function findInList(value: unknown, schema: FactSchema, path: string): string | null {
  const isOpen = typeof value === "object" && value !== null && isOpenList(value as OpenList<unknown>);
  const items: unknown = isOpen ? (value as OpenList<unknown>).items : value;
  if (!Array.isArray(items)) return path;
  return firstOf(
    items.map((item, i) => () => (item === undefined ? path : findIllTyped(item, schema, `${path}[${i}]`))),
  );
}

function findInObject(value: unknown, schema: FactSchema, path: string): string | null {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return path;
  return firstOf(
    Object.entries(value).map(([name, field]) => () => {
      const below = isMap(schema) ? (schema.additionalProperties as FactSchema) : schema.properties?.[name];
      if (below === undefined || below["x-hpl-derived"] || !name.isWellFormed()) return `${path}.${name}`;
      return findIllTyped(field, below, `${path}.${name}`);
    }),
  );
}

function firstOf(searches: readonly (() => string | null)[]): string | null {
  for (const search of searches) {
    const found = search();
    if (found !== null) return found;
  }
  return null;
}
