/**
 * The PostgreSQL side of the gateway: listens, logs clients in, opens an upstream session for each, and joins the two.
 *
 * In: where to listen, where the server is, and a guard that knows users and decides. Out: a port, and a way to close. One
 * client has one upstream session of its own, because names, settings and transactions live there. Nothing here knows SQL
 * or policy; a session that fails takes no other with it. Absent: pooling, replication, and more than one database.
 */
import { randomUUID } from "node:crypto";
import { createServer, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Connection } from "@hpl/runtime";
import type { ConnectionGuard, Enforcement, UpstreamTarget } from "../../session/enforcement.js";
import { buildMessage } from "./build-message.js";
import { createCancelRegistry } from "./cancel-registry.js";
import { type LoggedIn, logIn } from "./client-login.js";
import { limits } from "./limits.js";
import { LoginClosed, LoginProtocolError } from "./login-stream.js";
import { server } from "./message-types.js";
import type { CellMasks } from "./row-mask.js";
import { errorResponse, readyForQuery } from "./server-messages.js";
import { type RunningSession, runSession } from "./session.js";
import type { CatalogReader, SharedCatalog } from "./session-state.js";
import { cancelUpstream, connectUpstream, type UpstreamConnection } from "./upstream-login.js";

export interface PostgresListenerOptions {
  readonly host: string;
  readonly port: number;
  readonly connection: Connection;
  readonly target: UpstreamTarget;
  readonly guard: ConnectionGuard;
  readonly readCatalog: CatalogReader;
  readonly cellMasks: CellMasks;
  /** PEM texts. Null: TLS is not offered. */
  readonly tls: { readonly cert: string; readonly key: string } | null;
  /** Whether a client waits for an approval or is told to come again. */
  readonly hold: "wait" | "refuse";
  readonly log: (line: string) => void;
  /** Clients at a time. Default: that of `limits`. */
  readonly clients_max?: number;
}

export interface PostgresListener {
  readonly port: number;
  /** Takes no new clients; idle sessions end with 57P01, busy ones after what they run, all of them before long. */
  close(): Promise<void>;
}

export async function listenPostgres(options: PostgresListenerOptions): Promise<PostgresListener> {
  const sessions = new Set<RunningSession>();
  const sockets = new Set<Socket>();
  const cancels = createCancelRegistry();
  const shared: SharedCatalog = { generation: 0 };

  const tcp = { noDelay: true, keepAlive: true, keepAliveInitialDelay: limits.keepalive_delay_ms };
  const listener = createServer({ ...tcp, pauseOnConnect: true }, (socket) => {
    if (sockets.size >= (options.clients_max ?? limits.clients_max)) return turnAway(socket);
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    void serve(socket);
  });

  /** From connect to the session's start; never rejects. */
  async function serve(socket: Socket): Promise<void> {
    const ip = socket.remoteAddress ?? "";
    const timer = setTimeout(() => socket.destroy(), limits.startup_timeout_ms);
    try {
      const databases = databasesOf(options);
      const loggedIn = await logIn(socket, { ...options, databases, cancel: cancels.request });
      if (loggedIn === null) return;
      const upstream = await connectFor(loggedIn);
      if (upstream !== null) start(loggedIn, upstream, ip);
    } catch (error) {
      loginFailed(socket, error);
    } finally {
      clearTimeout(timer);
    }
  }

  async function connectFor({ stream, settings }: LoggedIn): Promise<UpstreamConnection | null> {
    try {
      return await connectUpstream(options.target, settings);
    } catch (error) {
      options.log(error instanceof Error ? error.message : String(error));
      stream.socket.end(fatal("08006", "the gateway cannot reach the database server"));
      return null;
    }
  }

  function loginFailed(socket: Socket, error: unknown): void {
    if (error instanceof LoginProtocolError) socket.end(fatal("08P01", error.message));
    else if (!(error instanceof LoginClosed)) options.log(`login failed: ${String(error)}`);
    setTimeout(() => socket.destroy(), 1_000).unref();
    socket.resume();
  }

  function start(loggedIn: LoggedIn, upstream: UpstreamConnection, ip: string): void {
    const { stream, identity, startup } = loggedIn;
    const id = randomUUID();
    const name = startup.parameters.get("application_name") ?? "";
    const early = stream.release();
    let session: RunningSession | null = null;
    const forward = (): void => {
      if (upstream.cancelKey !== null) void cancelUpstream(options.target, upstream.cancelKey);
    };
    const key = cancels.add(() => session?.cancel(forward));
    const enforcement = options.guard.openSession({ id, identity, connection: options.connection, ip, client: name });
    greet(stream.socket, upstream, key);
    enforcement.note({ kind: "opened", detail: { user: startup.user, ip } });
    session = runSession(
      { client: stream.socket, upstream: upstream.socket, early, log: options.log },
      { ...sessionSettings(options, enforcement, upstream, shared), cancelRunning: forward },
    );
    const running = session;
    sessions.add(running);
    void running.ended.then(() => {
      sessions.delete(running);
      cancels.remove(key);
      enforcement.note({ kind: "closed", detail: {} });
    });
  }

  async function close(): Promise<void> {
    listener.close();
    for (const session of sessions) session.drain();
    const timer = setTimeout(() => {
      for (const session of sessions) session.stop();
    }, limits.drain_timeout_ms);
    await Promise.all([...sessions].map((session) => session.ended));
    clearTimeout(timer);
    for (const socket of sockets) socket.destroy();
  }

  const port = await listen(listener, options);
  return { port, close };
}

/** There is no room: said before a byte is read, which clients take for an answer to whatever they began with. */
function turnAway(socket: Socket): void {
  socket.on("error", () => {});
  socket.end(fatal("53300", "sorry, too many clients already"), () => socket.destroy());
}

const fatal = (code: string, message: string): Uint8Array => errorResponse({ severity: "FATAL", code, message });

/** The server's name for the database, and the connection's own, which is easier to tell people. */
function databasesOf({ connection, target }: PostgresListenerOptions): readonly string[] {
  const names = [connection.name, connection.database, target.database];
  return [...new Set(names.filter((name): name is string => typeof name === "string"))];
}

function sessionSettings(
  options: PostgresListenerOptions,
  enforcement: Enforcement,
  upstream: UpstreamConnection,
  shared: SharedCatalog,
): Omit<Parameters<typeof runSession>[1], "cancelRunning"> {
  return {
    enforcement,
    shared,
    catalogReader: options.readCatalog,
    cellMasks: options.cellMasks,
    holdMode: options.hold,
    serverVersion: upstream.serverVersion,
  };
}

/** What a server says after a login: the real server's settings, a cancel key of ours, and that it is ready. */
function greet(
  socket: Duplex,
  upstream: UpstreamConnection,
  key: { readonly processId: number; readonly secret: Uint8Array },
): void {
  const keyData = buildMessage(server.backendKeyData).int32(key.processId).bytes(key.secret).end();
  const authenticated = buildMessage(server.authentication).int32(0).end();
  socket.write(Buffer.concat([authenticated, ...upstream.parameters, keyData, readyForQuery("I")]));
}

function listen(
  listener: ReturnType<typeof createServer>,
  { host, port, log }: PostgresListenerOptions,
): Promise<number> {
  return new Promise((resolve, reject) => {
    listener.once("error", reject).listen(port, host, () => {
      listener.off("error", reject).on("error", (error) => log(`listener: ${error.message}`));
      const address = listener.address();
      resolve(address !== null && typeof address === "object" ? address.port : port);
    });
  });
}
