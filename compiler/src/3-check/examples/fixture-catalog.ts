import type { FixtureField, FixtureItem, ModuleTree, Text } from "../../1-parse/ast.js";
import { badData } from "../../diagnostics/catalog.js";
import { besidePolicy, readJson } from "../data/data-files.js";
import { type Place, report } from "../site.js";

/**
 * `catalog: "shop.catalog.json"` of a connection: what its database holds, in the shape of DESIGN section 8, so that examples
 * see views, types and `*` as a gateway does. It is no fact: conditions cannot read it.
 */
export const isCatalogField = (of: string, { name }: FixtureField): boolean =>
  of === "connection" && name.text === "catalog";

function catalogText(item: FixtureItem): Text | null {
  const field = item.fields.find((each) => isCatalogField(item.of.text, each));
  return field?.value.kind === "Value" && field.value.value.kind === "Text" ? field.value.value : null;
}

/** Where the catalog of a fixture is, as `SourceFile.path` writes paths; null without one, or outside the policy's folder. */
export function catalogPathOf(item: FixtureItem, tree: ModuleTree): string | null {
  const text = catalogText(item);
  return text === null ? null : besidePolicy(text.value, tree.source);
}

/** The catalog of a fixture as parsed JSON; null without one. A file that is missing or is no catalog is HPL3019. */
export function catalogOf(item: FixtureItem, tree: ModuleTree, place: Place): unknown {
  const field = item.fields.find((each) => isCatalogField(item.of.text, each));
  if (field === undefined) return null;
  const path = catalogPathOf(item, tree);
  const fail = (problem: string, help: string): null => {
    report(place.site, badData(field.value.span, { problem, help }));
    return null;
  };
  if (path === null)
    return fail("a catalog is a file in the policy's own folder, or below it", "write its name in quotes");
  const json = readJson(path, place.site.checker.files);
  if (json.kind === "problem") return fail(`the catalog ${json.problem}`, `it is looked for at \`${path}\``);
  const needs = "a catalog is an object with `search_path`, a list, and `schemas`, an object";
  return isCatalog(json.value) ? json.value : fail(`\`${path}\` is no catalog`, needs);
}

function isCatalog(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { search_path, schemas } = value as { readonly search_path?: unknown; readonly schemas?: unknown };
  const isPath = Array.isArray(search_path) && search_path.every((name) => typeof name === "string");
  return isPath && typeof schemas === "object" && schemas !== null && Object.values(schemas).every(isSchema);
}

/** Tables by name, each with a list of columns that have a name and a type. */
const isSchema = (schema: unknown): boolean =>
  typeof schema === "object" &&
  schema !== null &&
  Object.values(schema).every(
    (table: { readonly columns?: unknown } | null) =>
      Array.isArray(table?.columns) &&
      table.columns.every(
        (column: { readonly name?: unknown; readonly type?: unknown } | null) =>
          typeof column?.name === "string" && typeof column.type === "string",
      ),
  );
