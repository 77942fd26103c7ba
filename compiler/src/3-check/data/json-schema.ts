/**
 * Checks a value against a JSON Schema, of which data files may use a part: enough to say what a list or a table of names
 * holds, and small enough that everything a schema says is checked. A keyword beyond it is a problem of the schema, never
 * passed over. Both are no deeper than `limits.nesting_max`: whoever read them has seen to it. Patterns are HPL's own regular expressions between `^` and `$`. Out comes the first thing that is wrong, with
 * its path, or nothing. O(value * schema). Absent: references, formats, combinations.
 */
import type { Span } from "../../source/source-file.js";
import { accepts } from "../regex/automaton.js";
import { compileRegex, type RegexCache } from "../regex/compile-regex.js";

/** Something wrong at `path`, which is `$`, `$.oncall`, `$.oncall[2]` and so on. */
export interface JsonProblem {
  readonly path: string;
  readonly problem: string;
}

type JsonObject = { readonly [name: string]: unknown };

const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
const isText = (value: unknown): boolean => typeof value === "string";

const typeNames = ["object", "array", "string", "integer", "number", "boolean", "null"] as const;

type Requirement = readonly [is: string, test: (value: unknown) => boolean];

/** What each keyword of a schema has to be, in words and as a test. Those about the schema itself say nothing of values. */
const keywords: ReadonlyMap<string, Requirement> = new Map<string, Requirement>([
  ["type", [`one of ${typeNames.join(", ")}`, (value) => typeNames.some((name) => name === value)]],
  ["enum", ["a list", Array.isArray]],
  ["const", ["a value", () => true]],
  ["properties", ["an object", isObject]],
  ["required", ["a list of texts", (value) => Array.isArray(value) && value.every(isText)]],
  ["additionalProperties", ["a schema or a Boolean", (value) => typeof value === "boolean" || isObject(value)]],
  ["items", ["a schema", isObject]],
  ...["minItems", "maxItems", "minLength", "maxLength"].map((name) => [name, ["a count", isCount]] as const),
  ["uniqueItems", ["a Boolean", (value) => typeof value === "boolean"]],
  ...["minimum", "maximum"].map((name) => [name, ["a number", (value: unknown) => typeof value === "number"]] as const),
  ["pattern", ["a text", isText]],
  ...["$schema", "$id", "title", "description"].map((name) => [name, ["a text", isText]] as const),
]);

/** What is wrong with `schema` itself. Patterns are compiled into `cache`. */
export function findSchemaProblem(schema: unknown, cache: RegexCache, path = "$"): JsonProblem | null {
  if (!isObject(schema)) return { path, problem: "is not an object" };
  for (const [name, value] of Object.entries(schema)) {
    const keyword = keywords.get(name);
    if (keyword === undefined) return { path: `${path}.${name}`, problem: "is a keyword that data files do not know" };
    if (!keyword[1](value)) return { path: `${path}.${name}`, problem: `is not ${keyword[0]}` };
  }
  const pattern = typeof schema.pattern === "string" ? patternProblem(schema.pattern, cache) : null;
  if (pattern !== null) return { path: `${path}.pattern`, problem: pattern };
  return firstOf(
    partsOf(schema).map(
      ([name, part]) =>
        () =>
          findSchemaProblem(part, cache, `${path}.${name}`),
    ),
  );
}

/** The schemas inside `schema`. */
function partsOf({ properties, items, additionalProperties }: JsonObject): readonly (readonly [string, unknown])[] {
  const named = isObject(properties) ? Object.entries(properties) : [];
  return [
    ...named.map(([name, part]) => [`properties.${name}`, part] as const),
    ...(items === undefined ? [] : [["items", items] as const]),
    ...(isObject(additionalProperties) ? [["additionalProperties", additionalProperties] as const] : []),
  ];
}

const nowhere: Span = { file: 0, start: 0, end: 0 };

function patternProblem(pattern: string, cache: RegexCache): string | null {
  if (!/^\^[\s\S]*\$$/.test(pattern)) return "is not written between `^` and `$`";
  const output = compileRegex(pattern.slice(1, -1), nowhere, cache);
  return output.kind === "problem" ? output.diagnostic.message : null;
}

