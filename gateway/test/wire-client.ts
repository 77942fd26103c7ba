/**
 * A client that sends exactly the bytes it is told, to a server or to the gateway, and writes down what comes back as one
 * short word a message: the same script can be run against both and compared. Reads with `pg-protocol`, so that our own
 * framer is not its own judge.
 */
import type { Duplex } from "node:stream";
import { parse, serialize } from "pg-protocol";
import { connectUpstream } from "../src/protocols/postgres/upstream-login.js";
import type { UpstreamTarget } from "../src/session/enforcement.js";

export { serialize };

export interface Received {
  readonly name: string;
  readonly fields?: readonly (string | null)[];
  readonly code?: string;
  readonly message?: string;
  readonly detail?: string;
  readonly hint?: string;
  readonly status?: string;
  readonly severity?: string;
  readonly text?: string;
  readonly fieldCount?: number;
}

export interface WireClient {
  readonly socket: Duplex;
  readonly received: readonly Received[];
  readonly closed: () => boolean;
  send(...messages: Uint8Array[]): void;
  /** Waits for `count` more ReadyForQuery, or for the end; what has come since the last call. */
  until(done: (received: readonly Received[]) => boolean): Promise<readonly Received[]>;
  ready(count?: number): Promise<readonly Received[]>;
  end(): Promise<void>;
}

export async function openWire(target: UpstreamTarget): Promise<WireClient> {
  const { socket } = await connectUpstream(target, new Map());
  const received: Received[] = [];
  let seen = 0;
  let isClosed = false;
  let wake = (): void => {};
  void parse(socket as Parameters<typeof parse>[0], (message) => {
    received.push(message as unknown as Received);
    wake();
  });
  socket.on("close", () => {
    isClosed = true;
    wake();
  });
  socket.on("error", () => {});
  socket.resume();

  async function until(done: (received: readonly Received[]) => boolean): Promise<readonly Received[]> {
    while (!done(received.slice(seen)) && !isClosed) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    const fresh = received.slice(seen);
    seen = received.length;
    return fresh;
  }

  return {
    socket,
    received,
    closed: () => isClosed,
    send: (...messages) => {
      socket.write(Buffer.concat(messages));
    },
    until,
    ready: (count = 1) => until((messages) => messages.filter(({ name }) => name === "readyForQuery").length >= count),
    end: async () => {
      socket.end(serialize.end());
      await until(() => false);
    },
  };
}

/** One word a message: what a client can tell apart, without texts. */
export function shape(messages: readonly Received[]): readonly string[] {
  return messages.map(({ name, code, status, text, fields, fieldCount }) => {
    if (name === "error") return `error`;
    if (name === "readyForQuery") return `ready ${status}`;
    if (name === "commandComplete") return `complete ${text}`;
    if (name === "dataRow") return `row ${fields?.join("|") ?? fieldCount}`;
    return code === undefined ? name : `${name} ${code}`;
  });
}
