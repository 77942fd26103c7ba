/**
 * A client's login, from connect to AuthenticationOk.
 *
 * In: a fresh socket. Out: who it is and what it asks for; or null when the connection ends here: it was a CancelRequest, it
 * was refused, or it failed to prove who it is. TLS is the gateway's own. A client learns the same of a user that does not
 * exist as of a wrong password, and nothing about the database before it has logged in. Where an identity provider's tokens
 * are taken, a name that is not the gateway's own is asked for one, in clear text, and only over TLS or from this machine.
 * Absent: MD5 passwords, direct TLS without SSLRequest, channel binding.
 */
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";
import { finishScramServer, mockVerifier, scramMechanism, startScramServer } from "../../identity/scram.js";
import type { ConnectionGuard, Identity } from "../../session/enforcement.js";
import { buildMessage } from "./build-message.js";
import { limits } from "./limits.js";
import { createLoginStream, type LoginStream } from "./login-stream.js";
import { client, server } from "./message-types.js";
import { readMessage, strictUtf8 } from "./read-message.js";
import { errorResponse } from "./server-messages.js";
import { chooseSettings, readStartupPacket, type Settings, type StartupMessage } from "./startup-packet.js";

export interface LoginOptions {
  readonly guard: ConnectionGuard;
  /** Names under which the database may be asked for; the first is the one to tell. */
  readonly databases: readonly string[];
  readonly tls: { readonly cert: string; readonly key: string } | null;
  readonly cancel: (processId: number, secret: Uint8Array) => void;
}

export interface LoggedIn {
  readonly stream: LoginStream;
  readonly identity: Identity;
  readonly startup: StartupMessage;
  /** Settings for the server. */
  readonly settings: ReadonlyMap<string, string>;
}

/** Rejects only with `LoginClosed` or `LoginProtocolError`. */
export async function logIn(socket: Socket, options: LoginOptions): Promise<LoggedIn | null> {
  const opened = await openStream(createLoginStream(socket), options);
  if (opened === null) return null;
  const { stream, startup } = opened;
  if (startup.minorVersion > 0 || startup.protocolOptions.length > 0) stream.write(negotiate(startup));
  const replication = startup.parameters.get("replication");
  if (replication !== undefined && !/^(off|false|no|0)$/iu.test(replication)) {
    return turnAway(stream, "42501", "replication connections are not allowed");
  }
  const identity = await proveIdentity(stream, startup.user, options.guard);
  if (identity === null) return turnAway(stream, "28P01", `password authentication failed for user "${startup.user}"`);
  const settings = checkWishes(startup, options);
  if (!settings.ok) return turnAway(stream, settings.code, settings.message);
  return { stream, identity, startup, settings: settings.forwarded };
}

/** Says why and closes. */
function turnAway(stream: LoginStream, code: string, message: string): null {
  stream.write(errorResponse({ severity: "FATAL", code, message }));
  stream.release();
  stream.socket.end();
  stream.socket.resume(); // What still comes is thrown away, so that the end is seen.
  return null;
}

interface Opened {
  readonly stream: LoginStream;
  readonly startup: StartupMessage;
}

/** Answers encryption requests, at most one of each kind, until the StartupMessage. */
async function openStream(first: LoginStream, options: LoginOptions): Promise<Opened | null> {
  let stream = first;
  const asked = new Set<string>();
  for (;;) {
    const packet = readStartupPacket(await stream.startupPacket(limits.startup_packet_bytes_max));
    if (packet.kind === "startup") return { stream, startup: packet.startup };
    if (packet.kind === "refused") return turnAway(stream, packet.code, packet.message);
    if (packet.kind === "cancel") {
      options.cancel(packet.processId, packet.secret);
      stream.release();
      stream.socket.end();
      return null;
    }
    if (asked.has(packet.kind)) return turnAway(stream, "08P01", "encryption was asked for twice");
    asked.add(packet.kind);
    if (packet.kind === "tls" && options.tls !== null) {
      const secured = await startTls(stream, options.tls);
      if (secured === null) return null;
      asked.add("gss");
      stream = secured;
    } else stream.write(Buffer.from("N"));
  }
}

