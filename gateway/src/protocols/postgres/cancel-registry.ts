/**
 * Keys by which a client may cancel what its session runs. They are ours: the server's keys never leave the gateway.
 * PostgreSQL manual 54.2.8: a CancelRequest comes over a connection of its own and is never answered.
 */
import { randomBytes, randomInt, timingSafeEqual } from "node:crypto";

export interface CancelKey {
  readonly processId: number;
  /** Four bytes, as protocol 3.0 has them. */
  readonly secret: Uint8Array;
}

export interface CancelRegistry {
  /** A key that calls `cancel` until `remove`. */
  add(cancel: () => void): CancelKey;
  remove(key: CancelKey): void;
  /** Does nothing when the key is not one of ours. */
  request(processId: number, secret: Uint8Array): void;
}

export function createCancelRegistry(): CancelRegistry {
  const entries = new Map<number, { readonly secret: Uint8Array; readonly cancel: () => void }>();

  return {
    add(cancel) {
      let processId = randomInt(1, 2 ** 31);
      while (entries.has(processId)) processId = randomInt(1, 2 ** 31);
      const secret = randomBytes(4);
      entries.set(processId, { secret, cancel });
      return { processId, secret };
    },
    remove: ({ processId }) => {
      entries.delete(processId);
    },
    request(processId, secret) {
      const entry = entries.get(processId);
      if (entry === undefined || entry.secret.length !== secret.length) return;
      if (timingSafeEqual(entry.secret, secret)) entry.cancel();
    },
  };
}
