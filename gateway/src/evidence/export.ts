/**
 * Exports evidence: what an auditor asks for a period, as files that can be checked without the gateway.
 *
 * In: a log, a period, a control or none. Out: a folder with the population, a sample that nobody chose, a folder for each item of
 * the sample (the event, its proof, the approval with the reviewers' reasons, the policy as it was), the proof that nothing is
 * missing, a report to read, and the hashes of all of it. The same log, period and seed give the same files but for the time
 * in them. Recordings of the sample are there as far as they were kept; they alone may hold values, as the client saw them. Absent:
 * judgement of what was found.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { readBlob, sha256Of } from "../audit/blobs.js";
import { writeProof } from "../audit/proof.js";
import { lineAt } from "../audit/segments.js";
import { proveCompleteness } from "./completeness.js";
import { type ControlSummary, controlsOf, servingRules, summarize } from "./controls.js";
import { toCsv } from "./csv.js";
import { nameOf, populationHeader, populationRow } from "./population.js";
import { type Item, type Period, type PeriodRecord, type Revision, readPeriod } from "./read-period.js";
import { proveRecording } from "./recordings.js";
import { renderReport } from "./report.js";
import { drawSample } from "./sample.js";

/** Compiles sources, and gives the digest of what they mean; null when they do not compile. */
export type DigestOfSources = (sources: readonly { readonly path: string; readonly text: string }[]) => string | null;

export interface ExportOptions {
  /** The log's folder. */
  readonly log: string;
  readonly period: Period;
  readonly control: string | null;
  readonly sample_count: number;
  readonly seed: string;
  /** Folder to write; must not exist, or be empty. */
  readonly output: string;
  /** Name and version of the program, for the report. */
  readonly generator: string;
  readonly now: Date;
  readonly digestOf: DigestOfSources;
}

export interface Exported {
  readonly items: number;
  readonly sample: number;
  readonly files: number;
  readonly controls: readonly ControlSummary[];
  /** Everything an auditor must be told: findings of controls, faults of the log, gaps, sources that do not match. */
  readonly findings: readonly string[];
}

export type ExportEvidence =
  | { readonly ok: true; readonly exported: Exported }
  | { readonly ok: false; readonly reason: string };

