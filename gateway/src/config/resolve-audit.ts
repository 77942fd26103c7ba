import { resolve } from "node:path";
import { type NoteVerifier, readVerifier } from "../audit/checkpoint.js";
import type { AuditSettings } from "../audit/gateway-audit.js";
import type { SinkSettings } from "../audit/sinks/sinks.js";
import { peerWitness } from "../audit/witness/peer-witness.js";
import { postgresWitness } from "../audit/witness/postgres-witness.js";
import type { WitnessPlace } from "../audit/witness/witness.js";
import { parseUpstreamUrl } from "../upstream/upstream-url.js";
import type { AuditSink, GatewayConfig, WitnessConfig } from "./generated.js";
import { readSecret } from "./secret.js";

/** Runs a step for the field at `path`; null when it failed, which is noted. */
type Attempt = <T>(path: readonly (string | number)[], read: () => T) => T | null;

const heartbeatDefault_s = 60;

/** What the configuration says of the audit log, with its secrets; paths are relative to `folder`. */
export function resolveAudit({ audit = {}, metrics }: GatewayConfig, folder: string, attempt: Attempt): AuditSettings {
  const { checkpoint_copy, heartbeat_s = heartbeatDefault_s, sinks = [], witness, witness_for = [] } = audit;
  const names = sinks.map(({ name }) => name);
  return {
    checkpoint_copy: checkpoint_copy === undefined ? null : resolve(folder, checkpoint_copy),
    heartbeat_ms: heartbeat_s * 1000,
    sinks: sinks.flatMap((sink, i) => {
      const path = ["audit", "sinks", i];
      const isNew = attempt([...path, "name"], () => {
        if (names.indexOf(sink.name) < i) throw new Error(`the sink \`${sink.name}\` is given twice`);
        return true;
      });
      const settings = attempt(path, () => resolveSink(sink, folder));
      return isNew === null || settings === null ? [] : [settings];
    }),
    witness: witness === undefined ? null : attempt(["audit", "witness"], () => resolveWitness(witness, folder)),
    witness_for: witness_for.flatMap((text, i) => {
      const verifier = attempt(["audit", "witness_for", i], () => keyIn(text, metrics !== undefined));
      return verifier === null ? [] : [verifier];
    }),
  };
}

function resolveWitness(witness: WitnessConfig, folder: string): WitnessPlace {
  return "peer" in witness
    ? peerWitness(plainUrl(witness.peer))
    : postgresWitness(parseUpstreamUrl(readSecret(witness.url, folder)));
}

function keyIn(text: string, isServed: boolean): NoteVerifier {
  const verifier = readVerifier(text);
  if (verifier === null) throw new Error("is no key of a log");
  if (!isServed) throw new Error("others reach a witness at the address of its metrics, and `metrics` is missing");
  return verifier;
}

function resolveSink(sink: AuditSink, folder: string): SinkSettings {
  const { name, format = "ocsf" } = sink;
  if ("file" in sink) return { kind: "file", name, format, path: resolve(folder, sink.file) };
  if ("webhook" in sink) {
    const secret = readSecret(sink.webhook.secret, folder);
    return { kind: "webhook", name, format, url: plainUrl(sink.webhook.url), secret };
  }
  if ("postgres" in sink)
    return { kind: "postgres", name, format, target: parseUpstreamUrl(readSecret(sink.postgres.url, folder)) };
  const headers = Object.entries(sink.otlp.headers ?? {}).map(([key, value]) => [key, readSecret(value, folder)]);
  return { kind: "otlp", name, format, url: plainUrl(sink.otlp.url), headers: Object.fromEntries(headers) };
}

/** A password in a URL would show up in logs. */
function plainUrl(url: string): string {
  if (!URL.canParse(url)) throw new Error("is not a URL");
  const { username, password } = new URL(url);
  if (username !== "" || password !== "") throw new Error("this URL may not hold a user or password");
  return url;
}
