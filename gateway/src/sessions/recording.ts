/**
 * Recordings of sessions, to be replayed in a terminal: asciicast v3, one file a session.
 *
 * In: what a session decides, sends and ends with. Out: statements with their literals replaced, decisions with rules and
 * reasons, counts, and as many rows of each result as the configuration says, as the client saw them: what is masked there is
 * masked here. A recording has a size it does not outgrow, and says so where it ends early. Lines are collected and written a
 * few times a second; a disk that takes none ends the recording, never the session: what must not be lost is in the audit log.
 * Absent: what the client typed besides, and values of parameters.
 */
import { appendFileSync, mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { ExecutionReport, SessionInfo } from "../session/enforcement.js";
import { connectionDetail, idOf, textOf } from "../session/session-events.js";
import { printable } from "./printable.js";
import type { SessionWatch, WatchedDecision } from "./watch.js";

export interface RecordingSettings {
  /** Rows of each result; 0: none. */
  readonly rows_max: number;
  /** Bytes of one recording. */
  readonly size_max: number;
  /** Recordings kept. */
  readonly sessions_max: number;
}

const flush_ms = 250;
/** Characters of a cell that are shown: a line of a terminal holds a few of them. */
export const cellLength_max = 60;
/** Room for the words at the end of a recording that became too long. */
const endSize = 128;
/** asciicast wants a size; replay does not need it. */
const term = { cols: 120, rows: 40 };

export const recordingsFolder = (state: string): string => join(state, "recordings");

/** Begins a recording of `session` in the state folder; older ones make room for it. */
export function recordSession(
  state: string,
  settings: RecordingSettings,
  session: SessionInfo,
  now: () => Date,
  log: (line: string) => void,
): SessionWatch {
  const folder = recordingsFolder(state);
  const writer = openWriter(join(folder, `${session.id}.cast`), settings.size_max, log);
  const begun = now().getTime();
  let last = begun;
  const event = (code: "o" | "m" | "x", text: string): void => {
    const at = Math.max(now().getTime(), last);
    writer.write(`${JSON.stringify([(at - last) / 1000, code, text])}\n`);
    last = at;
  };
  const line = (text: string): void => event("o", `${printable(text).replaceAll("\n", "\r\n")}\r\n`);
  makeRoom(folder, settings.sessions_max, log);
  writer.write(`${JSON.stringify(headerOf(session, begun))}\n`);
  return {
    rows_max: settings.rows_max,
    decided: (decided) => {
      line(promptOf(session, decided));
      const said = saidOf(decided);
      if (said !== null) event("m", printable(said));
      if (said !== null) line(said);
    },
    row: (_decision, row) => line(`  ${rowText(row)}`),
    executed: (execution) => line(`  ${endText(execution)}`),
    closed: () => {
      event("x", "0");
      writer.close();
    },
  };
}

/** `env` is where asciicast keeps names of the place it was made in. */
function headerOf(session: SessionInfo, begun: number) {
  const { name, env } = connectionDetail(session);
  const principal = idOf(session);
  const { on_behalf_of } = session.identity.principal;
  const behalf = on_behalf_of === undefined ? {} : { HPL_ON_BEHALF_OF: printable(textOf(on_behalf_of)) };
  return {
    version: 3,
    term,
    timestamp: Math.floor(begun / 1000),
    title: printable(`${principal} on ${name}`),
    env: {
      HPL_SESSION: session.id,
      HPL_PRINCIPAL: printable(principal),
      HPL_CONNECTION: name,
      HPL_ENV: env,
      ...behalf,
    },
  };
}

const promptOf = (session: SessionInfo, { text }: WatchedDecision): string =>
  `${connectionDetail(session).name}> ${text ?? "(a statement that is not shown: it was not understood, or sets something)"}`;

/** What the policy said, where it said more than yes. */
function saidOf({ decision }: WatchedDecision): string | null {
  const masks = decision.obligations.filter(({ type }) => type === "mask").length;
  const rules = decision.rules.filter(({ effect, advisory }) => effect === decision.verdict && !advisory);
  const by = rules.map(({ id, span }) => `${id} (${span.file}:${span.line})`).join(", ");
  if (decision.verdict !== "allow") return `  ${decision.verdict}${by === "" ? "" : ` by ${by}`}: ${decision.message}`;
  return masks > 0 ? `  allow, ${masks} ${masks === 1 ? "column" : "columns"} masked` : null;
}

function endText({ status, rows, sqlstate }: ExecutionReport): string {
  if (status === "not_run") return "(not run)";
  return status === "error" ? `(error ${sqlstate ?? ""})` : `(${rows} ${rows === 1 ? "row" : "rows"})`;
}

/** Cells of a DataRow message: behind its type, length and count each has a length, -1 for NULL, and its bytes. */
function rowText(row: Uint8Array): string {
  const view = new DataView(row.buffer, row.byteOffset, row.byteLength);
  const cells: string[] = [];
  let at = 7;
  for (let left = view.getInt16(5); left > 0 && at + 4 <= row.length; left--) {
    const size = view.getInt32(at);
    cells.push(size < 0 ? "NULL" : cellText(row.subarray(at + 4, at + 4 + size)));
    at += 4 + Math.max(size, 0);
  }
  return cells.join(" | ");
}

/** A cell as text; what is none (binary formats) by its size. */
function cellText(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes.subarray(0, cellLength_max * 4));
  const isText = !bytes.includes(0) && !text.includes("\ufffd");
  if (!isText) return `<${bytes.length} bytes>`;
  return text.length > cellLength_max ? `${text.slice(0, cellLength_max)}...` : text.replaceAll("\n", "\\n");
}

function openWriter(path: string, size_max: number, log: (line: string) => void) {
  const lines: string[] = [];
  let size = 0;
  let state: "open" | "ended" = "open";
  const flush = (): void => {
    if (lines.length === 0) return;
    try {
      appendFileSync(path, lines.splice(0).join(""), { mode: 0o600 });
    } catch (error) {
      state = "ended";
      log(`the recording ${path} ends here: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  const timer = setInterval(flush, flush_ms);
  timer.unref();
  const write = (line: string): void => {
    if (state === "ended") return;
    size += Buffer.byteLength(line);
    if (size <= size_max - endSize) return void lines.push(line);
    state = "ended";
    lines.push(`${JSON.stringify([0, "o", "(the recording ends here: it has its full size)\r\n"])}\n`);
  };
  const close = (): void => {
    clearInterval(timer);
    flush();
    state = "ended";
  };
  return { write, close };
}

/** Removes the oldest recordings, so that with a new one there are not more than `count_max`. */
function makeRoom(folder: string, count_max: number, log: (line: string) => void): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const files = readdirSync(folder).filter((name) => name.endsWith(".cast"));
    if (files.length < count_max) return;
    const byAge = files
      .map((name) => ({ path: join(folder, name), at: statSync(join(folder, name)).mtimeMs }))
      .toSorted((a, b) => a.at - b.at);
    for (const { path } of byAge.slice(0, files.length - count_max + 1)) rmSync(path, { force: true });
  } catch (error) {
    log(`recordings: ${error instanceof Error ? error.message : String(error)}`);
  }
}
