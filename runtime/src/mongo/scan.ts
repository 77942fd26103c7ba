/**
 * What stands inside conditions and pipelines: collections that are read or written, code, and whether a condition restricts.
 * Depth is that of the document, which whoever read it has limited.
 */
import { isJsonObject, type JsonObject } from "../facts/wire.js";
import { readingStages } from "./commands.js";

/** What a walk through a command has found. */
export interface Found {
  readonly read: Set<string>;
  readonly changed: Set<string>;
  runs_code: boolean;
  readonly reasons: Set<string>;
}

const coding = new Set(["$where", "$function", "$accumulator"]);

/** JavaScript anywhere in `value`, and collections that a nested pipeline names. */
export function scanValue(value: unknown, database: string, found: Found): void {
  const pending: unknown[] = [value];
  while (pending.length > 0) {
    const each = pending.pop();
    if (Array.isArray(each)) pending.push(...each);
    if (!isJsonObject(each)) continue;
    for (const [name, inner] of Object.entries(each)) {
      if (coding.has(name)) found.runs_code = true;
      if (name === "$lookup" || name === "$graphLookup" || name === "$unionWith") noteSource(inner, database, found);
      if (name === "$out" || name === "$merge") noteTarget(name, inner, database, found);
      pending.push(inner);
    }
  }
}

/** A pipeline: besides what is in it, every stage must be one that is known. */
export function scanPipeline(pipeline: unknown, database: string, found: Found): void {
  scanValue(pipeline, database, found);
  if (!Array.isArray(pipeline)) {
    found.reasons.add("pipeline");
    return;
  }
  for (const stage of pipeline) {
    const [name, ...more] = isJsonObject(stage) ? Object.keys(stage) : [];
    const isKnown = name !== undefined && (readingStages.has(name) || name === "$out" || name === "$merge");
    if (!isKnown || more.length > 0) found.reasons.add(`unknown_stage:${name ?? ""}`);
  }
}

function noteSource(stage: unknown, database: string, found: Found): void {
  const from = isJsonObject(stage) ? (stage.from ?? stage.coll) : stage;
  const name = nameOf(from, database);
  // `$lookup` without `from` reads the documents in its own pipeline.
  if (name !== null) found.read.add(name);
  else if (from !== undefined) found.reasons.add("collection");
}

function noteTarget(stage: string, value: unknown, database: string, found: Found): void {
  const into = stage === "$merge" && isJsonObject(value) ? value.into : value;
  const name = nameOf(into, database);
  if (name !== null) found.changed.add(name);
  else found.reasons.add("collection");
}

/** `name`, or `{db, coll}`, as `database.collection`. */
export function nameOf(value: unknown, database: string): string | null {
  if (typeof value === "string") return `${database}.${value}`;
  if (!isJsonObject(value) || typeof value.coll !== "string") return null;
  return `${typeof value.db === "string" ? value.db : database}.${value.coll}`;
}

/**
 * Whether a condition can be false for some document: it can when it compares a field with a value. An empty one is always
 * true; of any other nobody can tell without the documents.
 */
export function restricts(filter: unknown): boolean | null {
  if (!isJsonObject(filter)) return null;
  const conditions = Object.entries(filter).filter(([name]) => name !== "$comment");
  if (conditions.length === 0) return false;
  const answers = conditions.map(([name, value]) => (name === "$and" ? anyOf(value) : comparesField(name, value)));
  if (answers.includes(true)) return true;
  return answers.every((answer) => answer === false) ? false : null;
}

function anyOf(conditions: unknown): boolean | null {
  if (!Array.isArray(conditions)) return null;
  const answers = conditions.map(restricts);
  if (answers.includes(true)) return true;
  return answers.every((answer) => answer === false) ? false : null;
}

function comparesField(name: string, value: unknown): boolean | null {
  if (name.startsWith("$")) return null;
  if (!isJsonObject(value)) return value !== null;
  return isEquality(value) ? true : null;
}

/** Extended JSON (`{"$oid": ".."}`) is a value; `$eq` and `$in` compare with one. */
function isEquality(value: JsonObject): boolean {
  const [operator = "", ...more] = Object.keys(value);
  if (more.length > 0) return !operator.startsWith("$");
  if (/^\$(?:oid|date|uuid|number\w+|numberDecimal|binary|symbol)$/.test(operator)) return true;
  if (operator === "$in") return Array.isArray(value.$in) && !value.$in.includes(null);
  return operator === "$eq" ? value.$eq !== null : !operator.startsWith("$");
}
