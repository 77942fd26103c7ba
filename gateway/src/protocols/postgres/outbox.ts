/**
 * Collects bytes to write, and writes neighbours in memory as one piece. When every message of a chunk may go on, the chunk
 * itself goes on in one write, however many messages it holds.
 */
export interface Outbox {
  add(bytes: Uint8Array): void;
  /** Hands everything over, in order, in as few pieces as memory allows. */
  flush(write: (bytes: Uint8Array) => void): void;
}

export function createOutbox(): Outbox {
  let pieces: Uint8Array[] = [];
  let last: Uint8Array | null = null;
  /** Length of the last piece with the neighbours that joined it. */
  let lastLength = 0;

  function endPiece(): void {
    if (last === null) return;
    pieces.push(lastLength === last.length ? last : new Uint8Array(last.buffer, last.byteOffset, lastLength));
    last = null;
  }

  return {
    add(bytes) {
      if (last !== null && last.buffer === bytes.buffer && last.byteOffset + lastLength === bytes.byteOffset) {
        lastLength += bytes.length;
        return;
      }
      endPiece();
      last = bytes;
      lastLength = bytes.length;
    },
    flush(write) {
      endPiece();
      if (pieces.length === 0) return;
      const ready = pieces;
      pieces = [];
      for (const piece of ready) write(piece);
    },
  };
}
