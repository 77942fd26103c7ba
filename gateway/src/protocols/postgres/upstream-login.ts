/**
 * Logs in to the real server with the gateway's own credential.
 *
 * In: where the server is, and the settings of this session. Out: a socket on which the server has said ReadyForQuery, the
 * parameters it reported, and the key that cancels it. The password goes out only as SCRAM proof or MD5 hash, in clear only
 * inside TLS; with SCRAM the server must prove that it knows the password too. Also opens the short connections that carry
 * a CancelRequest. Absent: GSSAPI, client certificates, channel binding.
 */
import { createHash } from "node:crypto";
import { connect as connectTcp, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { connect as connectTls } from "node:tls";
import { acceptServerFinal, proveScramClient, scramMechanism, startScramClient } from "../../identity/scram.js";
import type { UpstreamTarget } from "../../session/enforcement.js";
import { buildMessage } from "./build-message.js";
import { limits } from "./limits.js";
import { createLoginStream, type LoginStream } from "./login-stream.js";
import { client, server } from "./message-types.js";
import { readMessage, strictUtf8 } from "./read-message.js";
import { readParameterStatus, readReport, readStatus } from "./server-messages.js";

export interface UpstreamConnection {
  readonly socket: Duplex;
  /** The ParameterStatus messages of the login, as they came. */
  readonly parameters: readonly Uint8Array[];
  /** The rest of BackendKeyData, for CancelRequest; null when the server sent none. */
  readonly cancelKey: Uint8Array | null;
  /** Major version, from `server_version`. */
  readonly serverVersion: number;
}

/** The server cannot be reached, or will not have us. The text holds no secret and may go to a log. */
export class UpstreamUnavailable extends Error {
  override readonly name = "UpstreamUnavailable";
}

/** Opens a connection to `target`; rejects with `UpstreamUnavailable`. */
export async function connectUpstream(
  target: UpstreamTarget,
  settings: ReadonlyMap<string, string>,
): Promise<UpstreamConnection> {
  const keepAlive = { keepAlive: true, keepAliveInitialDelay: limits.keepalive_delay_ms };
  const socket = connectTcp({ host: target.host, port: target.port, noDelay: true, ...keepAlive });
  const timer = setTimeout(() => socket.destroy(new Error("timed out")), limits.upstream_timeout_ms);
  try {
    const stream = createLoginStream(await secure(socket, target));
    stream.write(startupMessage(target, settings));
    await authenticate(stream, target);
    return await untilReady(stream);
  } catch (error) {
    socket.destroy();
    const reason = error instanceof Error ? error.message : String(error);
    throw new UpstreamUnavailable(`upstream ${target.host}:${target.port}: ${reason}`);
  } finally {
    clearTimeout(timer);
  }
}

/** Asks the server to cancel what the session with `cancelKey` runs. Best effort, as the protocol has it: never rejects. */
export async function cancelUpstream(target: UpstreamTarget, cancelKey: Uint8Array): Promise<void> {
  const socket = connectTcp({ host: target.host, port: target.port, noDelay: true });
  const timer = setTimeout(() => socket.destroy(), limits.upstream_timeout_ms);
  try {
    const secured = await secure(socket, target);
    secured.on("error", () => {});
    const request = buildMessage(null).int16(1234).int16(5678).bytes(cancelKey).end();
    await new Promise<void>((resolve) => {
      secured.on("close", () => resolve());
      secured.resume().end(request);
    });
  } catch {
    socket.destroy();
  } finally {
    clearTimeout(timer);
  }
}

/** The socket itself, or TLS over it when the target asks for that. Nothing is sent in clear where TLS is asked for. */
async function secure(socket: Socket, target: UpstreamTarget): Promise<Duplex> {
  if (target.tls === "disable") return socket;
  const stream = createLoginStream(socket);
  stream.write(buildMessage(null).int16(1234).int16(5679).end());
  const answer = await stream.byte();
  if (stream.release().length > 0) throw new Error("the server sent bytes before TLS");
  if (answer !== "S".charCodeAt(0)) throw new Error("the server does not offer TLS");
  const secured = connectTls({
    socket,
    host: target.host,
    servername: /^[0-9.:]+$/u.test(target.host) ? "" : target.host,
    rejectUnauthorized: target.tls === "verify",
  });
  await new Promise<void>((resolve, reject) => {
    secured.once("secureConnect", resolve).once("error", reject);
    socket.once("close", () => reject(new Error("the connection was closed during the TLS handshake")));
  });
  return secured;
}

/** Settings that our reading of SQL text rests on come last, so that no other can undo them. */
function startupMessage(target: UpstreamTarget, settings: ReadonlyMap<string, string>): Uint8Array {
  const builder = buildMessage(null).int16(3).int16(0);
  builder.cstring("user").cstring(target.user).cstring("database").cstring(target.database);
  for (const [name, value] of settings) builder.cstring(name).cstring(value);
  builder.cstring("client_encoding").cstring("UTF8");
  builder.cstring("standard_conforming_strings").cstring("on");
  return builder.int8(0).end();
}

async function authenticate(stream: LoginStream, target: UpstreamTarget): Promise<void> {
  for (;;) {
    const message = await authenticationMessage(stream);
    const reader = readMessage(message);
    const method = reader.int32();
    if (method === 0) return;
    if (method === 3) sendClearPassword(stream, target);
    else if (method === 5) stream.write(passwordMessage(md5Password(target, reader.bytes(4))));
    else if (method === 10) return await authenticateScram(stream, target, message);
    else throw new Error(`the server asks for authentication method ${method}, which the gateway does not speak`);
  }
}

/** The next authentication message; an error of the server is thrown with its text. */
async function authenticationMessage(stream: LoginStream): Promise<Uint8Array> {
  for (;;) {
    const message = await stream.message(limits.login_message_bytes_max);
    if (message[0] === server.errorResponse) throw reported(message);
    if (message[0] === server.authentication) return message;
    if (message[0] !== server.noticeResponse) throw new Error("the server sent something unexpected during login");
  }
}

function reported(message: Uint8Array): Error {
  const report = readReport(message);
  return new Error(`${report.code} ${report.message}`);
}

function sendClearPassword(stream: LoginStream, target: UpstreamTarget): void {
  if (target.tls === "disable") throw new Error("the server asks for a password in clear: that needs TLS");
  stream.write(passwordMessage(target.password));
}

const passwordMessage = (text: string): Uint8Array => buildMessage(client.password).cstring(text).end();

function md5Password(target: UpstreamTarget, salt: Uint8Array): string {
  const inner = createHash("md5")
    .update(target.password + target.user)
    .digest("hex");
  return `md5${createHash("md5").update(inner).update(salt).digest("hex")}`;
}

async function authenticateScram(stream: LoginStream, target: UpstreamTarget, offer: Uint8Array): Promise<void> {
  const mechanisms = Buffer.from(offer.subarray(9)).toString("latin1").split("\0");
  if (!mechanisms.includes(scramMechanism)) throw new Error("the server offers no SCRAM-SHA-256");
  const scram = startScramClient("");
  const first = Buffer.from(scram.clientFirst);
  stream.write(buildMessage(client.password).cstring(scramMechanism).int32(first.length).bytes(first).end());
  const proof = proveScramClient(scram, await saslText(stream, 11), target.password);
  if (proof === null) throw new Error("the server's SCRAM challenge is not valid");
  stream.write(buildMessage(client.password).bytes(Buffer.from(proof.clientFinal)).end());
  if (!acceptServerFinal(proof, await saslText(stream, 12))) throw new Error("the server could not prove who it is");
  if (readMessage(await authenticationMessage(stream)).int32() !== 0) throw new Error("login was not confirmed");
}

async function saslText(stream: LoginStream, method: 11 | 12): Promise<string> {
  const message = await authenticationMessage(stream);
  if (readMessage(message).int32() !== method) throw new Error("the server left the SCRAM exchange");
  return strictUtf8(message.subarray(9)) ?? "";
}

async function untilReady(stream: LoginStream): Promise<UpstreamConnection> {
  const parameters: Uint8Array[] = [];
  let cancelKey: Uint8Array | null = null;
  for (;;) {
    const message = await stream.message(limits.login_message_bytes_max);
    const type = message[0];
    if (type === server.errorResponse) throw reported(message);
    if (type === server.parameterStatus) parameters.push(message.slice());
    else if (type === server.backendKeyData) cancelKey = message.slice(5);
    else if (type === server.readyForQuery) {
      if (readStatus(message) !== "I") throw new Error("the server is not ready");
      if (stream.release().length > 0) throw new Error("the server spoke out of turn");
      return { socket: stream.socket, parameters, cancelKey, serverVersion: checkParameters(parameters) };
    } else if (type !== server.noticeResponse) throw new Error("the server sent something unexpected after login");
  }
}

/** Refuses a server that would read SQL text otherwise than we do; its major version. */
function checkParameters(messages: readonly Uint8Array[]): number {
  const values = new Map(messages.map(readParameterStatus).map(({ name, value }) => [name, value]));
  if (values.get("standard_conforming_strings") === "off") {
    throw new Error("the server keeps standard_conforming_strings off");
  }
  if ((values.get("client_encoding") ?? "UTF8") !== "UTF8") throw new Error("the server does not speak UTF8");
  return Number.parseInt(values.get("server_version") ?? "0", 10);
}
