import { createHmac, randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { type Announcement, bodyOf, type WebhookFormat } from "./announcement.js";

export interface Webhook {
  readonly url: string;
  /** Signing key. `whsec_` and base64, or any text, whose bytes are then the key. */
  readonly secret: string;
  readonly format: WebhookFormat;
}

/** Waits before the second and later tries; after the last the event is given up, and the log line says so. */
const retryDelays_ms: readonly number[] = [500, 2_000, 10_000, 60_000];
const timeout_ms = 10_000;

/**
 * Posts `announcement` to `webhook`, signed by Standard Webhooks (symmetric `v1`): the signature covers id, timestamp and
 * body. Tries again with growing delays, always with the same id. Never throws; `log` is told of a webhook that stays away.
 */
export async function sendWebhook(
  webhook: Webhook,
  announcement: Announcement,
  log: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const id = `msg_${randomUUID()}`;
  const body = bodyOf(announcement, webhook.format, new Date());
  for (const delay_ms of [0, ...retryDelays_ms]) {
    try {
      if (delay_ms > 0) await sleep(delay_ms, undefined, { signal, ref: false });
      if (await post(webhook, id, body, signal)) return;
    } catch {
      if (signal.aborted) return;
    }
  }
  log(`webhook ${new URL(webhook.url).origin} did not accept ${announcement.kind} of ${announcement.id}`);
}

async function post(webhook: Webhook, id: string, body: string, signal: AbortSignal): Promise<boolean> {
  const timestamp = Math.floor(Date.now() / 1000);
  const response = await fetch(webhook.url, {
    method: "POST",
    body,
    redirect: "error",
    signal: AbortSignal.any([signal, AbortSignal.timeout(timeout_ms)]),
    headers: {
      "content-type": "application/json",
      "webhook-id": id,
      "webhook-timestamp": String(timestamp),
      "webhook-signature": sign(webhook.secret, id, timestamp, body),
    },
  });
  await response.body?.cancel();
  return response.ok;
}

/** `v1,` and the base64 HMAC-SHA256 of `id.timestamp.body` (Standard Webhooks, "Signature scheme"). */
export function sign(secret: string, id: string, timestamp: number, body: string): string {
  const key = secret.startsWith("whsec_") ? Buffer.from(secret.slice("whsec_".length), "base64") : Buffer.from(secret);
  return `v1,${createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64")}`;
}
