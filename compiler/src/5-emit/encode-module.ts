import {
  type CustomSection,
  codeSections,
  concat,
  joinSections,
  nameBytes,
  SECTION_DATA,
  SECTION_IMPORT,
  signed,
  unsigned,
} from "./wasm-binary.js";

export interface ModuleParts {
  readonly kernel: Uint8Array;
  /** Number of 64 KiB pages: initial and maximum size of the memory. */
  readonly pages: number;
  readonly data: { readonly address: number; readonly bytes: Uint8Array };
  readonly custom: readonly CustomSection[];
}

/** The kernel's code with the policy's data and custom sections. The same parts give the same bytes. */
export function encodeModule({ kernel, pages, data, custom }: ModuleParts): Uint8Array<ArrayBuffer> {
  const code = codeSections(kernel).map((section) =>
    section.id === SECTION_IMPORT ? { id: SECTION_IMPORT, body: memoryImport(pages) } : section,
  );
  return joinSections([...code, { id: SECTION_DATA, body: activeData(data.address, data.bytes) }], custom);
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
