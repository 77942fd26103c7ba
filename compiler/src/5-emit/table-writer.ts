import { CELL_SIZE, CIDR_WORDS, GLOB_WORDS, TABLES_ADDRESS, TAG_BOOL, TAG_NUMBER, TAG_STRING } from "@hpl/runtime/abi";
import type { Automaton, CidrRange, Glob } from "../3-check/checked.js";
import type { Scalar } from "../4-lower/lowered.js";

const encoder = new TextEncoder();

/** Appends tables behind each other and knows their addresses. Equal strings and equal value lists are written once. */
export interface TableWriter {
  /** Reserves `words` zeroed words and returns their address. */
  reserve(words: number): number;
  /** Writes `words` and returns their address. */
  words(words: readonly number[]): number;
  /** Overwrites the word at `address`. */
  set(address: number, value: number): void;
  /** UTF-8 bytes of `text`: address and size. */
  text(text: string): { readonly address: number; readonly size: number };
  cells(values: readonly Scalar[]): number;
  globs(globs: readonly Glob[]): number;
  automata(automata: readonly Automaton[]): number;
  ranges(ranges: readonly CidrRange[]): number;
  /** Words that are written once, however often they are asked for. */
  path(words: readonly number[]): number;
  /** Float64, one after the other. */
  numbers(values: readonly number[]): number;
  finish(): Uint8Array<ArrayBuffer>;
}

export function tableWriter(): TableWriter {
  let bytes = new Uint8Array(4096);
  let view = new DataView(bytes.buffer);
  let size = 0;
  const known = new Map<string, number>();
  const knownAutomata = new Map<Automaton, readonly number[]>();

  const grow = (more: number): number => {
    const start = size;
    size += (more + 7) & ~7;
    if (size > bytes.length) {
      const larger = new Uint8Array(Math.max(size, bytes.length * 2));
      larger.set(bytes);
      bytes = larger;
      view = new DataView(bytes.buffer);
    }
    return start;
  };
  const once = (key: string, write: () => number): number => {
    const address = known.get(key) ?? write();
    known.set(key, address);
    return address;
  };
  const reserve = (words: number): number => TABLES_ADDRESS + grow(words * 4);
  const set = (address: number, value: number): void => view.setInt32(address - TABLES_ADDRESS, value, true);

  const bytesAt = (content: Uint8Array): number => {
    const start = grow(content.length);
    bytes.set(content, start);
    return TABLES_ADDRESS + start;
  };

  /** The words of an automaton's entry. Its transitions are written a byte at a time: the order of bytes is the module's. */
  const automaton = (of: Automaton): readonly number[] => {
    const written = knownAutomata.get(of);
    if (written !== undefined) return written;
    const next = Uint8Array.from({ length: of.next.length * 2 }, (_, i) => (of.next[i >> 1] ?? 0) >> ((i & 1) * 8));
    const words = [bytesAt(of.classes), of.classes_count, of.start, bytesAt(next), bytesAt(of.accepting)];
    knownAutomata.set(of, words);
    return words;
  };

  const writer: TableWriter = {
    reserve,
    set,
    words: (words) => {
      const address = reserve(words.length);
      words.forEach((word, i) => {
        set(address + i * 4, word);
      });
      return address;
    },
    text: (text) => {
      const utf8 = encoder.encode(text);
      const address = once(`text:${text}`, () => {
        const start = grow(utf8.length);
        bytes.set(utf8, start);
        return TABLES_ADDRESS + start;
      });
      return { address, size: utf8.length };
    },
    cells: (values) =>
      once(`cells:${JSON.stringify(values)}`, () => {
        const texts = values.map((value) => (typeof value === "string" ? writer.text(value) : null));
        const address = reserve((values.length * CELL_SIZE) / 4);
        values.forEach((value, i) => {
          const cell = address + i * CELL_SIZE - TABLES_ADDRESS;
          const text = texts[i];
          if (text) {
            view.setInt32(cell, TAG_STRING, true);
            view.setInt32(cell + 4, text.size, true);
            view.setInt32(cell + 8, text.address, true);
          } else if (typeof value === "number") {
            view.setInt32(cell, TAG_NUMBER, true);
            view.setFloat64(cell + 8, value, true);
          } else {
            view.setInt32(cell, TAG_BOOL, true);
            view.setInt32(cell + 4, value ? 1 : 0, true);
          }
        });
        return address;
      }),
    globs: (globs) =>
      once(`globs:${JSON.stringify(globs)}`, () => {
        const texts = globs.map((glob) => writer.text(glob.text));
        const address = reserve(globs.length * GLOB_WORDS);
        globs.forEach((glob, i) => {
          const entry = address + i * GLOB_WORDS * 4;
          set(entry, texts[i]?.address ?? 0);
          set(entry + 4, texts[i]?.size ?? 0);
          set(entry + 8, glob.separator === null ? -1 : glob.separator.charCodeAt(0));
        });
        return address;
      }),
    automata: (automata) => writer.words(automata.flatMap(automaton)),
    ranges: (ranges) =>
      once(`ranges:${JSON.stringify(ranges)}`, () => {
        const start = reserve(ranges.length * CIDR_WORDS);
        ranges.forEach(({ address, prefix }, i) => {
          const entry = start + i * CIDR_WORDS * 4;
          set(entry, address.length);
          set(entry + 4, prefix);
          bytes.set(address, entry + 8 - TABLES_ADDRESS);
        });
        return start;
      }),
    path: (words) => once(`path:${words.join(" ")}`, () => writer.words(words)),
    numbers: (values) => {
      const start = reserve(values.length * 2);
      values.forEach((value, i) => {
        view.setFloat64(start + i * 8 - TABLES_ADDRESS, value, true);
      });
      return start;
    },
    finish: () => bytes.slice(0, size),
  };
  return writer;
}
