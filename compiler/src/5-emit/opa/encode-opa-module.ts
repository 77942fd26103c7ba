import { opaLayout as opa } from "@hpl/runtime/abi";
import {
  type CustomSection,
  codeSections,
  concat,
  joinSections,
  readUnsigned,
  SECTION_CODE,
  SECTION_DATA,
  SECTION_DATA_COUNT,
  SECTION_FUNCTION,
  SECTION_START,
  SECTION_TYPE,
  type Section,
  signed,
  unsigned,
} from "../wasm-binary.js";

const PAGE_SIZE = 65_536;
/** Pages that are free behind large tables: some hosts write their input without asking whether it fits. */
const PAGES_FREE = 4;
/** Functions that the kernel imports: `opa_abort`. */
const IMPORTS_COUNT = 1;

export interface OpaModuleParts {
  readonly kernel: Uint8Array;
  /** What stands in memory from `OPA_ADDRESS` on. */
  readonly image: Uint8Array;
  readonly custom: readonly CustomSection[];
}

/**
 * The kernel's code with the policy's data as a passive segment, and a start function that makes room for it and puts it in
 * place. An active segment that is larger than the memory a host happens to give would keep the module from loading.
 */
export function encodeOpaModule({ kernel, image, custom }: OpaModuleParts): Uint8Array<ArrayBuffer> {
  const code = codeSections(kernel);
  const sections: Section[] = code.map((section) => {
    if (section.id === SECTION_TYPE) return appended(section, Uint8Array.of(0x60, 0x00, 0x00));
    if (section.id === SECTION_FUNCTION)
      return appended(section, Uint8Array.from(unsigned(countOf(code, SECTION_TYPE))));
    return section.id === SECTION_CODE ? appended(section, startFunction(image.length)) : section;
  });
  const start = IMPORTS_COUNT + countOf(code, SECTION_FUNCTION);
  const at = sections.findIndex(({ id }) => id === SECTION_CODE);
  sections.splice(
    at,
    0,
    { id: SECTION_START, body: Uint8Array.from(unsigned(start)) },
    { id: SECTION_DATA_COUNT, body: Uint8Array.of(1) },
  );
  return joinSections([...sections, { id: SECTION_DATA, body: passiveData(image) }], custom);
}

/** How many entries the section `id`, a vector, has. */
function countOf(sections: readonly Section[], id: number): number {
  const section = sections.find((each) => each.id === id);
  if (section === undefined) throw new Error(`HPL9001: the kernel has no section ${id}`);
  return readUnsigned(section.body, 0).value;
}

/** A vector with one entry more. */
function appended({ id, body }: Section, entry: Uint8Array): Section {
  const { value: count, next } = readUnsigned(body, 0);
  return { id, body: concat([Uint8Array.from(unsigned(count + 1)), body.subarray(next), entry]) };
}

const passiveData = (bytes: Uint8Array): Uint8Array =>
  concat([Uint8Array.of(1, 0x01, ...unsigned(bytes.length)), bytes]);

/** No locals; grow, `memory.init`, `data.drop`. */
function startFunction(size: number): Uint8Array {
  const pages = Math.ceil((opa.OPA_ADDRESS + size) / PAGE_SIZE);
  const grown = pages > 1 ? [...growTo(pages), ...growTo(pages + PAGES_FREE)] : growTo(pages);
  const copied = [...constant(opa.OPA_ADDRESS), ...constant(0), ...constant(size), 0xfc, 0x08, 0x00, 0x00];
  const body = [0x00, ...grown, ...copied, 0xfc, 0x09, 0x00, 0x0b];
  return Uint8Array.from([...unsigned(body.length), ...body]);
}

const constant = (value: number): readonly number[] => [0x41, ...signed(value)];

/** `if (memory.size < pages) memory.grow(pages - memory.size)`; without room, `memory.init` says so. */
const growTo = (pages: number): readonly number[] => [
  ...[0x3f, 0x00, ...constant(pages), 0x49, 0x04, 0x40],
  ...[...constant(pages), 0x3f, 0x00, 0x6b, 0x40, 0x00, 0x1a, 0x0b],
];
