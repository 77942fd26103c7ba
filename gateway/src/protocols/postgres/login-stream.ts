/**
 * Reads whole messages from a socket while somebody logs in: the only phase in which the gateway waits for one message at a
 * time. In: a socket. Out: messages on request, and at the end the bytes that came after them. A message must fit
 * `sizeMax`; a socket that ends or breaks rejects the read, and so does `destroy`, which is how a timeout ends a login.
 */
import type { Duplex } from "node:stream";

export interface LoginStream {
  readonly socket: Duplex;
  /** A packet that starts with its own length: what a client sends first. */
  startupPacket(sizeMax: number): Promise<Uint8Array>;
  /** A message with type byte. */
  message(sizeMax: number): Promise<Uint8Array>;
  /** One bare byte: the answer to SSLRequest. */
  byte(): Promise<number>;
  write(bytes: Uint8Array): void;
  /** Stops listening and gives back what nobody read. The socket stands paused. */
  release(): Uint8Array;
}

/** The peer does not follow the protocol. */
export class LoginProtocolError extends Error {
  override readonly name = "LoginProtocolError";
}

/** The peer went away. */
export class LoginClosed extends Error {
  override readonly name = "LoginClosed";
}

export function createLoginStream(socket: Duplex): LoginStream {
  let buffered: Buffer = Buffer.alloc(0);
  let failure: Error | null = null;
  let wake: (() => void) | null = null;

  const notify = (): void => {
    wake?.();
    wake = null;
  };
  const onData = (chunk: Buffer): void => {
    buffered = buffered.length === 0 ? chunk : Buffer.concat([buffered, chunk]);
    socket.pause(); // One chunk at a time: a peer cannot make us buffer more than it was asked for, and one chunk.
    notify();
  };
  const onEnd = (): void => {
    failure ??= new LoginClosed("the connection was closed during login");
    notify();
  };
  const onError = (error: Error): void => {
    failure ??= new LoginClosed(error.message);
    notify();
  };
  socket.on("error", () => {}); // Stays when the stream is released: an error between two owners must not be uncaught.
  socket.on("data", onData).on("end", onEnd).on("close", onEnd).on("error", onError);

  async function atLeast(count: number): Promise<void> {
    while (buffered.length < count) {
      if (failure !== null) throw failure;
      socket.resume();
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }

  async function take(headerBytes: number, sizeMax: number): Promise<Uint8Array> {
    await atLeast(headerBytes);
    const length = buffered.readInt32BE(headerBytes - 4);
    const size = length + headerBytes - 4;
    if (length < 4 || size > sizeMax) throw new LoginProtocolError(`invalid message length ${length}`);
    await atLeast(size);
    const message = buffered.subarray(0, size);
    buffered = buffered.subarray(size);
    return message;
  }

  return {
    socket,
    startupPacket: async (sizeMax) => {
      const packet = await take(4, sizeMax);
      if (packet.length < 8) throw new LoginProtocolError("invalid length of startup packet");
      return packet;
    },
    message: (sizeMax) => take(5, sizeMax),
    byte: async () => {
      await atLeast(1);
      const byte = buffered[0] ?? 0;
      buffered = buffered.subarray(1);
      return byte;
    },
    write: (bytes) => {
      socket.write(bytes);
    },
    release: () => {
      socket.pause();
      socket.off("data", onData).off("end", onEnd).off("close", onEnd).off("error", onError);
      return buffered;
    },
  };
}
