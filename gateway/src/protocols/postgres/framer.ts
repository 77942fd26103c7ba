/**
 * Cuts a byte stream into protocol messages: one type byte, four bytes of length that count themselves, a body.
 *
 * In: chunks as the socket gives them. Out: calls on a sink, in stream order, before `push` returns. The sink says from the
 * header alone what it wants of each message: seen whole, passed on unseen, or dropped. A whole message inside one chunk is
 * a view of the chunk, and runs of passed messages are one view, so a large result costs five bytes of reading a row and no
 * copy. Only a header or a whole message that two chunks share is carried over, in a buffer that grows with what has
 * arrived, not with what a length claims. After `broken` nothing more is looked at. Absent: any knowledge of SQL or sockets.
 */

/** What to do with a message: `whole` calls `message`, `pass` hands its bytes on in pieces, `drop` calls `dropped`. */
export type FramePlan = "whole" | "pass" | "drop";

export interface FrameSink {
  /** `size` is the whole message in bytes, header included. A text says why the stream must end here. */
  plan(type: number, size: number): FramePlan | { readonly broken: string };
  /** One message, header included. The bytes may be a view of a chunk: copy what must outlive it cheaply. */
  message(type: number, bytes: Uint8Array): void;
  /** Consecutive bytes of passed messages; `headers_count` messages begin in them. */
  pass(bytes: Uint8Array, headersCount: number): void;
  /** A dropped message has ended. */
  dropped(type: number): void;
  broken(reason: string): void;
}

export interface Framer {
  push(chunk: Uint8Array): void;
  /** Whether the stream stands inside a message that was partly passed on: nothing may be said in between. */
  insidePassed(): boolean;
}

const headerBytes = 5;

export function createFramer(sink: FrameSink): Framer {
  const header = new Uint8Array(headerBytes);
  let headerFilled = 0;
  let plan: FramePlan = "whole";
  let type = 0;
  let total = 0;
  /** Bytes of the current message still to come; 0 between messages. */
  let remaining = 0;
  let carry = new Uint8Array(0);
  let carried = 0;
  let brokenReason: string | null = null;

  /** Asks the sink about the message whose header is at `at` in `bytes`; false when the stream must end there. */
  function begin(bytes: Uint8Array, at: number): boolean {
    type = byteAt(bytes, at);
    const length =
      (byteAt(bytes, at + 1) << 24) |
      (byteAt(bytes, at + 2) << 16) |
      (byteAt(bytes, at + 3) << 8) |
      byteAt(bytes, at + 4);
    if (length < 4) {
      brokenReason = `invalid message length ${length}`;
      return false;
    }
    total = length + 1;
    const answer = sink.plan(type, total);
    if (typeof answer === "object") brokenReason = answer.broken;
    else plan = answer;
    return brokenReason === null;
  }

  function keep(bytes: Uint8Array): void {
    if (carry.length < carried + bytes.length) {
      const grown = new Uint8Array(Math.min(total, Math.max(2 * carry.length, carried + bytes.length, 4096)));
      grown.set(carry.subarray(0, carried));
      carry = grown;
    }
    carry.set(bytes, carried);
    carried += bytes.length;
  }

  function finishCarried(): void {
    const message = carry.subarray(0, carried);
    carry = new Uint8Array(0);
    carried = 0;
    sink.message(type, message);
  }

  /** Takes what `chunk` holds from `at` of the message that an earlier chunk began; the new position. */
  function continueMessage(chunk: Uint8Array, at: number): number {
    const end = Math.min(chunk.length, at + remaining);
    const part = chunk.subarray(at, end);
    if (plan === "whole") keep(part);
    if (plan === "pass") sink.pass(part, 0);
    remaining -= part.length;
    if (remaining === 0 && plan === "whole") finishCarried();
    if (remaining === 0 && plan === "drop") sink.dropped(type);
    return end;
  }

  /** Takes bytes of a header that does not lie in one chunk; the new position. */
  function continueHeader(chunk: Uint8Array, at: number): number {
    const end = Math.min(chunk.length, at + headerBytes - headerFilled);
    header.set(chunk.subarray(at, end), headerFilled);
    headerFilled += end - at;
    if (headerFilled < headerBytes) return end;
    headerFilled = 0;
    if (!begin(header, 0)) return end;
    remaining = total - headerBytes;
    if (plan === "pass") sink.pass(header.slice(), 1);
    if (plan === "whole") keep(header);
    if (remaining === 0 && plan === "whole") finishCarried();
    if (remaining === 0 && plan === "drop") sink.dropped(type);
    return end;
  }

  /** Starts the message at `at`, of which `chunk` holds a part. */
  function startPartial(chunk: Uint8Array, at: number): void {
    remaining = total - (chunk.length - at);
    if (plan === "whole") keep(chunk.subarray(at));
  }

  function push(chunk: Uint8Array): void {
    let at = 0;
    let runStart = -1;
    let runHeaders = 0;
    const endRun = (end: number): void => {
      if (runStart >= 0) sink.pass(chunk.subarray(runStart, end), runHeaders);
      runStart = -1;
      runHeaders = 0;
    };
    if (brokenReason !== null) return;
    while (at < chunk.length && brokenReason === null) {
      if (remaining > 0) {
        at = continueMessage(chunk, at);
        continue;
      }
      if (headerFilled > 0 || chunk.length - at < headerBytes) {
        endRun(at);
        at = continueHeader(chunk, at);
        continue;
      }
      if (!begin(chunk, at)) break;
      if (plan !== "pass") endRun(at);
      else {
        if (runStart < 0) runStart = at;
        runHeaders += 1;
      }
      if (chunk.length - at < total) {
        startPartial(chunk, at);
        at = chunk.length;
        break;
      }
      if (plan === "whole") sink.message(type, chunk.subarray(at, at + total));
      if (plan === "drop") sink.dropped(type);
      at += total;
    }
    endRun(at);
    if (brokenReason !== null) sink.broken(brokenReason);
  }

  return { push, insidePassed: () => remaining > 0 && plan === "pass" };
}

const byteAt = (bytes: Uint8Array, at: number): number => bytes[at] ?? 0;