/** What is wrong with `value`, by a schema that is itself in order. */
export function findDataProblem(value: unknown, schema: JsonObject, cache: RegexCache, path = "$"): JsonProblem | null {
  const own = typeProblem(value, schema) ?? choiceProblem(value, schema);
  if (own !== null) return { path, problem: own };
  if (typeof value === "string") return at(path, textProblem(value, schema, cache));
  if (typeof value === "number") return at(path, numberProblem(value, schema));
  if (Array.isArray(value)) return at(path, listProblem(value, schema)) ?? inItems(value, schema, cache, path);
  return isObject(value) ? inFields(value, schema, cache, path) : null;
}

const at = (path: string, problem: string | null): JsonProblem | null => (problem === null ? null : { path, problem });

function typeProblem(value: unknown, { type }: JsonObject): string | null {
  if (type === undefined || type === typeOf(value)) return null;
  if (type === "number" && typeof value === "number") return null;
  return `is ${typeOf(value)}, not ${type}`;
}

function typeOf(value: unknown): (typeof typeNames)[number] {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value === "string" ? "string" : typeof value === "boolean" ? "boolean" : "object";
}

function choiceProblem(value: unknown, schema: JsonObject): string | null {
  const isSame = (choice: unknown) => JSON.stringify(choice) === JSON.stringify(value);
  if (Array.isArray(schema.enum) && !schema.enum.some(isSame))
    return `is ${JSON.stringify(value).slice(0, 64)}, which is not listed in \`enum\``;
  return Object.hasOwn(schema, "const") && !isSame(schema.const) ? "is not the value of `const`" : null;
}

function textProblem(value: string, schema: JsonObject, cache: RegexCache): string | null {
  const length = [...value].length;
  const { minLength, maxLength, pattern } = schema;
  if (typeof minLength === "number" && length < minLength) return `is shorter than ${minLength}`;
  if (typeof maxLength === "number" && length > maxLength) return `is longer than ${maxLength}`;
  if (typeof pattern !== "string") return null;
  const output = compileRegex(pattern.slice(1, -1), nowhere, cache);
  const isMatch = output.kind === "regex" && accepts(output.regex.automaton, new TextEncoder().encode(value));
  return isMatch ? null : `does not match \`${pattern}\``;
}

function numberProblem(value: number, { minimum, maximum }: JsonObject): string | null {
  if (typeof minimum === "number" && value < minimum) return `is less than ${minimum}`;
  return typeof maximum === "number" && value > maximum ? `is more than ${maximum}` : null;
}

function listProblem(value: readonly unknown[], { minItems, maxItems, uniqueItems }: JsonObject): string | null {
  if (typeof minItems === "number" && value.length < minItems) return `has fewer than ${minItems} items`;
  if (typeof maxItems === "number" && value.length > maxItems) return `has more than ${maxItems} items`;
  const isUnique = new Set(value.map((item) => JSON.stringify(item))).size === value.length;
  return uniqueItems === true && !isUnique ? "has an item twice" : null;
}

function inItems(
  value: readonly unknown[],
  { items }: JsonObject,
  cache: RegexCache,
  path: string,
): JsonProblem | null {
  if (!isObject(items)) return null;
  return firstOf(value.map((item, i) => () => findDataProblem(item, items, cache, `${path}[${i}]`)));
}

function inFields(value: JsonObject, schema: JsonObject, cache: RegexCache, path: string): JsonProblem | null {
  const { properties, required, additionalProperties } = schema;
  const missing = Array.isArray(required) ? required.find((name: string) => !Object.hasOwn(value, name)) : undefined;
  if (missing !== undefined) return { path: `${path}.${missing}`, problem: "is missing" };
  return firstOf(
    Object.entries(value).map(([name, field]) => () => {
      const below = isObject(properties) && Object.hasOwn(properties, name) ? properties[name] : additionalProperties;
      if (below === false) return { path: `${path}.${name}`, problem: "is not in the schema" };
      return isObject(below) ? findDataProblem(field, below, cache, `${path}.${name}`) : null;
    }),
  );
}

function firstOf(searches: readonly (() => JsonProblem | null)[]): JsonProblem | null {
  for (const search of searches) {
    const found = search();
    if (found !== null) return found;
  }
  return null;
}
