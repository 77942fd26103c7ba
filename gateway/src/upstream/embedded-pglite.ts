/**
 * PGlite as an upstream: PostgreSQL in WebAssembly, inside our process, for machines where the real server does not run.
 *
 * It is one database session. Connections therefore take turns: the next one is served when the one before has closed, and
 * starts clean. No password: it listens on 127.0.0.1 on a random port, and its data lives in our memory.
 */
import { createServer, type Socket } from "node:net";
import { createFramer } from "../protocols/postgres/framer.js";
import { limits } from "../protocols/postgres/limits.js";
import { createLoginStream } from "../protocols/postgres/login-stream.js";
import { client } from "../protocols/postgres/message-types.js";
import { readStartupPacket } from "../protocols/postgres/startup-packet.js";
import type { EmbeddedPostgres } from "./embedded-postgres.js";

/** What we use of PGlite: one protocol message in, the answer's bytes out. */
interface Database {
  execProtocolRaw(message: Uint8Array): Promise<Uint8Array>;
  exec(sql: string): Promise<unknown>;
  close(): Promise<void>;
}

/** Starts in a few seconds. Rejects when the optional package is not installed. */
export async function startPglite(): Promise<EmbeddedPostgres> {
  const { PGlite } = await import("@electric-sql/pglite");
  const database: Database = await PGlite.create();
  const sockets = new Set<Socket>();
  let turn: Promise<void> = Promise.resolve();

  const listener = createServer({ pauseOnConnect: true, noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    turn = turn
      .then(() => serve(database, socket))
      .catch(() => {
        socket.destroy();
      });
    socket.on("error", () => socket.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    listener.once("error", reject).listen(0, "127.0.0.1", () => resolve());
  });
  const address = listener.address();
  const port = address !== null && typeof address === "object" ? address.port : 0;
  return {
    engine: "pglite",
    target: { host: "127.0.0.1", port, user: "postgres", password: "", database: "postgres", tls: "disable" },
    stop: async () => {
      listener.close();
      for (const socket of sockets) socket.destroy();
      await turn;
      await database.close();
    },
  };
}

/** One connection, from its first packet until it closes. */
async function serve(database: Database, socket: Socket): Promise<void> {
  if (socket.destroyed) return;
  const closed = new Promise<void>((resolve) => {
    socket.once("close", () => resolve());
  });
  const login = createLoginStream(socket);
  const packet = await login.startupPacket(limits.startup_packet_bytes_max);
  if (readStartupPacket(packet).kind === "startup") {
    socket.write(await database.execProtocolRaw(packet.slice()));
    const rest = login.release();
    relay(database, socket, rest);
    await closed;
    await database.exec("ROLLBACK");
    await database.exec("DISCARD ALL");
  } else socket.destroy();
}

/** Runs the messages of `socket` one after the other and writes the answers. */
function relay(database: Database, socket: Socket, first: Uint8Array): void {
  let work: Promise<void> = Promise.resolve();
  const framer = createFramer({
    plan: () => "whole",
    message: (type, bytes) => {
      if (type === client.terminate) socket.end();
      else {
        const message = bytes.slice(); // The database may keep it; a view would pin the whole chunk.
        work = work.then(async () => {
          socket.write(await database.execProtocolRaw(message));
        });
        work.catch(() => socket.destroy());
      }
    },
    pass: () => {},
    dropped: () => {},
    broken: () => socket.destroy(),
  });
  socket.on("data", (chunk) => framer.push(chunk)).on("end", () => socket.end());
  framer.push(first);
  socket.resume();
}
