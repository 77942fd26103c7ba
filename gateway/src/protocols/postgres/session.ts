/**
 * Joins a session to its two sockets: the only place where bytes move.
 *
 * Chunks go through a framer to the client's or the server's half; what these want sent is collected and written once,
 * right after. Back-pressure goes both ways: a side that does not take its bytes stops the other side's socket from being
 * read. The client's messages wait in an inbox while one of them is being decided; past its limit the client is not read.
 * Whatever goes wrong in our own code ends this session, with an error the client can read, and nothing else.
 */
import type { Duplex } from "node:stream";
import { type ClientMessage, handleClientMessage, mayTake } from "./client-side.js";
import { createFramer, type FramePlan } from "./framer.js";
import { limits } from "./limits.js";
import { client } from "./message-types.js";
import { createOutbox } from "./outbox.js";
import { errorResponse, terminateMessage } from "./server-messages.js";
import { abandonReplies, handleServerMessage, passServerBytes, planServerMessage } from "./server-side.js";
import {
  ClientProtocolError,
  createSessionState,
  ServerProtocolError,
  type SessionSettings,
  type SessionState,
} from "./session-state.js";

export interface RunningSession {
  /** A CancelRequest of the client. `forward` asks the server to cancel. */
  cancel(forward: () => void): void;
  /** The gateway shuts down: ends the session at once when it is idle or waits for people, else after what it runs. */
  drain(): void;
  /** Ends it now, with the same message. */
  stop(): void;
  readonly ended: Promise<void>;
}

export interface SessionSockets {
  readonly client: Duplex;
  readonly upstream: Duplex;
  /** What the client sent behind its login. */
  readonly early: Uint8Array;
  readonly log: (line: string) => void;
}

const knownTypes: ReadonlySet<number> = new Set(Object.values(client));

