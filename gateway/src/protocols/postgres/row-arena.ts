/**
 * Memory for the rows that the gateway writes itself: one behind the other in pieces of 64 KiB, so that neighbours go out in one
 * write. A piece is never written twice: what has been handed out may still wait for its socket.
 */
export interface RowArena {
  piece: Uint8Array;
  /** Bytes of `piece` that are handed out. */
  used: number;
}

const piece_bytes = 65_536;

export const createRowArena = (): RowArena => ({ piece: new Uint8Array(0), used: 0 });

/** Makes room for `size` bytes behind those that are used. What they hold is not defined. */
export function makeRoom(arena: RowArena, size: number): void {
  if (arena.used + size <= arena.piece.length) return;
  const piece = Buffer.allocUnsafeSlow(Math.max(size, piece_bytes));
  arena.piece = new Uint8Array(piece.buffer, piece.byteOffset, piece.length);
  arena.used = 0;
}

/** Hands out the next `size` bytes, for which there is room. */
export function handOut(arena: RowArena, size: number): Uint8Array {
  arena.used += size;
  return new Uint8Array(arena.piece.buffer, arena.used - size, size);
}
