/** The WebAssembly binary format, core specification 5.5: as much of it as joining a kernel with tables takes. */
import { CHECKSUM_SECTION, checksum } from "@hpl/runtime/abi";

export const SECTION_CUSTOM = 0;
export const SECTION_TYPE = 1;
export const SECTION_IMPORT = 2;
export const SECTION_FUNCTION = 3;
export const SECTION_START = 8;
export const SECTION_CODE = 10;
export const SECTION_DATA = 11;
export const SECTION_DATA_COUNT = 12;
const PREAMBLE = Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00);

export interface Section {
  readonly id: number;
  readonly body: Uint8Array;
}

export interface CustomSection {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** A module of `sections`, then the custom ones, and the checksum of all that at the end. */
export function joinSections(sections: readonly Section[], custom: readonly CustomSection[]): Uint8Array<ArrayBuffer> {
  const named = custom.map(({ name, bytes }) => ({ id: SECTION_CUSTOM, body: concat([nameBytes(name), bytes]) }));
  const module = concat([PREAMBLE, ...[...sections, ...named].map(encodeSection)]);
  return concat([module, encodeSection({ id: SECTION_CUSTOM, body: checksumOf(module) })]);
}

const encodeSection = ({ id, body }: Section): Uint8Array =>
  concat([Uint8Array.of(id, ...unsigned(body.length)), body]);

function checksumOf(module: Uint8Array): Uint8Array {
  const sum = new Uint8Array(4);
  new DataView(sum.buffer).setUint32(0, checksum(module), true);
  return concat([nameBytes(CHECKSUM_SECTION), sum]);
}

/** The sections of `kernel` that are code: a policy brings data and custom sections of its own. */
export function codeSections(kernel: Uint8Array): readonly Section[] {
  return readSections(kernel).filter(
    ({ id }) => id !== SECTION_CUSTOM && id !== SECTION_DATA && id !== SECTION_DATA_COUNT,
  );
}

function readSections(module: Uint8Array): readonly Section[] {
  const sections: Section[] = [];
  for (let at = PREAMBLE.length; at < module.length; ) {
    const id = module[at] ?? 0;
    const { value: size, next } = readUnsigned(module, at + 1);
    sections.push({ id, body: module.subarray(next, next + size) });
    at = next + size;
  }
  return sections;
}

export function nameBytes(name: string): Uint8Array {
  const utf8 = new TextEncoder().encode(name);
  return Uint8Array.of(...unsigned(utf8.length), ...utf8);
}

/** LEB128. */
export function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

export function signed(value: number): number[] {
  const isLast = value >= -0x40 && value < 0x40;
  return isLast ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...signed(value >> 7)];
}

export function readUnsigned(bytes: Uint8Array, at: number): { readonly value: number; readonly next: number } {
  let value = 0;
  for (let shift = 0, next = at; ; shift += 7) {
    const byte = bytes[next++] ?? 0;
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return { value, next };
  }
}

export function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
