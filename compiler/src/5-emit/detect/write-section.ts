import {
  DETECT_HEADER_WORDS,
  DETECT_MAGIC,
  DETECT_VERSION,
  FILTER_PIVOT,
  FILTER_PREFIX,
  MACHINE_WORDS,
} from "@hpl/runtime/abi";
import type { CombinedAutomaton } from "./combine.js";
import type { Machine, Output } from "./detect-section.js";

/** The bytes of the section: header, outputs, machines, then the tables these point at. Sizes are rounded up to 16 bytes. */
export function writeSection(
  detectors_count: number,
  outputs: readonly Output[],
  machines: readonly Machine[],
): Uint8Array<ArrayBuffer> {
  const outputsAt = DETECT_HEADER_WORDS * 4;
  const machinesAt = outputsAt + outputs.length * 8;
  const blobs: Uint8Array[] = [];
  let size = rounded(machinesAt + machines.length * MACHINE_WORDS * 4);
  const head = size;
  const place = (blob: Uint8Array): number => {
    const at = size;
    blobs.push(blob);
    size += rounded(blob.length);
    return at;
  };
  const words = [
    ...[DETECT_MAGIC, DETECT_VERSION, detectors_count, outputs.length, outputsAt, machines.length, machinesAt],
    ...outputs.flatMap(({ detector, flags }) => [detector, flags]),
    ...machines.flatMap((machine) => machineWords(machine, place)),
  ];
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  words.forEach((word, i) => {
    view.setInt32(i * 4, word, true);
  });
  blobs.reduce((at, blob) => {
    bytes.set(blob, at);
    return at + rounded(blob.length);
  }, head);
  return bytes;
}

const rounded = (size: number): number => (size + 15) & ~15;

function machineWords({ automaton, filter }: Machine, place: (blob: Uint8Array) => number): readonly number[] {
  const { classes, classes_count, start, next, first_accepting } = automaton;
  const shift = Math.max(0, Math.ceil(Math.log2(classes_count)));
  const { found, found_count } = listsOf(automaton);
  const ofFilter =
    filter.kind === "prefix"
      ? [FILTER_PREFIX, place(filter.table), 0, 0]
      : [FILTER_PIVOT, place(filter.pivot.before), filter.pivot.byte, filter.pivot.walk_max];
  const rows = new Uint16Array(next.length << shift);
  next.forEach((row, state) => {
    rows.set(row, state << shift);
  });
  return [
    ...ofFilter,
    place(classes),
    shift,
    next.length,
    start,
    first_accepting,
    place(littleEndian16(rows)),
    place(found),
    found_count,
    filter.kind === "pivot" && filter.follows ? 1 : 0,
  ];
}

/** Of each accepting state, where its list stands; then the lists, equal ones once. */
function listsOf({ found }: CombinedAutomaton): { readonly found: Uint8Array; readonly found_count: number } {
  const lists: number[] = [];
  const known = new Map<string, number>();
  const places = found.map((outputs) => {
    const key = outputs.join();
    const at = known.get(key) ?? found.length + lists.length;
    if (!known.has(key)) lists.push(outputs.length, ...outputs);
    known.set(key, at);
    return at;
  });
  return { found: littleEndian16([...places, ...lists]), found_count: places.length + lists.length };
}

/** Numbers of two bytes. The order of bytes is the module's, not this machine's. */
function littleEndian16(values: readonly number[] | Uint16Array): Uint8Array {
  const bytes = new Uint8Array(values.length * 2);
  for (let i = 0; i < values.length; i++) {
    bytes[i * 2] = values[i] ?? 0;
    bytes[i * 2 + 1] = (values[i] ?? 0) >> 8;
  }
  return bytes;
}