/** Starts the session; the server has said ReadyForQuery, and so has the gateway to the client. */
export function runSession(sockets: SessionSockets, settings: Omit<SessionSettings, "wire">): RunningSession {
  const { client: clientSocket, upstream: upstreamSocket, log } = sockets;
  const [down, up] = [createOutbox(), createOutbox()];
  const inbox: ClientMessage[] = [];
  let inboxBytes = 0;
  /** Sockets that have not taken yet what they were given. */
  const overfull = new Set<Duplex>();
  let busy = false;
  let pumping = false;
  let flushing = false;
  let over = false;
  let draining = false;
  let resolveEnded = (): void => {};
  const ended = new Promise<void>((resolve) => {
    resolveEnded = resolve;
  });

  const wire = {
    toClient: (bytes: Uint8Array) => {
      if (!over) down.add(bytes);
      flushSoon();
    },
    toUpstream: (bytes: Uint8Array) => {
      if (!over) up.add(bytes);
      flushSoon();
    },
    wake: () => queueMicrotask(pump),
    fatal,
    end,
  };
  const state: SessionState = createSessionState({ ...settings, wire });

  // --- Writing ---

  function flushSoon(): void {
    if (flushing) return;
    flushing = true;
    queueMicrotask(() => {
      flushing = false;
      flush();
    });
  }

  function flush(): void {
    write(up, upstreamSocket, clientSocket);
    write(down, clientSocket, upstreamSocket);
  }

  /** `source` is not read until `target` has taken what it was given. */
  function write(outbox: typeof down, target: Duplex, source: Duplex): void {
    let full = false;
    // Corked, all of it goes out in one system call, although masked rows are pieces of their own.
    target.cork();
    outbox.flush((bytes) => {
      if (target.writable && !target.write(bytes)) full = true;
    });
    target.uncork();
    if (!full || overfull.has(target)) return;
    overfull.add(target);
    source.pause();
    target.once("drain", () => {
      overfull.delete(target);
      resume();
    });
  }

  /** Reads again whatever nothing stands against. */
  function resume(): void {
    if (over) return;
    if (!overfull.has(clientSocket)) upstreamSocket.resume();
    if (!overfull.has(upstreamSocket) && inboxBytes <= limits.inbox_bytes_max) clientSocket.resume();
  }

  // --- Ending ---

  function end(): void {
    if (over) return;
    flush();
    over = true;
    state.cancelHold?.();
    abandonReplies(state);
    if (upstreamSocket.writable) upstreamSocket.end(terminateMessage());
    if (clientSocket.writable) clientSocket.end();
    // Both ends are given a moment to say goodbye; then they are closed whether or not they did.
    clientSocket.resume();
    upstreamSocket.resume();
    setTimeout(destroy, 1_000).unref();
    void Promise.all([closed(clientSocket), closed(upstreamSocket)]).then(resolveEnded);
  }

  function destroy(): void {
    clientSocket.destroy();
    upstreamSocket.destroy();
  }

  function kill(): void {
    end();
    destroy();
  }

  /** Inside a row that was partly passed on nothing can be said: the client then sees the connection break. */
  function fatal(code: string, message: string): void {
    if (over) return;
    if (fromServer.insidePassed()) kill();
    else {
      down.add(errorResponse({ severity: "FATAL", code, message }));
      end();
    }
  }

  function crash(error: unknown): void {
    if (over) return;
    if (error instanceof ClientProtocolError) fatal("08P01", error.message);
    else if (error instanceof ServerProtocolError) {
      log(`session ended: the server left the protocol: ${error.message}`);
      fatal("08006", "the server sent something the gateway does not understand");
    } else {
      log(`session ended: ${error instanceof Error ? error.stack : String(error)}`);
      fatal("XX000", "internal error of the gateway; nothing undecided was sent");
    }
  }

  function guarded(work: () => void): void {
    if (over) return;
    try {
      work();
    } catch (error) {
      crash(error);
    }
  }

  // --- From the client ---

  function pump(): void {
    if (pumping) return;
    pumping = true;
    guarded(() => {
      for (let next = inbox[0]; next !== undefined && !busy && !over; next = inbox[0]) {
        if (!mayTake(state, next.type)) break;
        inbox.shift();
        inboxBytes -= next.bytes.length;
        const work = handleClientMessage(state, next);
        if (work !== undefined) waitFor(work);
      }
    });
    pumping = false;
    resume();
    if (draining) drain();
  }

  function waitFor(work: Promise<void>): void {
    busy = true;
    const goOn = (): void => {
      busy = false;
      pump();
    };
    work.then(goOn, crash);
  }

  const fromClient = createFramer({
    plan(type, size): FramePlan | { readonly broken: string } {
      if (!knownTypes.has(type)) return { broken: `invalid frontend message type ${type}` };
      if (size > limits.client_message_bytes_max) return { broken: `message of ${size} bytes is too long` };
      const isText = type === client.query || type === client.parse;
      return isText && size > limits.sql_bytes_max ? "drop" : "whole";
    },
    message(type, bytes) {
      inbox.push({ type, bytes, tooLong: false });
      inboxBytes += bytes.length;
    },
    pass: () => {},
    dropped: (type) => {
      inbox.push({ type, bytes: new Uint8Array(0), tooLong: true });
    },
    broken: (reason) => fatal("08P01", reason),
  });

  function onClientData(chunk: Uint8Array): void {
    guarded(() => fromClient.push(chunk));
    if (inboxBytes > limits.inbox_bytes_max) clientSocket.pause();
    pump();
  }

  // --- From the server ---

  const fromServer = createFramer({
    plan: (type, size) => planServerMessage(state, type, size),
    message: (type, bytes) => {
      if (!over) handleServerMessage(state, type, bytes);
    },
    pass: (bytes, headersCount) => passServerBytes(state, bytes, headersCount),
    dropped: () => {},
    broken: (reason) => {
      throw new ServerProtocolError(reason);
    },
  });

  function onUpstreamGone(): void {
    fatal("08006", "the connection to the database server was lost");
  }

  // --- Control ---

  function cancel(forward: () => void): void {
    if (state.cancelHold !== null) state.cancelHold();
    else if (state.ownQueryRuns) state.cancelNext = true;
    else if (state.replies.length > 0) forward();
  }

  function stop(): void {
    fatal("57P01", "terminating connection: the gateway is shutting down");
  }

  function drain(): void {
    draining = true;
    const idle = state.replies.length === 0 && !state.cycle.touched && !busy && state.status === "I";
    if (idle || state.cancelHold !== null) stop();
  }

  clientSocket.on("data", onClientData).on("end", end).on("close", end).on("error", end);
  upstreamSocket
    .on("data", (chunk: Uint8Array) => guarded(() => fromServer.push(chunk)))
    .on("end", onUpstreamGone)
    .on("close", onUpstreamGone)
    .on("error", onUpstreamGone);
  // One of them may have gone away while the other was still logging in: then its events have been and gone.
  if ([clientSocket, upstreamSocket].some((socket) => socket.destroyed || socket.readableEnded)) end();
  onClientData(sockets.early);
  resume();
  return { cancel, drain, stop, ended };
}

function closed(socket: Duplex): Promise<void> {
  return socket.closed
    ? Promise.resolve()
    : new Promise((resolve) => {
        socket.once("close", () => resolve());
      });
}
