/**
 * The scanning kernel with its memory: a text in, every hit out.
 *
 * Memory, from low to high: 1 KiB unused · control words · tables · state of the outputs · room for hits · the window · the trace. A text is
 * looked through in windows: the starts that are to be tried, and behind them as much as a match that starts last may need.
 */
import { detectKernelBase64 } from "../abi/detect-kernel-bytes.js";
import {
  CONTROL_DELTA,
  CONTROL_END,
  CONTROL_HITS,
  CONTROL_HITS_COUNT,
  CONTROL_HITS_MAX,
  CONTROL_STATE,
  CONTROL_TABLES,
  CONTROL_TRACE,
  CONTROL_WORDS,
  DETECT_VERSION,
  HIT_END,
  HIT_OUTPUT,
  HIT_START,
  HIT_WORDS,
  MATCH_BYTES_MAX,
  STATE_WORDS,
} from "../abi/detect-layout.js";
import type { DetectTables } from "./tables.js";

/** Told of every hit, machine by machine, in each by ascending starts. */
export type OnHit = (output: number, start: number, end: number, machine: number) => void;

/** Looks through a text of less than 2 GiB, in windows; `onWindow` is told when all hits that start in one have been. */
export type Scan = (text: Uint8Array, onHit: OnHit, onWindow: () => void) => void;

/** Starts that one window holds: a multiple of what a processor caches near by, and much more than a match. */
const window_starts_count = 65_536;
/** Hits before the kernel stops for them to be taken; at least those of the starts it tries between two looks. */
const hits_min = 4_096;
const starts_at_once = 16;
/** Bytes the kernel may read before a window and behind it. */
const margin_before = 16;
const margin_behind = 48;

let kernel: WebAssembly.Module | null = null;

function kernelModule(): WebAssembly.Module {
  kernel ??= new WebAssembly.Module(Uint8Array.from(atob(detectKernelBase64), (character) => character.charCodeAt(0)));
  return kernel;
}

const aligned = (address: number): number => (address + 15) & ~15;

export function openScanner({ bytes, outputs, machines }: DetectTables): Scan {
  const control = 1024;
  const tables = aligned(control + CONTROL_WORDS * 4);
  const state = aligned(tables + bytes.length);
  const hits = aligned(state + outputs.length * STATE_WORDS * 4);
  const hits_max = Math.max(hits_min, outputs.length * starts_at_once);
  const window = aligned(hits + hits_max * HIT_WORDS * 4) + margin_before;
  const window_size = window_starts_count + MATCH_BYTES_MAX + margin_behind;
  const trace = aligned(window + window_size);
  const size = trace + window_size * 2;
  const memory = new WebAssembly.Memory({ initial: Math.ceil(size / 65_536) });
  const { hpl_detect_version, hpl_detect_scan } = new WebAssembly.Instance(kernelModule(), { env: { memory } }).exports;
  if (typeof hpl_detect_scan !== "function" || typeof hpl_detect_version !== "function")
    throw new Error("HPL9001: no kernel");
  if (hpl_detect_version() !== DETECT_VERSION) throw new Error("HPL9001: a kernel of another version");
  const [memoryBytes, words] = [new Uint8Array(memory.buffer), new Int32Array(memory.buffer)];
  const at = (word: number): number => control / 4 + word;
  memoryBytes.set(bytes, tables);
  words[at(CONTROL_TABLES)] = tables;
  words[at(CONTROL_STATE)] = state;
  words[at(CONTROL_HITS)] = hits;
  words[at(CONTROL_HITS_MAX)] = hits_max;
  words[at(CONTROL_TRACE)] = trace - window * 2;

  /** Whether the outputs' state is as it is before any hit. */
  let isFresh = false;
  const scanWith = (machine: number, starts_count: number, onHit: OnHit): void => {
    for (let from = window; from < window + starts_count; ) {
      words[at(CONTROL_HITS_COUNT)] = 0;
      from = Number(hpl_detect_scan(control, machine, from, window + starts_count));
      const hits_count = words[at(CONTROL_HITS_COUNT)] ?? 0;
      if (hits_count > 0) isFresh = false;
      for (let hit = hits / 4; hit < hits / 4 + hits_count * HIT_WORDS; hit += HIT_WORDS)
        onHit(words[hit + HIT_OUTPUT] ?? 0, words[hit + HIT_START] ?? 0, words[hit + HIT_END] ?? 0, machine);
    }
  };
  const layWindow = (text: Uint8Array, first: number): number => {
    const end = Math.min(text.length, first + window_starts_count + MATCH_BYTES_MAX + 1);
    memoryBytes[window - 1] = first === 0 ? 0 : (text[first - 1] ?? 0);
    memoryBytes.set(first === 0 && end === text.length ? text : text.subarray(first, end), window);
    memoryBytes.fill(0, window + end - first, window + end - first + margin_behind - 1);
    words[at(CONTROL_END)] = window + end - first;
    words[at(CONTROL_DELTA)] = first - window;
    return Math.min(window_starts_count, text.length - first);
  };
  return (text, onHit, onWindow) => {
    if (!isFresh) words.fill(-1, state / 4, state / 4 + outputs.length * STATE_WORDS);
    isFresh = true;
    for (let first = 0; first < text.length; first += window_starts_count) {
      const starts_count = layWindow(text, first);
      for (let machine = 0; machine < machines.length; machine++) scanWith(machine, starts_count, onHit);
      onWindow();
    }
  };
}
