/**
 * The recordings of sampled sessions, as the log proves them.
 *
 * In: the events that tell of a recording's parts. Out: the recording put together from its blobs, each of which is what its
 * event says, and what is missing. Nothing is taken from the folder of recordings: a file there proves nothing. Absent: replay.
 */
import { readBlob } from "../audit/blobs.js";
import { writeProof } from "../audit/proof.js";
import type { LoggedEvent } from "../audit/query.js";

export interface ProvedRecording {
  readonly session: string;
  /** The bytes of the parts that are there, up to the first that is not. */
  readonly bytes: Uint8Array;
  readonly parts: readonly {
    readonly index: number;
    readonly offset: number;
    readonly size: number;
    readonly sha256: string;
    /** Whether its blob is there, and is what the event says: false once it was erased. */
    readonly is_kept: boolean;
  }[];
  /** Whether all parts that the log tells of are there. */
  readonly is_whole: boolean;
  /** Whether the log has its end: a session that is still open has none. */
  readonly has_ended: boolean;
  /** Proofs of the parts' events, by index. */
  readonly proofs: readonly { readonly index: number; readonly text: string }[];
}

/** The recording of `session` from the `recording.kept` events of the log in `folder`, which are in order. */
export async function proveRecording(
  folder: string,
  session: string,
  events: readonly LoggedEvent[],
): Promise<ProvedRecording> {
  const current = currentParts(events);
  const read = current.map((event) => ({ event, bytes: partOf(folder, event) }));
  const gap = read.findIndex(({ bytes }) => bytes === null);
  const proofs = [];
  for (const { index } of current) {
    const proof = await writeProof(folder, index);
    if (proof.ok) proofs.push({ index, text: proof.text });
  }
  return {
    session,
    bytes: Buffer.concat((gap < 0 ? read : read.slice(0, gap)).map(({ bytes }) => bytes ?? new Uint8Array())),
    parts: read.map(({ event: { index, detail }, bytes }) => ({
      index,
      offset: detail.offset,
      size: detail.size,
      sha256: detail.sha256,
      is_kept: bytes !== null,
    })),
    is_whole: gap < 0 && areNeighbours(current),
    has_ended: current.at(-1)?.detail.is_last === true,
    proofs,
  };
}

/** A part that was kept again replaces itself and what came after it. */
function currentParts(events: readonly LoggedEvent[]): readonly LoggedEvent[] {
  const current: LoggedEvent[] = [];
  for (const event of events) {
    while ((current.at(-1)?.detail.offset ?? -1) >= event.detail.offset) current.pop();
    current.push(event);
  }
  return current;
}

function areNeighbours(events: readonly LoggedEvent[]): boolean {
  let end = 0;
  for (const { detail } of events) {
    if (detail.offset !== end) return false;
    end += detail.size;
  }
  return true;
}

/** The part's bytes of the recording, without the line behind them. */
function partOf(folder: string, { detail }: LoggedEvent): Uint8Array | null {
  const blob = readBlob(folder, detail.sha256);
  return blob === null || blob.length < detail.size ? null : blob.subarray(0, detail.size);
}
