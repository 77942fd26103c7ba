import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import { recordingsFolder } from "./recording.js";

/** A recording as it is listed. */
export interface Recording {
  /** Id of the session. */
  readonly id: string;
  readonly principal: string;
  readonly on_behalf_of: string | null;
  readonly connection: string;
  /** RFC 3339. */
  readonly begun_at: string;
  readonly bytes: number;
}

/** Something that happened in a recording, so many seconds after what came before. */
export interface RecordedEvent {
  readonly after_s: number;
  readonly code: string;
  readonly text: string;
}

/** Sessions have UUIDs: nothing else names a file. */
const isId = (id: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id);

/** The recordings in a gateway's state folder, newest first. Files that are none are passed over. O(recordings). */
export function listRecordings(state: string): readonly Recording[] {
  const folder = recordingsFolder(state);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .flatMap((name) => (name.endsWith(".cast") ? (describe(folder, name.slice(0, -".cast".length)) ?? []) : []))
    .toSorted((a, b) => (a.begun_at < b.begun_at ? 1 : -1));
}

/** The text of a recording; null when there is none of that id. */
export function readRecording(state: string, id: string): string | null {
  const path = join(recordingsFolder(state), `${id}.cast`);
  return isId(id) && existsSync(path) ? readFileSync(path, "utf8") : null;
}

/** The events of a recording; a last line that is not whole is left out. */
export function eventsOf(text: string): readonly RecordedEvent[] {
  return text
    .split("\n")
    .slice(1)
    .flatMap((line) => eventIn(line) ?? []);
}

function eventIn(line: string): RecordedEvent | null {
  const value = parse(line);
  if (!Array.isArray(value)) return null;
  const [after_s, code, text] = value as readonly unknown[];
  return typeof after_s === "number" && typeof code === "string" && typeof text === "string"
    ? { after_s, code, text }
    : null;
}

function describe(folder: string, id: string): Recording | null {
  if (!isId(id)) return null;
  const path = join(folder, `${id}.cast`);
  const header = parse(firstLine(path));
  if (typeof header !== "object" || header === null || !("timestamp" in header) || !("env" in header)) return null;
  const { HPL_PRINCIPAL = "", HPL_ON_BEHALF_OF, HPL_CONNECTION = "" } = header.env as Readonly<Record<string, string>>;
  const on_behalf_of = HPL_ON_BEHALF_OF ?? null;
  const begun_at = new Date(Number(header.timestamp) * 1000).toISOString();
  return {
    id,
    principal: HPL_PRINCIPAL,
    on_behalf_of,
    connection: HPL_CONNECTION,
    begun_at,
    bytes: statSync(path).size,
  };
}

/** Bytes in which the first line of a recording ends. */
const headerSize_max = 16_384;

function firstLine(path: string): string {
  const file = openSync(path, "r");
  try {
    const bytes = Buffer.alloc(headerSize_max);
    return bytes.toString("utf8", 0, readSync(file, bytes)).split("\n", 1)[0] ?? "";
  } finally {
    closeSync(file);
  }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
