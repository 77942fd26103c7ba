/**
 * The policy's own text in its module: what a decision is explained from.
 *
 * In: a module, and the files it was compiled from. Out: the same module with one section more, `hpl.source`; decisions do not
 * depend on it, and neither does the semantic digest. Reading it back gives what the compiler needs to make the checked tree
 * again, and with it every trace. Compressed, because a policy is mostly the same words; by a library, because its output must
 * be the same bytes on every machine and in every version of Node. Absent: libraries that are not in force.
 */
import { SOURCE_SECTION } from "@hpl/runtime/abi";
import { deflateSync, inflateSync } from "fflate";
import { limits } from "../source/limits.js";
import type { SourceFile } from "../source/source-file.js";
import { appendSection, concat, findSection } from "./wasm-binary.js";

/** The files of a policy, as `check` reads them. */
export interface PolicyText {
  readonly sources: readonly SourceFile[];
  readonly libraries: readonly SourceFile[];
  readonly data: readonly SourceFile[];
}

/** Most bytes of the text once it is unpacked: all files and data files a policy may have would never fit a module anyway. */
const UNPACKED_MAX = 64 * limits.source_bytes_max;

/** `module` with its text in it. The same text gives the same bytes. O(text). */
export function embedText(module: Uint8Array, { sources, libraries, data }: PolicyText): Uint8Array<ArrayBuffer> {
  const unpacked = new TextEncoder().encode(JSON.stringify({ sources, libraries, data }));
  if (unpacked.length > UNPACKED_MAX) return new Uint8Array(module);
  const size = new Uint8Array(4);
  new DataView(size.buffer).setUint32(0, unpacked.length, true);
  return appendSection(module, { name: SOURCE_SECTION, bytes: concat([size, deflateSync(unpacked, { level: 9 })]) });
}

/** The text in `module`; null when there is none, or none that can be read. Never throws, and unpacks no more than it says. */
export function embeddedText(module: Uint8Array): PolicyText | null {
  const packed = findSection(module, SOURCE_SECTION);
  if (packed === null || packed.length < 4) return null;
  const size = new DataView(packed.buffer, packed.byteOffset).getUint32(0, true);
  if (size > UNPACKED_MAX) return null;
  try {
    const unpacked = inflateSync(packed.subarray(4), { out: new Uint8Array(size) });
    return readText(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(unpacked)));
  } catch {
    return null;
  }
}

function readText(json: unknown): PolicyText | null {
  if (typeof json !== "object" || json === null) return null;
  const { sources, libraries, data } = json as Partial<PolicyText>;
  return areFiles(sources) && areFiles(libraries) && areFiles(data) ? { sources, libraries, data } : null;
}

const areFiles = (files: unknown): files is readonly SourceFile[] =>
  Array.isArray(files) && files.every((file) => typeof file?.path === "string" && typeof file?.text === "string");
