/**
 * SCRAM-SHA-256, both sides (RFC 5802, RFC 7677), without channel binding.
 *
 * In: the other side's messages as text. Out: our messages as text, or null when the exchange has failed. Each side is two
 * or three pure steps over plain state, because a protocol owns the wire: PostgreSQL wraps these texts in SASL messages.
 * The server side keeps verifiers, never passwords, and answers for users it does not know with a verifier that no
 * password fits, so that an attacker cannot tell which names exist. Absent: channel binding (`-PLUS`) and `authzid`.
 */
import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from "node:crypto";
import type { ScramVerifier } from "../session/enforcement.js";

export const scramMechanism = "SCRAM-SHA-256";

/** What PostgreSQL uses; RFC 7677 section 4 asks for at least this. */
const iterationsDefault = 4096;
/** A server may ask a client for more work; past this it is an attack on the client. */
const iterationsMax = 1_000_000;

const sha256 = (data: Uint8Array): Uint8Array => createHash("sha256").update(data).digest();
const hmac = (key: Uint8Array, text: string): Uint8Array => createHmac("sha256", key).update(text).digest();
const xor = (a: Uint8Array, b: Uint8Array): Uint8Array => a.map((byte, i) => byte ^ (b[i] ?? 0));
const base64 = (data: Uint8Array): string => Buffer.from(data).toString("base64");
const newNonce = (): string => randomBytes(18).toString("base64");

/** Base64 text to bytes; null unless it is the canonical form of something. */
function fromBase64(text: string): Uint8Array | null {
  const bytes = Buffer.from(text, "base64");
  return bytes.length > 0 && bytes.toString("base64") === text ? bytes : null;
}

/** SASLprep (RFC 4013) as far as passwords need it: other spaces become a space, invisible characters go, NFKC. */
function prepare(password: string): string {
  return password
    .replace(/[\u00A0\u1680\u2000-\u200B\u202F\u205F\u3000]/gu, " ")
    .replace(/\u00AD|\u034F|\u1806|[\u180B-\u180D]|\u200C|\u200D|\u2060|[\uFE00-\uFE0F]|\uFEFF/gu, "")
    .normalize("NFKC");
}

const saltedPassword = (password: string, salt: Uint8Array, iterations: number): Uint8Array =>
  pbkdf2Sync(prepare(password), salt, iterations, 32, "sha256");

/** Turns a password into what a server keeps. Costs about 2 ms. `salt` is given only by tests. */
export function createVerifier(
  password: string,
  { salt = randomBytes(16), iterations = iterationsDefault }: { salt?: Uint8Array; iterations?: number } = {},
): ScramVerifier {
  const salted = saltedPassword(password, salt, iterations);
  const storedKey = sha256(hmac(salted, "Client Key"));
  return { iterations, salt, stored_key: storedKey, server_key: hmac(salted, "Server Key") };
}

const mockSecret = randomBytes(32);

/** A verifier for a user that does not exist: the same salt each time the name is tried, and no password that fits. */
export function mockVerifier(user: string): ScramVerifier {
  return {
    iterations: iterationsDefault,
    salt: hmac(mockSecret, `salt ${user}`).slice(0, 16),
    stored_key: hmac(mockSecret, `stored ${user}`),
    server_key: hmac(mockSecret, `server ${user}`),
  };
}

/** The attributes of a message in order, `a=value`; null when a part has another form. RFC 5802 section 5.1. */
function attributesOf(message: string): readonly (readonly [string, string])[] | null {
  const pairs: (readonly [string, string])[] = [];
  for (const part of message.split(",")) {
    if (!/^[A-Za-z]=/u.test(part)) return null;
    pairs.push([part.slice(0, 1), part.slice(2)]);
  }
  return pairs;
}

/** The values of exactly the attributes `names`, in that order and no others. An extension, `m=` too, is a failure. */
function exactly(message: string, names: string): readonly string[] | null {
  const pairs = attributesOf(message);
  if (pairs === null || pairs.map(([name]) => name).join("") !== names) return null;
  return pairs.map(([, value]) => value);
}

