/**
 * The engine: a policy module, loaded and asked.
 *
 * In: the bytes of a module, then requests. Out: decisions. The verdict, the rules that fired and the transform of every
 * column come from the module; this folder lays facts into its memory and turns what comes back into the words of a
 * decision. It holds no policy of its own: what it cannot do with a module is a refusal to load it, and what it cannot do
 * with a request is block. Absent: parsing, clocks, randomness, I/O; it runs in a browser as it runs in a gateway.
 */
import { checksum } from "../abi/checksum.js";
import { ABI_VERSION, TABLES_ADDRESS, TABLES_MAGIC } from "../abi/layout.js";
import {
  CHECKSUM_SECTION,
  LANGUAGE_VERSION,
  MAP_SECTION,
  META_SECTION,
  type ModuleMap,
  type ModuleMeta,
} from "../abi/meta.js";
import { type PackedMeta, unpackMeta } from "../abi/pack-meta.js";

/** A module ready to decide. `decide` works on the facts in its memory. */
export interface LoadedModule {
  readonly meta: ModuleMeta;
  readonly map: ModuleMap;
  readonly memory: WebAssembly.Memory;
  readonly decide: () => number;
  /** The bytes of a custom section; null when there is none of that name. */
  readonly section: (name: string) => Uint8Array | null;
}

/** Why a module was refused. Codes: HPL7001 not WebAssembly, 7002 not a policy module, 7003 version, 7004 corrupt. */
export interface LoadFailure {
  readonly code: "HPL7001" | "HPL7002" | "HPL7003" | "HPL7004";
  readonly message: string;
}

export type LoadResult =
  | { readonly ok: true; readonly module: LoadedModule }
  | { readonly ok: false; readonly failure: LoadFailure };

const failed = (code: LoadFailure["code"], message: string): LoadResult => ({ ok: false, failure: { code, message } });

/** Loads `bytes`; never throws. Compiles synchronously: about a millisecond for a thousand rules. */
export function loadModule(bytes: Uint8Array<ArrayBuffer>): LoadResult {
  let module: WebAssembly.Module;
  try {
    module = new WebAssembly.Module(bytes);
  } catch (error) {
    return failed("HPL7001", `not a WebAssembly module: ${messageOf(error)}`);
  }
  if (WebAssembly.Module.exports(module).some(({ name }) => name === "opa_eval")) {
    return failed("HPL7002", "made for hosts of the Open Policy Agent: build it with `--target native`");
  }
  if (!isWhole(bytes)) return failed("HPL7004", "the module is damaged, or was not written by hpl build");
  const packed = readSection<PackedMeta>(module, META_SECTION);
  const map = readSection<ModuleMap>(module, MAP_SECTION);
  if (packed === null || map === null) return failed("HPL7002", "not an HPL policy module");
  const meta = unpackMeta(packed);
  if (meta.abi !== ABI_VERSION || meta.language !== LANGUAGE_VERSION) {
    const made = `ABI ${meta.abi}, language ${meta.language}`;
    return failed("HPL7003", `made for ${made}; this engine speaks ABI ${ABI_VERSION}, language ${LANGUAGE_VERSION}`);
  }
  try {
    return instantiate(module, meta, map);
  } catch (error) {
    return failed("HPL7004", `the module does not start: ${messageOf(error)}`);
  }
}

function instantiate(module: WebAssembly.Module, meta: ModuleMeta, map: ModuleMap): LoadResult {
  const imports = WebAssembly.Module.imports(module);
  if (imports.length !== 1 || imports[0]?.kind !== "memory") {
    return failed("HPL7002", "a policy module imports its memory and nothing else");
  }
  const memory = new WebAssembly.Memory({ initial: meta.pages, maximum: meta.pages });
  const { hpl_abi, hpl_decide } = new WebAssembly.Instance(module, { env: { memory } }).exports;
  if (typeof hpl_abi !== "function" || typeof hpl_decide !== "function" || hpl_abi() !== ABI_VERSION) {
    return failed("HPL7003", "the module's code is of another version");
  }
  if (new DataView(memory.buffer).getInt32(TABLES_ADDRESS, true) !== TABLES_MAGIC) {
    return failed("HPL7004", "the module holds no tables");
  }
  const isFitting =
    meta.rules.length === map.rules.length &&
    meta.modules.length === map.modules.length &&
    meta.exceptions.length === map.exceptions.length;
  if (!isFitting) {
    return failed("HPL7004", "the module's description does not fit its source map");
  }
  const section = (name: string): Uint8Array | null => {
    const [bytes] = WebAssembly.Module.customSections(module, name);
    return bytes === undefined ? null : new Uint8Array(bytes);
  };
  return { ok: true, module: { meta, map, memory, decide: () => Number(hpl_decide()), section } };
}

/** The last section as it must be: a custom section, its size, its name, and the sum. */
const lastSection = [
  0,
  CHECKSUM_SECTION.length + 5,
  CHECKSUM_SECTION.length,
  ...new TextEncoder().encode(CHECKSUM_SECTION),
];

/** Whether the module ends with the checksum of all that stands before it. */
function isWhole(bytes: Uint8Array): boolean {
  const start = bytes.length - lastSection.length - 4;
  if (start < 0 || lastSection.some((byte, i) => bytes[start + i] !== byte)) return false;
  const sum = new DataView(bytes.buffer, bytes.byteOffset).getUint32(bytes.length - 4, true);
  return sum === checksum(bytes.subarray(0, start));
}

const decoder = new TextDecoder("utf-8", { fatal: true });

function readSection<T>(module: WebAssembly.Module, name: string): T | null {
  const [section] = WebAssembly.Module.customSections(module, name);
  if (section === undefined) return null;
  try {
    return JSON.parse(decoder.decode(section)) as T;
  } catch {
    return null;
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