/** Bytes that came before the handshake were not protected, and must not be taken as if they were (CVE-2021-23214). */
async function startTls(stream: LoginStream, tls: { cert: string; key: string }): Promise<LoginStream | null> {
  const { socket } = stream;
  if (stream.release().length > 0) {
    socket.end(
      errorResponse({ severity: "FATAL", code: "08P01", message: "received unencrypted data after SSL request" }),
    );
    return null;
  }
  socket.write("S");
  const secured = new TLSSocket(socket as Socket, {
    isServer: true,
    cert: tls.cert,
    key: tls.key,
    minVersion: "TLSv1.2",
  });
  return createLoginStream(secured);
}

/** NegotiateProtocolVersion: we speak 3.0, and know none of the options. */
function negotiate(startup: StartupMessage): Uint8Array {
  const builder = buildMessage(server.negotiateProtocolVersion).int32(3 << 16);
  builder.int32(startup.protocolOptions.length);
  for (const name of startup.protocolOptions) builder.cstring(name);
  return builder.end();
}

/** SCRAM-SHA-256 over SASL messages (manual 54.3.1). The name inside the exchange is ignored, as the server does. */
async function proveIdentity(stream: LoginStream, user: string, guard: ConnectionGuard): Promise<Identity | null> {
  const verifier = guard.verifierFor(user);
  if (verifier === null && guard.acceptToken !== null && isPrivate(stream.socket))
    return guard.acceptToken(await tokenOf(stream));
  stream.write(buildMessage(server.authentication).int32(10).cstring(scramMechanism).int8(0).end());
  const initial = readSaslInitial(await passwordMessage(stream));
  if (initial === null) return null;
  const scram = startScramServer(initial, verifier ?? mockVerifier(user));
  if (scram === null) return null;
  stream.write(saslMessage(11, scram.serverFirst));
  const final = finishScramServer(scram, strictUtf8((await passwordMessage(stream)).subarray(5)) ?? "");
  if (final === null || verifier === null) return null;
  stream.write(saslMessage(12, final));
  return guard.identityOf(user);
}

/** Nobody can listen: TLS, or a client on this machine. */
const isPrivate = (socket: Duplex): boolean =>
  socket instanceof TLSSocket || /^(127\.|::1$|::ffff:127\.)/.test((socket as Socket).remoteAddress ?? "");

/** AuthenticationCleartextPassword and its answer; empty for what is no text. */
async function tokenOf(stream: LoginStream): Promise<string> {
  stream.write(buildMessage(server.authentication).int32(3).end());
  const message = await stream.message(limits.login_message_bytes_max);
  return message[0] === client.password ? (strictUtf8(message.subarray(5, -1)) ?? "") : "";
}

const saslMessage = (method: 11 | 12, text: string): Uint8Array =>
  buildMessage(server.authentication).int32(method).bytes(Buffer.from(text)).end();

/** The next message, when it is a `p`; something else proves nothing. */
async function passwordMessage(stream: LoginStream): Promise<Uint8Array> {
  const message = await stream.message(limits.login_message_bytes_max);
  return message[0] === client.password ? message : new Uint8Array(5);
}

/** The client-first-message of a SASLInitialResponse for our mechanism. */
function readSaslInitial(message: Uint8Array): string | null {
  const reader = readMessage(message);
  const mechanism = reader.name();
  const size = reader.int32();
  const text = strictUtf8(reader.bytes(size));
  return reader.complete() && mechanism === scramMechanism ? text : null;
}

/** Database and settings: told only to those who have logged in. */
function checkWishes(startup: StartupMessage, options: LoginOptions): Settings {
  if (!options.databases.includes(startup.database)) {
    const message = `database "${startup.database}" is not served here: connect to "${options.databases[0]}"`;
    return { ok: false, code: "3D000", message };
  }
  return chooseSettings(startup.parameters);
}