/** A server's side after the client's first message. */
export interface ScramServer {
  readonly verifier: ScramVerifier;
  readonly gs2Header: string;
  readonly nonce: string;
  readonly firstMessages: string;
  /** The message to send. */
  readonly serverFirst: string;
}

/**
 * Answers `client-first-message`; null when it is malformed or asks for channel binding. `y` is accepted because we never
 * offer `-PLUS`: the client says that it could have, and is right that we cannot.
 */
export function startScramServer(clientFirst: string, verifier: ScramVerifier, nonce = newNonce()): ScramServer | null {
  const header = /^[ny],,/u.exec(clientFirst)?.[0];
  if (header === undefined) return null;
  const bare = clientFirst.slice(header.length);
  const clientNonce = exactly(bare, "nr")?.[1];
  if (clientNonce === undefined || clientNonce === "") return null;
  const fullNonce = clientNonce + nonce;
  const serverFirst = `r=${fullNonce},s=${base64(verifier.salt)},i=${verifier.iterations}`;
  return { verifier, gs2Header: header, nonce: fullNonce, firstMessages: `${bare},${serverFirst}`, serverFirst };
}

/** Checks `client-final-message`; the server's final message when the proof holds, else null. */
export function finishScramServer(server: ScramServer, clientFinal: string): string | null {
  const [binding, nonce, proofText] = exactly(clientFinal, "crp") ?? [];
  if (binding !== base64(Buffer.from(server.gs2Header)) || nonce !== server.nonce) return null;
  const proof = fromBase64(proofText ?? "");
  if (proof === null || proof.length !== 32) return null;
  const authMessage = `${server.firstMessages},c=${binding},r=${nonce}`;
  const clientKey = xor(proof, hmac(server.verifier.stored_key, authMessage));
  if (!timingSafeEqual(sha256(clientKey), server.verifier.stored_key)) return null;
  return `v=${base64(hmac(server.verifier.server_key, authMessage))}`;
}

/** A client's side after its first message. */
export interface ScramClient {
  readonly nonce: string;
  readonly clientFirstBare: string;
  /** The message to send. */
  readonly clientFirst: string;
}

export function startScramClient(user: string, nonce = newNonce()): ScramClient {
  const bare = `n=${user.replace(/=/gu, "=3D").replace(/,/gu, "=2C")},r=${nonce}`;
  return { nonce, clientFirstBare: bare, clientFirst: `n,,${bare}` };
}

/** A client's side once it has sent its proof. */
export interface ScramClientProof {
  readonly clientFinal: string;
  /** What the server's final message must be: it proves that the server knows the verifier. */
  readonly serverFinal: string;
}

/** Answers `server-first-message`; null when it is malformed, not for us, or asks for absurd work. */
export function proveScramClient(client: ScramClient, serverFirst: string, password: string): ScramClientProof | null {
  const [nonce, saltText, iterationsText] = exactly(serverFirst, "rsi") ?? [];
  if (nonce === undefined || !nonce.startsWith(client.nonce) || nonce.length === client.nonce.length) return null;
  const salt = fromBase64(saltText ?? "");
  const iterations = /^[1-9][0-9]{0,6}$/u.test(iterationsText ?? "") ? Number(iterationsText) : 0;
  if (salt === null || iterations < 1 || iterations > iterationsMax) return null;
  const salted = saltedPassword(password, salt, iterations);
  const clientKey = hmac(salted, "Client Key");
  const withoutProof = `c=${base64(Buffer.from("n,,"))},r=${nonce}`;
  const authMessage = `${client.clientFirstBare},${serverFirst},${withoutProof}`;
  const proof = xor(clientKey, hmac(sha256(clientKey), authMessage));
  return {
    clientFinal: `${withoutProof},p=${base64(proof)}`,
    serverFinal: `v=${base64(hmac(hmac(salted, "Server Key"), authMessage))}`,
  };
}

/** Whether the server's final message is the one it must be. */
export function acceptServerFinal(proof: ScramClientProof, serverFinal: string): boolean {
  const [expected, given] = [Buffer.from(proof.serverFinal), Buffer.from(serverFinal)];
  return expected.length === given.length && timingSafeEqual(expected, given);
}
