import {
  DETECT_HEADER_DETECTORS_COUNT,
  DETECT_HEADER_MACHINES,
  DETECT_HEADER_MACHINES_COUNT,
  DETECT_HEADER_MAGIC,
  DETECT_HEADER_OUTPUTS,
  DETECT_HEADER_OUTPUTS_COUNT,
  DETECT_HEADER_VERSION,
  DETECT_HEADER_WORDS,
  DETECT_MAGIC,
  DETECT_VERSION,
  FILTER_PIVOT,
  FILTER_PREFIX,
  MACHINE_CLASSES,
  MACHINE_CLASSES_SHIFT,
  MACHINE_FILTER,
  MACHINE_FILTER_KIND,
  MACHINE_FIRST_ACCEPTING,
  MACHINE_LISTS,
  MACHINE_LISTS_COUNT,
  MACHINE_NEXT,
  MACHINE_PIVOT,
  MACHINE_START,
  MACHINE_STATES_COUNT,
  MACHINE_WALK_MAX,
  MACHINE_WORDS,
  MATCH_BYTES_MAX,
  OUTPUT_WORDS,
  PIVOT_SIZE,
  PREFIX_SIZE,
} from "../abi/detect-layout.js";

/** The section `hpl.detect`, read and found to be whole: no pointer and no state in it leads anywhere else. */
export interface DetectTables {
  readonly bytes: Uint8Array;
  readonly detectors_count: number;
  readonly outputs: readonly { readonly detector: number; readonly flags: number }[];
  readonly machines: readonly MachineTables[];
}

export interface MachineTables {
  readonly filter:
    | { readonly kind: "prefix"; readonly table: Uint8Array }
    | { readonly kind: "pivot"; readonly byte: number; readonly walk_max: number; readonly before: Uint8Array };
  readonly classes: Uint8Array;
  readonly shift: number;
  readonly start: number;
  readonly first_accepting: number;
  readonly next: Uint16Array;
  readonly lists: Uint16Array;
}

/** Null when the section is damaged. O(bytes). */
export function readTables(bytes: Uint8Array): DetectTables | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < DETECT_HEADER_WORDS * 4) return null;
  const word = (at: number): number => view.getInt32(at, true);
  const header = (index: number): number => word(index * 4);
  if (header(DETECT_HEADER_MAGIC) !== DETECT_MAGIC || header(DETECT_HEADER_VERSION) !== DETECT_VERSION) return null;
  const detectors_count = header(DETECT_HEADER_DETECTORS_COUNT);
  const outputWords = entriesOf(
    header(DETECT_HEADER_OUTPUTS),
    header(DETECT_HEADER_OUTPUTS_COUNT),
    OUTPUT_WORDS,
    bytes,
  );
  const machineWords = entriesOf(
    header(DETECT_HEADER_MACHINES),
    header(DETECT_HEADER_MACHINES_COUNT),
    MACHINE_WORDS,
    bytes,
  );
  if (outputWords === null || machineWords === null) return null;
  const outputs = outputWords.map((at) => ({ detector: word(at), flags: word(at + 4) }));
  const machines = machineWords.map((at) => readMachine((index) => word(at + index * 4), bytes, outputs.length));
  const isWhole = outputs.every(({ detector }) => detector >= 0 && detector < detectors_count);
  const known = machines.filter((machine) => machine !== null);
  return isWhole && known.length === machines.length ? { bytes, detectors_count, outputs, machines: known } : null;
}

/** Addresses of `count` entries from `start` on; null when they do not lie in `bytes`. */
function entriesOf(start: number, count: number, words: number, bytes: Uint8Array): readonly number[] | null {
  if (!lies(start, count * words * 4, bytes) || count < 0) return null;
  return Array.from({ length: count }, (_, i) => start + i * words * 4);
}

const lies = (start: number, size: number, bytes: Uint8Array): boolean =>
  start >= 0 && size >= 0 && start + size <= bytes.length;

function readMachine(word: (index: number) => number, bytes: Uint8Array, outputs_count: number): MachineTables | null {
  const filter = readFilter(word, bytes);
  const shift = word(MACHINE_CLASSES_SHIFT);
  const states_count = word(MACHINE_STATES_COUNT);
  const classes = slice(word(MACHINE_CLASSES), 256, bytes);
  if (filter === null || classes === null || shift < 0 || shift > 8 || states_count < 1) return null;
  const next = numbers(word(MACHINE_NEXT), states_count << shift, bytes);
  const lists = numbers(word(MACHINE_LISTS), word(MACHINE_LISTS_COUNT), bytes);
  const [start, first_accepting] = [word(MACHINE_START), word(MACHINE_FIRST_ACCEPTING)];
  if (next === null || lists === null) return null;
  const isWhole =
    classes.every((kind) => kind < 1 << shift) &&
    next.every((state) => state < states_count) &&
    start >= 0 &&
    start < states_count &&
    first_accepting >= 1 &&
    first_accepting <= states_count &&
    areLists(lists, states_count - first_accepting, outputs_count);
  return isWhole ? { filter, classes, shift, start, first_accepting, next, lists } : null;
}

/** Whether each of the first `count` numbers leads to a list of outputs there are. */
function areLists(lists: Uint16Array, count: number, outputs_count: number): boolean {
  for (let i = 0; i < count; i++) {
    const at = lists[i];
    const length = at === undefined ? undefined : lists[at];
    if (at === undefined || length === undefined || at + length >= lists.length) return false;
    for (let k = 1; k <= length; k++) if ((lists[at + k] ?? outputs_count) >= outputs_count) return false;
  }
  return true;
}

function readFilter(word: (index: number) => number, bytes: Uint8Array): MachineTables["filter"] | null {
  const at = word(MACHINE_FILTER);
  if (word(MACHINE_FILTER_KIND) === FILTER_PREFIX) {
    const table = slice(at, PREFIX_SIZE, bytes);
    return table && { kind: "prefix", table };
  }
  const before = slice(at, PIVOT_SIZE, bytes);
  const [byte, walk_max] = [word(MACHINE_PIVOT), word(MACHINE_WALK_MAX)];
  if (word(MACHINE_FILTER_KIND) !== FILTER_PIVOT || before === null) return null;
  const isWhole = byte >= 0 && byte < 256 && walk_max >= 0 && walk_max <= MATCH_BYTES_MAX;
  return isWhole ? { kind: "pivot", byte, walk_max, before } : null;
}

const slice = (start: number, size: number, bytes: Uint8Array): Uint8Array | null =>
  lies(start, size, bytes) ? bytes.subarray(start, start + size) : null;

/** `count` little-endian numbers of two bytes. */
function numbers(start: number, count: number, bytes: Uint8Array): Uint16Array | null {
  const own = slice(start, count * 2, bytes);
  return own && Uint16Array.from({ length: count }, (_, i) => (own[i * 2] ?? 0) | ((own[i * 2 + 1] ?? 0) << 8));
}
