/**
 * A BigQuery job, as `jobs.insert` takes it, as a call of the cloud and the statement it runs.
 *
 * In: the job resource (`configuration`, and `statistics` where its dry run was answered). Out: a `cloud` action, and the SQL
 * of a query with what it is expected to read. A query that only runs its statement is that statement: the call is part of it.
 * One that also keeps its result in a table, or has settings that nobody listed here, is a call that the statement is part of.
 * Absent: sessions, user-defined functions in files, views.
 */
import { type Fact, unknown } from "../facts/fact.js";
import type { Estimate, WireAnalysis, WireStatement } from "../facts/front-end.js";
import type { CloudFacts } from "../facts/generated.js";
import { isJsonObject, type JsonObject } from "../facts/wire.js";
import type { CloudEffect } from "./verbs.js";

const kinds = ["query", "load", "extract", "copy"] as const;
type Kind = (typeof kinds)[number];

const effectsOf: Readonly<Record<Kind, readonly CloudEffect[]>> = {
  query: ["read"],
  load: ["write"],
  extract: ["read", "export"],
  copy: ["write"],
};

/** One call, and what it runs; opaque when the job does not say what it is. Total; O(size of the job). */
export function analyseBigQueryJob(job: JsonObject): WireAnalysis {
  const { configuration } = job;
  const given = isJsonObject(configuration) ? kinds.filter((kind) => isJsonObject(configuration[kind])) : [];
  const [kind, ...more] = given;
  if (!isJsonObject(configuration) || kind === undefined || more.length > 0)
    return { actions: [{ family: "cloud", opaque: true, reasons: ["job"] }] };
  const settings = configuration[kind] as JsonObject;
  const isDry = configuration.dryRun === true;
  if (kind !== "query") return { actions: [callOf(job, kind, isDry ? ["read"] : effectsOf[kind], targetOf(settings))] };
  const is_all = isDry || isPlain(settings);
  const database = datasetOf(job, settings);
  const effects: readonly CloudEffect[] = is_all ? ["read"] : ["read", "write"];
  const statement: WireStatement = {
    dialect: "bigquery",
    text: database === null && settings.defaultDataset !== undefined ? unknown("default_dataset") : textOf(settings),
    database,
    estimate: estimateOf(job, settings, isDry),
    is_all,
  };
  return { actions: [callOf(job, kind, effects, is_all ? "" : targetOf(settings))], statement };
}

/** Settings that do not change what a statement does, or limit it. */
const harmless: ReadonlySet<string> = new Set([
  "query",
  "useLegacySql",
  "useQueryCache",
  "maximumBytesBilled",
  "priority",
  "queryParameters",
  "parameterMode",
  "allowLargeResults",
  "flattenResults",
  "maximumBillingTier",
  "defaultDataset",
]);

const isPlain = (settings: JsonObject): boolean => Object.keys(settings).every((name) => harmless.has(name));

/** Legacy SQL is another language, and the default of the API: only what is said to be standard is read. */
function textOf({ query, useLegacySql }: JsonObject): Fact<string> {
  if (typeof query !== "string") return unknown("query");
  const isMarked = /^\s*#standardSQL\b/i.test(query);
  return useLegacySql === false || isMarked ? query : unknown("legacy_sql");
}

/** Where names that name no dataset are looked up; null without one, and for one of another project. */
function datasetOf({ jobReference }: JsonObject, { defaultDataset }: JsonObject): string | null {
  if (!isJsonObject(defaultDataset) || typeof defaultDataset.datasetId !== "string") return null;
  const { projectId, datasetId } = defaultDataset;
  const own = isJsonObject(jobReference) ? jobReference.projectId : undefined;
  return projectId === undefined || projectId === own ? datasetId : null;
}

/** What a dry run has found, or the ceiling, if that is lower: a job that would pass it fails before it runs. A dry run reads nothing. */
function estimateOf({ statistics }: JsonObject, { maximumBytesBilled }: JsonObject, isDry: boolean): Estimate | null {
  const query = isJsonObject(statistics) ? statistics.query : undefined;
  const found = isJsonObject(statistics)
    ? [statistics.totalBytesProcessed, isJsonObject(query) ? query.totalBytesProcessed : undefined]
    : [];
  const known = found.flatMap(countOf);
  if (isDry && known.length === 0) return { bytes: 0 };
  const ceiling = countOf(maximumBytesBilled).filter((bytes) => bytes > 0);
  const bounds = [...(known.length === 0 ? [] : [Math.max(...known)]), ...ceiling];
  return bounds.length === 0 ? null : { bytes: Math.min(...bounds) };
}

/** The API writes 64-bit numbers as text. One that no fact can hold is no number. */
function countOf(value: unknown): readonly number[] {
  const count = typeof value === "string" && /^\d{1,15}$/.test(value) ? Number(value) : value;
  return typeof count === "number" && Number.isSafeInteger(count) && count >= 0 ? [count] : [];
}

/** The table that is written, or read for an extract: `project:dataset.table`. */
function targetOf(settings: JsonObject): Fact<string> {
  const table = settings.destinationTable ?? settings.sourceTable;
  if (table === undefined) return "";
  if (!isJsonObject(table)) return unknown("table");
  const { projectId, datasetId, tableId } = table;
  if (typeof datasetId !== "string" || typeof tableId !== "string") return unknown("table");
  return `${typeof projectId === "string" ? `${projectId}:` : ""}${datasetId}.${tableId}`;
}

function callOf(
  { jobReference, projectId }: JsonObject,
  verb: Kind,
  effects: readonly CloudEffect[],
  resource: Fact<string>,
) {
  const project = isJsonObject(jobReference) ? jobReference.projectId : projectId;
  const reasons = typeof resource === "string" ? [] : [resource["?"]];
  const facts: CloudFacts = {
    provider: "gcp",
    service: "bigquery",
    verb,
    resource,
    project: typeof project === "string" ? project : "",
    mutates: effects.includes("write"),
    effects,
    complete: reasons.length === 0,
    reasons,
  };
  return { family: "cloud", opaque: false, facts } as const;
}
