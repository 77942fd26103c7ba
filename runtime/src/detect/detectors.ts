import { besideChecks } from "../abi/detect-checks.js";
import { OUTPUT_CHECKED } from "../abi/detect-layout.js";
import { DETECT_SECTION, META_SECTION, type ModuleMetaDetector } from "../abi/meta.js";
import { checkOf } from "./checks/index.js";
import { type Collection, type Finding, openCollection } from "./collection.js";
import { contextOf } from "./context.js";
import { openScanner } from "./scanner.js";
import { endsBefore } from "./shorter-ends.js";
import { type DetectTables, readTables } from "./tables.js";

/** The detectors of a policy. Holds its own memory: use on one thread at a time. */
export interface Detectors {
  /** Names, in the order a module numbers its detectors. */
  readonly types: readonly string[];
  /**
   * What the detectors `only` (all, when left out) find in `text`, by start, then end, then name. The text, of less than 2 GiB,
   * need not be UTF-8. About a nanosecond a byte for a few dozen detectors; memory does not grow with the text, but for the
   * findings. Never throws.
   */
  detect(text: Uint8Array, only?: ReadonlySet<number>): readonly Finding[];
  /** Full names of the detectors that find something in `text`, sorted: `std.detect.aws_key`. */
  namesIn(text: Uint8Array): readonly string[];
}

export type DetectorsResult =
  | { readonly ok: true; readonly detectors: Detectors }
  /** Code HPL7004: the tables are damaged, or are not those of the detectors the module names. */
  | { readonly ok: false; readonly failure: { readonly code: "HPL7004"; readonly message: string } };

/** The detectors of the policy module `bytes`, which the engine has loaded before; a policy without any finds nothing. */
export function openDetectors(bytes: Uint8Array<ArrayBuffer>): DetectorsResult {
  const module = new WebAssembly.Module(bytes);
  const [meta] = WebAssembly.Module.customSections(module, META_SECTION);
  const [section] = WebAssembly.Module.customSections(module, DETECT_SECTION);
  if (meta === undefined) return damaged;
  const { detectors } = JSON.parse(new TextDecoder().decode(meta)) as {
    readonly detectors: readonly ModuleMetaDetector[];
  };
  return detectorsIn(detectors, section === undefined ? null : new Uint8Array(section));
}

const noDetectors: Detectors = { types: [], detect: () => [], namesIn: () => [] };

/** The detectors that a module describes and has the tables of. */
export function detectorsIn(detectors: readonly ModuleMetaDetector[], section: Uint8Array | null): DetectorsResult {
  if (section === null) return detectors.length === 0 ? { ok: true, detectors: noDetectors } : damaged;
  const tables = readTables(section);
  if (tables === null || tables.detectors_count !== detectors.length) return damaged;
  return { ok: true, detectors: detectorsOf(tables, detectors) };
}

const damaged: DetectorsResult = {
  ok: false,
  failure: { code: "HPL7004", message: "the module's tables of detectors are damaged" },
};

/** Whether what stands from `start` to `end` passes all checks of a detector. */
type Passes = (text: Uint8Array, start: number, end: number) => boolean;

function detectorsOf(tables: DetectTables, described: readonly ModuleMetaDetector[]): Detectors {
  const scan = openScanner(tables);
  const types = described.map(({ id }) => id.slice(id.lastIndexOf(".") + 1));
  const checks = described.map(passesOf);
  const namesIn = (text: Uint8Array): readonly string[] => {
    const found = new Set<string>();
    const check = openChecking(tables, checks, text);
    const onHit = (output: number, start: number, end: number, machine: number): void => {
      const { detector = 0, flags = 0 } = tables.outputs[output] ?? {};
      const { id } = described[detector] ?? { id: "" };
      const isFound = (): boolean => (flags & OUTPUT_CHECKED) === 0 || check(output, start, end, machine) !== null;
      if (!found.has(id) && isFound()) found.add(id);
    };
    scan(text, onHit, () => {});
    return [...found].sort();
  };
  return {
    types,
    namesIn,
    detect: (text, only) => {
      // Most texts hold nothing: what findings need is made when there is a hit.
      let search: Search | null = null;
      const onHit = (output: number, start: number, end: number, machine: number): void => {
        const { detector = 0, flags = 0 } = tables.outputs[output] ?? {};
        if (only !== undefined && !only.has(detector)) return;
        search ??= {
          collection: openCollection(types, tables.machines.length),
          check: openChecking(tables, checks, text),
        };
        const last = (flags & OUTPUT_CHECKED) === 0 ? end : search.check(output, start, end, machine);
        if (last !== null) search.collection.add(machine, detector, start, last);
      };
      scan(text, onHit, () => search?.collection.endWindow());
      return found(search);
    },
  };
}

/** What looking through one text has come to. */
interface Search {
  readonly collection: Collection;
  readonly check: ReturnType<typeof openChecking>;
}

const found = (search: Search | null): readonly Finding[] => search?.collection.findings ?? [];

function passesOf({ checks, context }: ModuleMetaDetector): Passes {
  const own = checks.filter(({ name }) => !besideChecks.some((beside) => beside === name)).map(checkOf);
  const isNear = context.length === 0 ? null : contextOf(context);
  return (text, start, end) =>
    own.every((check) => check(text, start, end)) && (isNear === null || isNear(text, start, end));
}

/** Bytes that checks may read for each byte of a text, and in any case: then a match counts as it is. */
const checked_bytes_max = { each: 1_024, always: 65_536 } as const;

/** Gives the end of the longest match at a hit that passes its detector's checks; null when there is none. */
function openChecking(tables: DetectTables, checks: readonly Passes[], text: Uint8Array) {
  let bytes_left = checked_bytes_max.always + checked_bytes_max.each * text.length;
  /** Of each output, where its last finding ends. What lies inside is not wanted. */
  const ends = new Int32Array(tables.outputs.length).fill(-1);
  return (output: number, start: number, end: number, machine: number): number | null => {
    const passes = checks[tables.outputs[output]?.detector ?? 0];
    const last = ends[output] ?? -1;
    if (end <= last) return null;
    const isFound = (at: number): boolean => {
      bytes_left -= at - start;
      return bytes_left < 0 || passes === undefined || passes(text, start, at);
    };
    const found = isFound(end)
      ? end
      : endsBefore(tables, machine, output, text, start, end).find((at) => at > last && isFound(at));
    if (found !== undefined) ends[output] = found;
    return found ?? null;
  };
}
