/** Reads and builds the messages of a server, and builds those that the gateway itself sends to one. */
import { buildMessage } from "./build-message.js";
import { client, server } from "./message-types.js";
import { readMessage, strictUtf8 } from "./read-message.js";

/** Transaction status of a ReadyForQuery: idle, in a transaction, in a failed transaction. */
export type TransactionStatus = "I" | "T" | "E";

/** One column of a RowDescription. Formats in it hold only when it describes a portal. */
export interface RowField {
  readonly name: string;
  readonly typeOid: number;
}

/** Fields of an ErrorResponse or NoticeResponse that we send. */
export interface ReportFields {
  readonly severity: "ERROR" | "FATAL" | "NOTICE";
  /** SQLSTATE. */
  readonly code: string;
  readonly message: string;
  readonly detail?: string;
  readonly hint?: string;
}

/** Zero bytes end fields on the wire, so a text may hold none. */
const field = (text: string): string => text.replaceAll("\0", "\uFFFD");

function buildReport(type: number, fields: ReportFields): Uint8Array {
  const builder = buildMessage(type);
  const add = (key: string, value: string | undefined): void => {
    if (value !== undefined) builder.bytes(Buffer.from(key, "latin1")).cstring(field(value));
  };
  add("S", fields.severity);
  add("V", fields.severity);
  add("C", fields.code);
  add("M", fields.message);
  add("D", fields.detail);
  add("H", fields.hint);
  return builder.int8(0).end();
}

export const errorResponse = (fields: ReportFields): Uint8Array => buildReport(server.errorResponse, fields);
export const noticeResponse = (fields: ReportFields): Uint8Array => buildReport(server.noticeResponse, fields);

export const readyForQuery = (status: TransactionStatus): Uint8Array =>
  buildMessage(server.readyForQuery).int8(status.charCodeAt(0)).end();

/** Severity (not localised where the server says it), SQLSTATE and message of a server's error or notice. */
export interface ServerReport {
  readonly severity: string;
  readonly code: string;
  readonly message: string;
}

export function readReport(message: Uint8Array): ServerReport {
  const reader = readMessage(message);
  const fields = new Map<number, string>();
  for (let key = reader.int8(); key !== 0 && reader.ok(); key = reader.int8()) {
    fields.set(key, strictUtf8(reader.untilZero()) ?? "");
  }
  const at = (key: string): string | undefined => fields.get(key.charCodeAt(0));
  return { severity: at("V") ?? at("S") ?? "ERROR", code: at("C") ?? "XX000", message: at("M") ?? "" };
}

/** The same error or notice with nothing in it but severity and SQLSTATE. */
export function redactReport(type: number, message: Uint8Array): Uint8Array {
  const { severity, code } = readReport(message);
  const builder = buildMessage(type);
  const fields = [`S${severity}`, `V${severity}`, `C${code}`, "Mthe text of this report is withheld by policy"];
  for (const text of fields) builder.cstring(field(text));
  return builder.int8(0).end();
}

/** Null when the message is not of its form. */
export function readRowDescription(message: Uint8Array): readonly RowField[] | null {
  const reader = readMessage(message);
  const count = reader.int16();
  const fields: RowField[] = [];
  for (let i = 0; i < count && reader.ok(); i += 1) {
    const name = strictUtf8(reader.untilZero()) ?? "";
    reader.bytes(6); // Table OID and attribute number: a check for later, never the source of a mask.
    const typeOid = reader.uint32();
    reader.bytes(8); // Type size, type modifier, format code.
    fields.push({ name, typeOid });
  }
  return reader.complete() ? fields : null;
}

export function readCommandTag(message: Uint8Array): string {
  return strictUtf8(readMessage(message).untilZero()) ?? "";
}

/** Rows a command tag speaks of: its last number (`INSERT 0 5`, `SELECT 3`); 0 when it has none. */
export const rowsOfTag = (tag: string): number => Number(/ ([0-9]+)$/u.exec(tag)?.[1] ?? 0);

/** Null when the byte is none of the three. */
export function readStatus(message: Uint8Array): TransactionStatus | null {
  const reader = readMessage(message);
  const status = String.fromCharCode(reader.int8());
  if (!reader.complete()) return null;
  return status === "I" || status === "T" || status === "E" ? status : null;
}

export interface ParameterStatus {
  readonly name: string;
  readonly value: string;
}

export function readParameterStatus(message: Uint8Array): ParameterStatus {
  const reader = readMessage(message);
  return { name: reader.name(), value: reader.name() };
}

/** Cells of a DataRow, null for SQL NULL; null when the message is not of its form. */
export function readDataRow(message: Uint8Array): readonly (Uint8Array | null)[] | null {
  const reader = readMessage(message);
  const count = reader.int16();
  const cells: (Uint8Array | null)[] = [];
  for (let i = 0; i < count && reader.ok(); i += 1) {
    const size = reader.int32();
    cells.push(size === -1 ? null : reader.bytes(size));
  }
  return reader.complete() ? cells : null;
}

export const queryMessage = (text: string): Uint8Array => buildMessage(client.query).cstring(text).end();
export const parseMessage = (name: string, text: string): Uint8Array =>
  buildMessage(client.parse).cstring(name).cstring(text).int16(0).end();
export const syncMessage = (): Uint8Array => buildMessage(client.sync).end();
export const flushMessage = (): Uint8Array => buildMessage(client.flush).end();
export const terminateMessage = (): Uint8Array => buildMessage(client.terminate).end();
export const executeMessage = (portal: string): Uint8Array =>
  buildMessage(client.execute).cstring(portal).int32(0).end();

/** A Bind without parameters, all results as text. */
export const bindMessage = (portal: string, statement: string): Uint8Array =>
  buildMessage(client.bind).cstring(portal).cstring(statement).int16(0).int16(0).int16(0).end();

/** `name` as Latin-1, as it came from the client. */
function named(type: number, target: "statement" | "portal", name: string): Uint8Array {
  const letter = (target === "statement" ? "S" : "P").charCodeAt(0);
  return buildMessage(type)
    .int8(letter)
    .bytes(Buffer.from(`${name}\0`, "latin1"))
    .end();
}
export const describeMessage = (target: "statement" | "portal", name: string): Uint8Array =>
  named(client.describe, target, name);
export const closeMessage = (target: "statement" | "portal", name: string): Uint8Array =>
  named(client.close, target, name);
