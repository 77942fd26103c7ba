/**
 * What a client may say before it has logged in: PostgreSQL manual 54.2.1 and 54.7.
 *
 * In: one packet without type byte. Out: what it asks for. Then, for a StartupMessage: which of its parameters go to the
 * server. Only parameters from a list do, because a setting can change what SQL text means or what the server sends
 * (`search_path`, `standard_conforming_strings`, `client_min_messages`, `replication`).
 */
import { readMessage, strictUtf8 } from "./read-message.js";

export type StartupPacket =
  | { readonly kind: "tls" }
  | { readonly kind: "gss" }
  | { readonly kind: "cancel"; readonly processId: number; readonly secret: Uint8Array }
  | { readonly kind: "startup"; readonly startup: StartupMessage }
  /** Protocol 2, a future protocol 4, or bytes that are no packet at all. */
  | { readonly kind: "refused"; readonly code: string; readonly message: string };

export interface StartupMessage {
  readonly minorVersion: number;
  readonly user: string;
  /** The server's rule: the user's name when none is given. */
  readonly database: string;
  readonly parameters: ReadonlyMap<string, string>;
  /** Protocol options (`_pq_.*`) that we do not know: all of them. */
  readonly protocolOptions: readonly string[];
}

const refused = (code: string, message: string): StartupPacket => ({ kind: "refused", code, message });

/** `packet` holds its own length in the first four bytes. */
export function readStartupPacket(packet: Uint8Array): StartupPacket {
  const reader = readMessage(packet, 4);
  const major = reader.int16();
  const minor = reader.int16() & 0xffff;
  if (major === 1234 && minor === 5679 && reader.complete()) return { kind: "tls" };
  if (major === 1234 && minor === 5680 && reader.complete()) return { kind: "gss" };
  if (major === 1234 && minor === 5678) {
    const processId = reader.int32();
    return { kind: "cancel", processId, secret: packet.subarray(12) };
  }
  if (major !== 3) return refused("0A000", `unsupported frontend protocol ${major}.${minor}: the gateway speaks 3.0`);
  return readStartupMessage(packet, minor);
}

function readStartupMessage(packet: Uint8Array, minorVersion: number): StartupPacket {
  const reader = readMessage(packet, 8);
  const parameters = new Map<string, string>();
  for (let name = reader.untilZero(); name.length > 0; name = reader.untilZero()) {
    const [key, value] = [strictUtf8(name), strictUtf8(reader.untilZero())];
    if (key === null || value === null) return refused("22021", "a startup parameter is not UTF-8");
    if (parameters.has(key)) return refused("08P01", `startup parameter "${key}" is given twice`);
    parameters.set(key, value);
  }
  if (!reader.complete()) return refused("08P01", "invalid startup packet layout");
  const user = parameters.get("user") ?? "";
  if (user === "") return refused("28000", "no user name is given in the startup packet");
  const protocolOptions = [...parameters.keys()].filter((name) => name.startsWith("_pq_."));
  for (const name of [...protocolOptions, "user"]) parameters.delete(name);
  const database = parameters.get("database") || user;
  parameters.delete("database");
  return { kind: "startup", startup: { minorVersion, user, database, parameters, protocolOptions } };
}

/** Settings that cannot change what a statement means or who it runs as. Names are compared in lower case. */
const forwardedSettings: ReadonlySet<string> = new Set([
  "application_name",
  "bytea_output",
  "datestyle",
  "default_transaction_deferrable",
  "default_transaction_isolation",
  "default_transaction_read_only",
  "extra_float_digits",
  "geqo",
  "idle_in_transaction_session_timeout",
  "intervalstyle",
  "jit",
  "lock_timeout",
  "statement_timeout",
  "timezone",
  "transaction_timeout",
]);

export type Settings =
  | { readonly ok: true; readonly forwarded: ReadonlyMap<string, string> }
  | { readonly ok: false; readonly code: string; readonly message: string };

/** The settings to log in to the server with, or why the client's cannot be granted. */
export function chooseSettings(parameters: ReadonlyMap<string, string>): Settings {
  const forwarded = new Map<string, string>();
  const wanted = [...parameters].flatMap(([name, value]) =>
    name === "options" ? readOptions(value) : [{ name, value }],
  );
  for (const setting of wanted) {
    if (setting === null) return refuse("startup `options` must be of the form `-c name=value`");
    const [name, value] = [setting.name.toLowerCase(), setting.value];
    if (name === "client_encoding") {
      if (!isUtf8(value)) return refuse(`client_encoding "${value}" is not supported: the gateway reads SQL as UTF8`);
    } else if (name === "standard_conforming_strings") {
      if (!/^(on|true|yes|1)$/iu.test(value)) return refuse("standard_conforming_strings is always on here");
    } else if (name === "replication") {
      if (!/^(off|false|no|0)$/iu.test(value)) return refuse("replication connections are not allowed");
    } else if (forwardedSettings.has(name)) forwarded.set(name, value);
    else return refuse(`startup parameter "${setting.name}" is not allowed: set it after login, where policy decides`);
  }
  return { ok: true, forwarded };
}

const refuse = (message: string): Settings => ({ ok: false, code: "42501", message });

const isUtf8 = (value: string): boolean => /^(utf8|unicode)$/u.test(value.toLowerCase().replace(/[^a-z0-9]/gu, ""));

/** `-c name=value`, `-cname=value` and `--name=value`, separated by blanks, backslash escapes; null for anything else. */
function readOptions(text: string): readonly ({ readonly name: string; readonly value: string } | null)[] {
  const words = [...text.matchAll(/(?:\\.|[^\s\\])+/gsu)].map(([word]) => word.replace(/\\(.)/gsu, "$1"));
  const settings: ({ readonly name: string; readonly value: string } | null)[] = [];
  for (let i = 0; i < words.length; i += 1) {
    let word = words[i] ?? "";
    if (word === "-c") {
      i += 1;
      word = words[i] ?? "";
    } else if (word.startsWith("-c")) word = word.slice(2);
    else if (word.startsWith("--")) word = word.slice(2);
    else word = "";
    const [, name, value] = /^([^=]+)=(.*)$/su.exec(word) ?? [];
    settings.push(name === undefined || value === undefined ? null : { name: name.replaceAll("-", "_"), value });
  }
  return settings;
}
