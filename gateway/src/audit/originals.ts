/**
 * Digests of what was masked: whoever has the gateway's key and the values can show later that these were the ones, in this
 * order; nobody else can learn from them or compare them with a guess.
 *
 * In: the cells of one column of one result, as the server sent them. Out: HMAC-SHA-256 under a key of its own, made from that
 * of the log's digests: over `hpl/originals/1`, a zero byte, the type's OID (4 bytes), the format (1 byte), then each cell behind
 * its length (4 bytes, -1 for NULL, as in DataRow). One digest a column and result, never one a cell: equal cells must not show.
 */
import { createHmac } from "node:crypto";

export interface OriginalsDigest {
  /** The next cell behind its length: the bytes of `message` from `start` to before `end`. */
  add(message: Uint8Array, start: number, end: number): void;
  /** Hex. Ends the digest. */
  end(): string;
}

/** Opens the digest of a column. */
export type OpenOriginals = (type_oid: number, format: 0 | 1) => OriginalsDigest;

/** Cells are collected so far before they are hashed: a call of the hash costs more than a short cell. */
const collected_bytes = 4_096;

export function openOriginals(digestsKey: Uint8Array): OpenOriginals {
  const key = createHmac("sha256", digestsKey).update("hpl/originals/1").digest();
  return (type_oid, format) => {
    const head = Buffer.alloc(5);
    head.writeUInt32BE(type_oid);
    head.writeUInt8(format, 4);
    const hash = createHmac("sha256", key).update("hpl/originals/1\0").update(head);
    let collected: Uint8Array | null = null;
    let used = 0;
    const flush = (): void => {
      if (collected !== null && used > 0) hash.update(collected.subarray(0, used));
      used = 0;
    };
    return {
      add: (message, start, end) => {
        const size = end - start;
        if (used + size > collected_bytes) flush();
        if (size > collected_bytes) {
          hash.update(message.subarray(start, end));
          return;
        }
        collected ??= new Uint8Array(collected_bytes);
        for (let i = start; i < end; i++) collected[used++] = message[i] ?? 0;
      },
      end: () => {
        flush();
        return hash.digest("hex");
      },
    };
  };
}
