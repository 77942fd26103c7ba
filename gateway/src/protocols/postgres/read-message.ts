/**
 * Reads fields of one protocol message, in order. A read past the end gives zeros and marks the reader as failed, so a
 * parser reads straight on and asks once, at the end, whether the message was exactly what it seemed: `complete()`.
 */
export interface MessageReader {
  int8(): number;
  int16(): number;
  int32(): number;
  uint32(): number;
  /** Bytes up to a zero byte, as Latin-1: every byte string is one text and back, which makes it good for names. */
  name(): string;
  /** Bytes up to a zero byte. */
  untilZero(): Uint8Array;
  bytes(count: number): Uint8Array;
  /** True when nothing was missing and nothing is left. */
  complete(): boolean;
  /** True when nothing was missing so far. */
  ok(): boolean;
}

/** Starts behind the header of `message`, or at `start`. */
export function readMessage(message: Uint8Array, start = 5): MessageReader {
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  let at = start;
  let failed = false;

  /** Moves over `count` bytes; their position, or -1 when they are not there. */
  function take(count: number): number {
    if (failed || count < 0 || at + count > message.length) {
      failed = true;
      return -1;
    }
    at += count;
    return at - count;
  }

  const number = (count: number, read: (from: number) => number): number => {
    const from = take(count);
    return from < 0 ? 0 : read(from);
  };

  function untilZero(): Uint8Array {
    const end = failed ? -1 : message.indexOf(0, at);
    if (end < 0) {
      failed = true;
      return new Uint8Array(0);
    }
    const bytes = message.subarray(at, end);
    at = end + 1;
    return bytes;
  }

  return {
    int8: () => number(1, (from) => view.getInt8(from)),
    int16: () => number(2, (from) => view.getInt16(from)),
    int32: () => number(4, (from) => view.getInt32(from)),
    uint32: () => number(4, (from) => view.getUint32(from)),
    name: () => latin1(untilZero()),
    untilZero,
    bytes: (count) => {
      const from = take(count);
      return from < 0 ? new Uint8Array(0) : message.subarray(from, from + count);
    },
    complete: () => !failed && at === message.length,
    ok: () => !failed,
  };
}

export const latin1 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");

/** The name by which statements and portals are kept, for a name that stands in SQL text. */
export const nameOfText = (text: string): string => latin1(Buffer.from(text, "utf8"));

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Strict UTF-8 to text, a byte order mark kept because the server sees it too; null when the bytes are not UTF-8. */
export function strictUtf8(bytes: Uint8Array): string | null {
  try {
    return utf8.decode(bytes);
  } catch {
    return null;
  }
}
