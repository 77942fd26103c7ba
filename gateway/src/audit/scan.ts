/**
 * Reads a log and follows its two chains: each line names the hash of the line before it, and all lines are leaves of one tree.
 *
 * In: a log's folder, where to begin, and the trees that were signed at certain sizes. Out: where the log ends, or the first
 * line that does not fit. The opening of a log and `hpl audit verify` both stand on this. Absent: signatures, tiles.
 */
import { firstPrev } from "./event.js";
import { readLine } from "./line.js";
import {
  emptyTree,
  type FullTile,
  growTree,
  type Hash,
  isSameHash,
  leafHash,
  rootOfEdge,
  type TreeEdge,
  type TreeHead,
} from "./merkle.js";
import { linesOf, segmentLength, segmentOf } from "./segments.js";

/** What is wrong with a log, at the first line that does not fit. */
export interface AuditFault {
  /** 0-based index of the line. */
  readonly index: number;
  readonly reason: string;
}

/** Where a log can be read from: the beginning of a segment. */
export interface ScanStart {
  readonly prev: string;
  readonly edge: TreeEdge;
}

export const fromFirstLine: ScanStart = { prev: firstPrev, edge: emptyTree };

/** Where a log ends: what the next line needs to know. */
export interface Tail extends ScanStart {
  /** Bytes of whole lines in the last segment. */
  readonly segment_size: number;
  /** Bytes behind them: a line that a crash cut off. */
  readonly torn_size: number;
}

export type Scan = { readonly ok: true; readonly tail: Tail } | { readonly ok: false; readonly fault: AuditFault };

/** What is told of each line; gives what is wrong with it, or null. */
export type VisitLine = (line: {
  readonly index: number;
  readonly bytes: Buffer;
  readonly leaf: Hash;
}) => string | null;

export interface ScanOptions {
  readonly start: ScanStart;
  /** Heads of trees that were signed; those smaller than the start are passed over. */
  readonly heads: readonly TreeHead[];
  readonly visit?: VisitLine;
  readonly full?: (tile: FullTile) => void;
}

/** Reads the log in `folder` from `start` on. O(bytes); memory: one line and the edge of the tree. */
export async function scanLog(folder: string, options: ScanOptions): Promise<Scan> {
  const { start, visit, full = () => {} } = options;
  const heads = options.heads.filter(({ size }) => size >= start.edge.size);
  const signed = new Map(heads.map((head) => [head.size, head]));
  const tree = growTree(start.edge, full);
  let [index, prev, segment_size] = [start.edge.size, start.prev, 0];
  const fault = (reason: string): Scan => ({ ok: false, fault: { index, reason } });
  for await (const { segment, bytes, isWhole } of linesOf(folder, segmentOf(index))) {
    if (!isWhole) {
      const shortened = beyond(heads, index);
      if (shortened !== null) return fault(shortened);
      return { ok: true, tail: { prev, edge: tree.edge(), segment_size, torn_size: bytes.length } };
    }
    if (segment !== segmentOf(index)) return fault("the line stands in another segment than its index says");
    const line = readLine(bytes, { index, prev });
    if (!line.ok) return fault(line.reason);
    const leaf = leafHash(bytes);
    const found = visit?.({ index, bytes, leaf }) ?? null;
    if (found !== null) return fault(found);
    tree.push(leaf);
    prev = line.hash;
    segment_size = index % segmentLength === 0 ? bytes.length + 1 : segment_size + bytes.length + 1;
    index++;
    const head = signed.get(index);
    if (head !== undefined && !isSameHash(rootOfEdge(tree.edge()), head.root))
      return {
        ok: false,
        fault: { index: since(heads, index), reason: "the lines from here on are not those that were signed" },
      };
  }
  const shortened = beyond(heads, index);
  if (shortened !== null) return fault(shortened);
  return { ok: true, tail: { prev, edge: tree.edge(), segment_size, torn_size: 0 } };
}

/** Where the lines begin that an earlier signature does not vouch for. */
const since = (heads: readonly TreeHead[], size: number): number =>
  Math.max(0, ...heads.map((head) => head.size).filter((each) => each < size));

function beyond(heads: readonly TreeHead[], size: number): string | null {
  const longest = Math.max(0, ...heads.map((head) => head.size));
  return longest > size ? `the line is missing: ${longest} lines were signed` : null;
}
