/**
 * A client that sends exactly the bytes it is told and keeps every byte that comes back. It cuts the stream into messages by
 * itself, so that the gateway's framer is not its own judge.
 */
import type { Duplex } from "node:stream";
import { connectUpstream } from "../../src/protocols/postgres/upstream-login.js";
import type { UpstreamTarget } from "../../src/session/enforcement.js";

/** One message as it came: its type as a letter, its body without type and length. */
export interface RawMessage {
  readonly type: string;
  readonly body: Buffer;
}

export interface RawClient {
  readonly socket: Duplex;
  /** Everything received since the login, in order. */
  bytes(): Buffer;
  messages(): readonly RawMessage[];
  /** Sends and waits for `ready` more ReadyForQuery, for the end, or until nothing more can be expected. */
  exchange(pieces: readonly Uint8Array[], ready: number): Promise<void>;
  end(): Promise<void>;
}

/** How long a client waits for an answer that may never come: some attacks ask for none. */
const patience_ms = 6_000;

export async function openRaw(
  target: UpstreamTarget,
  settings: ReadonlyMap<string, string> = new Map(),
): Promise<RawClient> {
  const { socket } = await connectUpstream(target, settings);
  const chunks: Buffer[] = [];
  let isClosed = false;
  let wake = (): void => {};
  socket.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    wake();
  });
  const onClose = (): void => {
    isClosed = true;
    wake();
  };
  socket.on("close", onClose).on("end", onClose).on("error", onClose);
  socket.resume();
  const messages = (): readonly RawMessage[] => cut(Buffer.concat(chunks));
  const readyCount = (): number => messages().filter(({ type }) => type === "Z").length;

  async function until(done: () => boolean): Promise<void> {
    const deadline = Date.now() + patience_ms;
    while (!done() && !isClosed && Date.now() < deadline) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, deadline - Date.now());
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  return {
    socket,
    bytes: () => Buffer.concat(chunks),
    messages,
    exchange: async (pieces, ready) => {
      const wanted = readyCount() + ready;
      for (const piece of pieces) {
        if (socket.writable) socket.write(piece);
        if (pieces.length > 1) await new Promise((resolve) => setImmediate(resolve));
      }
      await until(() => readyCount() >= wanted);
    },
    end: async () => {
      socket.end(Buffer.from([0x58, 0, 0, 0, 4]));
      await until(() => isClosed);
      socket.destroy();
    },
  };
}

function cut(bytes: Buffer): readonly RawMessage[] {
  const messages: RawMessage[] = [];
  for (let at = 0; at + 5 <= bytes.length; ) {
    const end = at + 1 + bytes.readInt32BE(at + 1);
    messages.push({ type: String.fromCharCode(bytes[at] ?? 0), body: bytes.subarray(at + 5, end) });
    at = end;
  }
  return messages;
}
