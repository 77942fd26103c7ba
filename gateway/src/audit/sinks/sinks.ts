/** The places that events can be shipped to: a file, a webhook, an OTLP collector, PostgreSQL. */
import { randomUUID } from "node:crypto";
import { appendFile } from "node:fs/promises";
import { sign } from "../../approvals/webhook.js";
import type { UpstreamTarget } from "../../session/enforcement.js";
import type { EventFormat } from "../format/index.js";
import { postgresSink } from "./postgres-sink.js";
import type { Shipment, Sink } from "./ship.js";

/** Where events go, with all that is needed to send them. */
export type SinkSettings = { readonly name: string; readonly format: EventFormat } & (
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "webhook"; readonly url: string; readonly secret: string }
  | { readonly kind: "otlp"; readonly url: string; readonly headers: Readonly<Record<string, string>> }
  | { readonly kind: "postgres"; readonly target: UpstreamTarget }
);

/** The sink that `settings` describe; `origin` names the log its events are from. */
export function openSink(settings: SinkSettings, origin: string): Sink {
  const { name, format } = settings;
  switch (settings.kind) {
    case "file":
      return fileSink(name, settings.path, format);
    case "webhook":
      return webhookSink(name, settings.url, settings.secret, format);
    case "otlp":
      return otlpSink(name, settings.url, settings.headers, format, origin);
    case "postgres":
      return postgresSink(name, settings.target, format, origin);
  }
}

/** Longest wait for an answer. */
const timeout_ms = 10_000;

/** Appends a line an event to the file `path`. After a crash the last lines may be there twice. */
function fileSink(name: string, path: string, format: EventFormat): Sink {
  return {
    name,
    format,
    send: ({ events }) => appendFile(path, events.map(({ text }) => `${text}\n`).join(""), { mode: 0o600 }),
  };
}

/** Posts `{"type":"audit.events","first":..,"events":[..]}`, signed by Standard Webhooks. Events in CEF are strings. */
function webhookSink(name: string, url: string, secret: string, format: EventFormat): Sink {
  return {
    name,
    format,
    send: async ({ first, events }, signal) => {
      const items = events.map(({ text }) => (format === "cef" ? JSON.stringify(text) : text)).join(",");
      const body = `{"type":"audit.events","timestamp":"${new Date().toISOString()}","first":${first},"events":[${items}]}`;
      const [id, timestamp] = [`msg_${randomUUID()}`, Math.floor(Date.now() / 1000)];
      await post(url, body, signal, {
        "webhook-id": id,
        "webhook-timestamp": String(timestamp),
        "webhook-signature": sign(secret, id, timestamp, body),
      });
    },
  };
}

/** Posts log records by OTLP/HTTP in JSON to `url`, which ends in `/v1/logs`. The body of a record is the event. */
function otlpSink(
  name: string,
  url: string,
  headers: Readonly<Record<string, string>>,
  format: EventFormat,
  origin: string,
): Sink {
  return {
    name,
    format,
    send: ({ events }, signal) => post(url, JSON.stringify(otlpBody(events, origin)), signal, headers),
  };
}

/** OTLP/HTTP JSON encoding: 64-bit numbers are strings. */
function otlpBody(events: Shipment["events"], origin: string) {
  const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });
  const logRecords = events.map((event) => ({
    timeUnixNano: `${Date.parse(event.time)}000000`,
    severityNumber: 9,
    severityText: "INFO",
    eventName: event.kind,
    body: { stringValue: event.text },
    attributes: [text("hpl.origin", origin), { key: "hpl.index", value: { intValue: String(event.index) } }],
  }));
  const resource = { attributes: [text("service.name", "hpl-gateway"), text("service.instance.id", origin)] };
  return { resourceLogs: [{ resource, scopeLogs: [{ scope: { name: "hpl.audit" }, logRecords }] }] };
}

async function post(
  url: string,
  body: string,
  signal: AbortSignal,
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  const response = await fetch(url, {
    method: "POST",
    body,
    redirect: "error",
    signal: AbortSignal.any([signal, AbortSignal.timeout(timeout_ms)]),
    headers: { "content-type": "application/json", ...headers },
  });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`${new URL(url).origin} answered ${response.status}`);
}
