import type { DataItem, ModuleTree } from "../../1-parse/ast.js";
import { badData } from "../../diagnostics/catalog.js";
import { limits, utf8Length } from "../../source/limits.js";
import type { SourceFile, Span } from "../../source/source-file.js";
import type { RegexCache } from "../regex/compile-regex.js";
import { type Place, report } from "../site.js";
import { findDataProblem, findSchemaProblem } from "./json-schema.js";

/** Where a `data` item's values and their schema are, as `SourceFile.path` writes paths; null outside the policy's folder. */
export function dataPathsOf(
  item: DataItem,
  tree: ModuleTree,
): { readonly file: string | null; readonly schema: string | null } {
  const schema = item.schema?.value ?? item.file.value.replace(/(?:\.json)?$/, ".schema.json");
  return { file: besidePolicy(item.file.value, tree.source), schema: besidePolicy(schema, tree.source) };
}

/** `path` relative to the folder of `source`. What leads out of that folder could be anything: it is refused. */
export function besidePolicy(path: string, source: SourceFile): string | null {
  const segments = path.split("/").filter((segment) => segment !== ".");
  if (segments.some((segment) => segment === ".." || segment === "") || /[\\\0:]/.test(path)) return null;
  return source.path.replace(/[^/]*$/, "") + segments.join("/");
}

/**
 * The value of the JSON file that `item` names, once its schema has been kept; undefined, and reported (HPL3019), when there
 * is none. `files` are what the caller has read.
 */
export function dataValueOf(
  item: DataItem,
  tree: ModuleTree,
  files: readonly SourceFile[],
  cache: RegexCache,
  place: Place,
): unknown {
  const paths = dataPathsOf(item, tree);
  const fail = (problem: string, help: string, span: Span = item.file.span): undefined => {
    report(place.site, badData(span, { problem, help }));
    return undefined;
  };
  if (paths.file === null || paths.schema === null)
    return fail("data files stand in the policy's own folder, or below it", "write a relative path without `..`");
  const value = readJson(paths.file, files);
  const schemaSpan = item.schema?.span ?? item.file.span;
  if (value.kind === "problem") return fail(value.problem, `it is looked for at \`${paths.file}\``);
  const schema = readJson(paths.schema, files);
  if (schema.kind === "problem")
    return fail(
      `the schema ${schema.problem}`,
      `every data file has one: it is looked for at \`${paths.schema}\``,
      schemaSpan,
    );
  const wrongSchema = findSchemaProblem(schema.value, cache);
  if (wrongSchema !== null)
    return fail(
      `the schema's \`${wrongSchema.path}\` ${wrongSchema.problem}`,
      "take it out, or write it with the keywords data files know",
      schemaSpan,
    );
  const wrong = findDataProblem(value.value, schema.value as { readonly [name: string]: unknown }, cache);
  if (wrong !== null) return fail(`\`${wrong.path}\` ${wrong.problem}`, `correct \`${paths.file}\`, or its schema`);
  return value.value;
}

/** A file as parsed JSON, or what is wrong with it. */
type Json =
  | { readonly kind: "value"; readonly value: unknown }
  | { readonly kind: "problem"; readonly problem: string };

export function readJson(path: string, files: readonly SourceFile[]): Json {
  const file = files.find((found) => found.path === path);
  if (file === undefined) return { kind: "problem", problem: "file is missing" };
  if (utf8Length(file.text) > limits.data_bytes_max)
    return { kind: "problem", problem: `file has more than ${limits.data_bytes_max} bytes` };
  try {
    const value: unknown = JSON.parse(file.text);
    if (!isDeeperThan(limits.nesting_max, value)) return { kind: "value", value };
    return { kind: "problem", problem: `file is nested more than ${limits.nesting_max} deep` };
  } catch (error) {
    return { kind: "problem", problem: `file is not JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
}

/** Level by level: what is deep must not end our own stack. */
function isDeeperThan(levels: number, value: unknown): boolean {
  const brackets = (values: readonly unknown[]) =>
    values.filter((found) => typeof found === "object" && found !== null);
  let level = brackets([value]);
  for (let depth = 0; depth < levels && level.length > 0; depth++)
    level = brackets(level.flatMap((found) => Object.values(found ?? {})));
  return level.length > 0;
}
