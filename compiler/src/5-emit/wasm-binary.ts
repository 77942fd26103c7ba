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
export const joinSections = (sections: readonly Section[], custom: readonly CustomSection[]): Uint8Array<ArrayBuffer> =>
  sealed(concat([PREAMBLE, ...[...sections, ...custom.map(named)].map(encodeSection)]));

/** A module that `joinSections` made, with one custom section more. */
export function appendSection(module: Uint8Array, section: CustomSection): Uint8Array<ArrayBuffer> {
  const seal = encodeSection(named({ name: CHECKSUM_SECTION, bytes: new Uint8Array(4) }));
  const unsealed = module.subarray(0, module.length - seal.length);
  return sealed(concat([unsealed, encodeSection(named(section))]));
}

/** The bytes of the first custom section called `name`; null when there is none. Never throws, whatever the bytes. */
export function findSection(module: Uint8Array, name: string): Uint8Array | null {
  const start = nameBytes(name);
  const found = readSections(module).find(
    ({ id, body }) => id === SECTION_CUSTOM && start.every((byte, i) => body[i] === byte),
  );
  return found?.body.subarray(start.length) ?? null;
}

const named = ({ name, bytes }: CustomSection): Section => ({
  id: SECTION_CUSTOM,
  body: concat([nameBytes(name), bytes]),
});

const sealed = (module: Uint8Array): Uint8Array<ArrayBuffer> => concat([module, encodeSection(checksumOf(module))]);

const encodeSection = ({ id, body }: Section): Uint8Array =>
  concat([Uint8Array.of(id, ...unsigned(body.length)), body]);

function checksumOf(module: Uint8Array): Section {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, checksum(module), true);
  return named({ name: CHECKSUM_SECTION, bytes });
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
    sections.push({ id, body: module.subarray(next, next + (size >>> 0)) });
    at = next + (size >>> 0);
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
