/**
 * Reads the messages of a client that mean something to a decision. Each reader gives null for a message that is not
 * exactly of its form, bytes left over included: what we do not see the server must not see either.
 */
import { type MessageReader, readMessage, strictUtf8 } from "./read-message.js";

/** SQL text of a message; `text` null when its bytes are not UTF-8. */
export interface SqlText {
  readonly text: string | null;
}

export interface ParseMessage extends SqlText {
  readonly name: string;
  readonly parameterTypes: readonly number[];
}

export interface BindMessage {
  readonly portal: string;
  readonly statement: string;
  readonly parameterFormats: readonly number[];
  readonly parameters: readonly (Uint8Array | null)[];
  /** None: all text. One: for all columns. Else one a column. */
  readonly resultFormats: readonly number[];
}

/** Of Describe and Close. */
export interface NamedMessage {
  readonly target: "statement" | "portal";
  readonly name: string;
}

export interface ExecuteMessage {
  readonly portal: string;
  /** 0: all rows. */
  readonly rowsMax: number;
}

export function readQuery(message: Uint8Array): SqlText | null {
  const reader = readMessage(message);
  const text = reader.untilZero();
  return reader.complete() ? { text: strictUtf8(text) } : null;
}

export function readParse(message: Uint8Array): ParseMessage | null {
  const reader = readMessage(message);
  const name = reader.name();
  const text = reader.untilZero();
  const parameterTypes = repeat(reader, reader.uint32);
  return reader.complete() ? { name, text: strictUtf8(text), parameterTypes } : null;
}

export function readBind(message: Uint8Array): BindMessage | null {
  const reader = readMessage(message);
  const portal = reader.name();
  const statement = reader.name();
  const parameterFormats = repeat(reader, reader.int16);
  const parameters = repeat(reader, () => {
    const size = reader.int32();
    return size === -1 ? null : reader.bytes(size);
  });
  const resultFormats = repeat(reader, reader.int16);
  const formatsAreKnown = [...parameterFormats, ...resultFormats].every((format) => format === 0 || format === 1);
  if (!reader.complete() || !formatsAreKnown) return null;
  return { portal, statement, parameterFormats, parameters, resultFormats };
}

export function readNamed(message: Uint8Array): NamedMessage | null {
  const reader = readMessage(message);
  const target = reader.int8();
  const name = reader.name();
  if (!reader.complete() || (target !== 0x53 && target !== 0x50)) return null;
  return { target: target === 0x53 ? "statement" : "portal", name };
}

export function readExecute(message: Uint8Array): ExecuteMessage | null {
  const reader = readMessage(message);
  const portal = reader.name();
  const rowsMax = reader.int32();
  return reader.complete() ? { portal, rowsMax } : null;
}

/** A 16-bit count, unsigned as the server takes it, then as many readings; a false count costs no more than the message. */
function repeat<T>(reader: MessageReader, read: () => T): readonly T[] {
  const count = reader.int16() & 0xffff;
  const values: T[] = [];
  for (let i = 0; i < count && reader.ok(); i += 1) values.push(read());
  return values;
}
