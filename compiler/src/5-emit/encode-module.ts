import { CHECKSUM_SECTION, checksum } from "@hpl/runtime/abi";

/** The WebAssembly binary format, core specification 5.5: as much of it as joining a kernel with tables takes. */

const SECTION_CUSTOM = 0;
const SECTION_IMPORT = 2;
const SECTION_DATA = 11;
const PREAMBLE_SIZE = 8;

interface Section {
  readonly id: number;
  readonly body: Uint8Array;
}

export interface ModuleParts {
  readonly kernel: Uint8Array;
  /** Number of 64 KiB pages: initial and maximum size of the memory. */
  readonly pages: number;
  readonly data: { readonly address: number; readonly bytes: Uint8Array };
  readonly custom: readonly { readonly name: string; readonly bytes: Uint8Array }[];
}

/** The kernel's code with the policy's data and custom sections. The same parts give the same bytes. */
export function encodeModule(parts: ModuleParts): Uint8Array<ArrayBuffer> {
  const kernel = readSections(parts.kernel).filter(({ id }) => id !== SECTION_CUSTOM && id !== SECTION_DATA);
  const sections: Section[] = kernel.map((section) =>
    section.id === SECTION_IMPORT ? { id: SECTION_IMPORT, body: memoryImport(parts.pages) } : section,
  );
  sections.push({ id: SECTION_DATA, body: activeData(parts.data.address, parts.data.bytes) });
  for (const { name, bytes } of parts.custom) {
    sections.push({ id: SECTION_CUSTOM, body: concat([nameBytes(name), bytes]) });
  }
  const module = concat([parts.kernel.subarray(0, PREAMBLE_SIZE), ...sections.map(encodeSection)]);
  return concat([module, encodeSection({ id: SECTION_CUSTOM, body: checksumOf(module) })]);
}

const encodeSection = ({ id, body }: Section): Uint8Array =>
  concat([Uint8Array.of(id, ...unsigned(body.length)), body]);

function checksumOf(module: Uint8Array): Uint8Array {
  const sum = new Uint8Array(4);
  new DataView(sum.buffer).setUint32(0, checksum(module), true);
  return concat([nameBytes(CHECKSUM_SECTION), sum]);
}

function readSections(module: Uint8Array): readonly Section[] {
  const sections: Section[] = [];
  for (let at = PREAMBLE_SIZE; at < module.length; ) {
    const id = module[at] ?? 0;
    const { value: size, next } = readUnsigned(module, at + 1);
    sections.push({ id, body: module.subarray(next, next + size) });
    at = next + size;
  }
  return sections;
}

/** The kernel's one import, `env.memory`, with a fixed size. */
const memoryImport = (pages: number): Uint8Array =>
  concat([
    Uint8Array.of(1),
    nameBytes("env"),
    nameBytes("memory"),
    Uint8Array.of(0x02, 0x01, ...unsigned(pages), ...unsigned(pages)),
  ]);

/** One active segment for memory 0: `i32.const address; end; bytes`. */
const activeData = (address: number, bytes: Uint8Array): Uint8Array =>
  concat([Uint8Array.of(1, 0x00, 0x41, ...signed(address), 0x0b, ...unsigned(bytes.length)), bytes]);

function nameBytes(name: string): Uint8Array {
  const utf8 = new TextEncoder().encode(name);
  return Uint8Array.of(...unsigned(utf8.length), ...utf8);
}

/** LEB128. */
function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

function signed(value: number): number[] {
  const isLast = value >= -0x40 && value < 0x40;
  return isLast ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...signed(value >> 7)];
}

function readUnsigned(bytes: Uint8Array, at: number): { readonly value: number; readonly next: number } {
  let value = 0;
  for (let shift = 0, next = at; ; shift += 7) {
    const byte = bytes[next++] ?? 0;
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return { value, next };
  }
}

function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