/** Writes the export. O(bytes of the log). Throws what the file system throws. */
export async function exportEvidence(options: ExportOptions): Promise<ExportEvidence> {
  const { log, period, control, output, seed } = options;
  if (existsSync(output) && readdirSync(output).length > 0) return { ok: false, reason: `${output} is not empty` };
  const read = await readPeriod(log, period);
  if (!read.ok) return read;
  const { record } = read;
  const controls = controlsOf(log, record.revisions);
  const items = record.items.filter((item) => control === null || servingRules(item, controls, control).length > 0);
  const sample = drawSample(items, nameOf, seed, options.sample_count);
  const summaries = summarize(record, controls, control);
  const completeness = await proveCompleteness(log, record, period);
  const write = writerTo(output);
  const rows = (some: readonly Item[]) =>
    toCsv(
      populationHeader,
      some.map((item) => populationRow(item, controls)),
    );
  write("population.csv", rows(items));
  write("sample.csv", rows(sample));
  write("controls.json", json(summaries));
  write("changes.json", json(record.changes));
  write("completeness.json", json(completeness));
  const { now, generator } = options;
  const scope = { from: new Date(period.from_ms).toISOString(), to: new Date(period.to_ms).toISOString(), control };
  write(
    "scope.json",
    json({ ...scope, seed, sample: sample.length, population: items.length, generator, log: completeness.log }),
  );
  const mismatches: string[] = [];
  for (const item of sample) mismatches.push(...(await writeItem(options, item, record.revisions, write)));
  const unproved = await writeRecordings(log, sample, record.recordings, write);
  const generated_at = now.toISOString();
  write("report.html", renderReport({ ...options, generated_at, items, sample, controls: summaries, completeness }));
  const check = completeness.log_check;
  const findings = [
    ...(check.ok ? [] : [`the log is not whole: index ${check.fault.index}: ${check.fault.reason}`]),
    ...(completeness.lines.contiguous ? [] : ["lines of the period are missing"]),
    ...completeness.gaps.map(({ from, to, reason }) => `no line from ${from} to ${to}: ${reason}`),
    ...summaries.flatMap(({ control: name, findings: found }) => found.map((text) => `${name}: ${text}`)),
    ...new Set(mismatches),
    ...unproved,
  ];
  write("findings.json", json(findings));
  const files = writeHashes(output);
  return { ok: true, exported: { items: items.length, sample: sample.length, files, controls: summaries, findings } };
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

type Write = (path: string, content: string | Uint8Array) => void;

const writerTo =
  (output: string): Write =>
  (path, content) => {
    const file = join(output, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  };

/** The folder of one item; gives what is wrong with its policy's sources. */
async function writeItem(
  { log, digestOf }: ExportOptions,
  item: Item,
  revisions: ReadonlyMap<string, Revision>,
  write: Write,
): Promise<readonly string[]> {
  const folder = `items/${nameOf(item)}`;
  const { index, detail } = item.decision;
  write(`${folder}/event.json`, (await lineAt(log, index)) ?? "");
  const proof = await writeProof(log, index);
  if (proof.ok) write(`${folder}/event.tlog-proof`, proof.text);
  else write(`${folder}/no-proof.txt`, `${proof.reason}\n`);
  if (item.session !== null) write(`${folder}/session.json`, json(item.session));
  if (item.execution !== null) write(`${folder}/execution.json`, json(item.execution));
  if (item.approval.length > 0) write(`${folder}/approval.json`, json(approvalRecord(item)));
  const revision = revisions.get(detail.policy_digest);
  return revision === undefined ? [] : writePolicy(log, digestOf, revision, folder, write);
}

/** The recordings of the sample's sessions; gives which are not whole. A session that was never recorded has none. */
async function writeRecordings(
  log: string,
  sample: readonly Item[],
  recordings: PeriodRecord["recordings"],
  write: Write,
): Promise<readonly string[]> {
  const sessions = [...new Set(sample.map(({ decision }) => String(decision.detail.session)))];
  const findings: string[] = [];
  for (const session of sessions.filter((each) => isBelow(each) && recordings.has(each))) {
    const { bytes, proofs, ...told } = await proveRecording(log, session, recordings.get(session) ?? []);
    const folder = `recordings/${session}`;
    write(`${folder}/recording.cast`, bytes);
    write(`${folder}/recording.json`, json(told));
    for (const { index, text } of proofs) write(`${folder}/${index}.tlog-proof`, text);
    if (!told.is_whole)
      findings.push(`the recording of the session ${session} is not whole: parts were erased or changed`);
  }
  return findings;
}

/** Who was asked, who decided when and why, in one place; the events themselves stand beside it. */
function approvalRecord({ decision, approval }: Item) {
  const last = approval.at(-1)?.detail;
  return {
    approval: last?.approval,
    state: last?.state,
    asked_by: decision.detail.principal.id,
    asked_at: last?.requested_at,
    needs: last?.needs,
    reviewers: last?.decisions,
    rules: last?.rules,
    binding: last?.binding,
    events: approval,
  };
}

function writePolicy(
  log: string,
  digestOf: DigestOfSources,
  revision: Revision,
  folder: string,
  write: Write,
): readonly string[] {
  const kept = revision.sources.flatMap(({ path, sha256 }) => {
    const bytes = readBlob(log, sha256);
    return bytes === null ? [] : [{ path, bytes }];
  });
  for (const { path, bytes } of kept) if (isBelow(path)) write(`${folder}/policy/${path}`, bytes);
  const texts = kept.map(({ path, bytes }) => ({ path, text: Buffer.from(bytes).toString("utf8") }));
  const digest = texts.length === 0 ? null : digestOf(texts);
  const isSame = digest === revision.digest;
  const { sources: _sources, ...rest } = revision;
  write(`${folder}/policy.json`, json({ ...rest, sources_compile_to: digest, sources_match: isSame }));
  if (kept.length < revision.sources.length)
    return [`sources of the policy ${revision.digest.slice(0, 12)} are missing`];
  if (isSame || kept.length === 0) return [];
  return [`the sources kept of the policy ${revision.digest.slice(0, 12)} do not compile to what was in force`];
}

/** A path from a log must not lead out of the export. */
const isBelow = (path: string): boolean =>
  path !== "" && !path.startsWith("/") && !path.split(/[\\/]/).some((part) => part === ".." || part === "");

/** `manifest.json` and `SHA256SUMS` over all files; gives how many there are. */
function writeHashes(output: string): number {
  const files = filesBelow(output).map((path) => {
    const bytes = readFileSync(join(output, path));
    return { path, size: bytes.length, sha256: sha256Of(bytes) };
  });
  writeFileSync(join(output, "manifest.json"), json({ files }));
  const manifest = { path: "manifest.json", sha256: sha256Of(readFileSync(join(output, "manifest.json"))) };
  const sums = [...files, manifest].map(({ path, sha256 }) => `${sha256}  ${path}\n`);
  writeFileSync(join(output, "SHA256SUMS"), sums.join(""));
  return files.length + 2;
}

const filesBelow = (root: string, folder = root): readonly string[] =>
  readdirSync(folder, { withFileTypes: true })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? filesBelow(root, path) : [relative(root, path).split(sep).join("/")];
    });
