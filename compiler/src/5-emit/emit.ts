/**
 * Phase 5: the lowered policy as a WebAssembly module.
 *
 * In: programs and tables; the checked policy beside them, for the words a decision shows. Out: bytes, the same for the same
 * policy on every machine: the kernel's code unchanged, the tables as one data segment, `hpl.meta` for the host and
 * `hpl.map` back to the sources. Nothing is generated for a single rule: the code section is the same in every module, so
 * it can be audited once.
 */
import {
  ABI_VERSION,
  DETECT_SECTION,
  LANGUAGE_VERSION,
  MAP_SECTION,
  META_SECTION,
  type ModuleMap,
  type ModuleMeta,
  type ModuleMetaDetect,
  type ModuleMetaRule,
  type PackedSpan,
  packMeta,
  TABLES_ADDRESS,
} from "@hpl/runtime/abi";
import { families } from "@hpl/runtime/facts";
import { kernelBase64 } from "@hpl/runtime/kernel";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import type { CheckedException, CheckedPolicy, CheckedRule } from "../3-check/checked.js";
import { costOfPolicy } from "../4-lower/cost.js";
import type { LoweredException, LoweredPolicy, LoweredRule } from "../4-lower/lowered.js";
import { readsOf } from "../4-lower/reads.js";
import { timeBoundsOf } from "../4-lower/time-bounds.js";
import { locate } from "../diagnostics/render.js";
import type { Span } from "../source/source-file.js";
import { detectSection } from "./detect/detect-section.js";
import { encodeModule } from "./encode-module.js";
import type { CustomSection } from "./wasm-binary.js";
import { writeTables } from "./write-tables.js";

const encoder = new TextEncoder();

export function emit(lowered: LoweredPolicy, checked: CheckedPolicy): Uint8Array<ArrayBuffer> {
  const { tables, pages } = writeTables(lowered);
  const meta = describe(lowered, checked, pages);
  return encodeModule({
    kernel: decodeBase64(kernelBase64),
    pages,
    data: { address: TABLES_ADDRESS, bytes: tables },
    custom: [
      { name: META_SECTION, bytes: encoder.encode(JSON.stringify(packMeta(meta))) },
      { name: MAP_SECTION, bytes: encoder.encode(JSON.stringify(mapOf(checked, lowered.exceptions))) },
      ...detectSections(lowered),
    ],
  });
}

/** The tables that look for what the policy's detectors describe; none where it has no detectors. */
function detectSections({ detectors }: LoweredPolicy): readonly CustomSection[] {
  const bytes = detectSection(detectors);
  return bytes === null ? [] : [{ name: DETECT_SECTION, bytes }];
}

/** Hex SHA-256 over what the policy means. Positions and explanations are left out, names of rules are not. */
export function semanticDigest({ plan: _, ...meaning }: LoweredPolicy): string {
  return bytesToHex(sha256(encoder.encode(JSON.stringify([LANGUAGE_VERSION, meaning], withNumbers))));
}

/** The tables of automata as lists of numbers, which is what they are. */
const withNumbers = (_: string, value: unknown): unknown =>
  value instanceof Uint8Array || value instanceof Uint16Array ? Array.from(value) : value;

export function describe(lowered: LoweredPolicy, checked: CheckedPolicy, pages: number): ModuleMeta {
  return {
    abi: ABI_VERSION,
    language: LANGUAGE_VERSION,
    semantic_digest: semanticDigest(lowered),
    pages,
    modules: lowered.modules.map((module) => ({
      name: module.name,
      families: familiesOf(module.families),
      default: module.default === "none" ? null : module.default,
      approval: module.approval,
    })),
    rules: lowered.rules.map((rule, i) => describeRule(rule, checked.rules[i], lowered)),
    labels: lowered.labels.map(({ path }) => path),
    transforms: lowered.transforms,
    exceptions: lowered.exceptions.map(({ id, rule, until_ms }) => {
      const { reason, approved_by } = checkedException(checked, id);
      return { id, rule: lowered.rules[rule]?.id ?? "", until_ms, reason, approved_by };
    }),
    zones: lowered.zones,
    attributes: lowered.attributes,
    grants: lowered.grants.map((grant, i) => ({ ...grant, asking: checked.grants[i]?.asking ?? null })),
    counters: lowered.counters,
    detectors: lowered.detectors,
    time: timeBoundsOf(checked),
    reads: readsOf(checked),
    cost: costOfPolicy(lowered).families,
  };
}

/** A mask of values is a mask to whoever reads a decision. */
function describeRule(
  rule: LoweredRule,
  checked: CheckedRule | undefined,
  { transforms }: LoweredPolicy,
): ModuleMetaRule {
  const detect: ModuleMetaDetect | null = rule.detect && {
    ...rule.detect,
    transform: transforms[rule.detect.transform] ?? "redact",
  };
  return {
    id: rule.id,
    effect: rule.effect === "detect" ? "mask" : rule.effect,
    level: rule.level,
    families: familiesOf(rule.families),
    approval: rule.approval,
    why: checked?.why ?? null,
    fix: checked?.fix ?? null,
    controls: checked?.controls ?? [],
    on_unknown: rule.on_unknown,
    limit: rule.limit,
    detect,
    audit: rule.audit,
  };
}

function checkedException({ exceptions }: CheckedPolicy, id: string): CheckedException {
  const found = exceptions.find((exception) => exception.id === id);
  if (found === undefined) throw new Error(`HPL9001: no exception ${id}`);
  return found;
}

const familiesOf = (bits: number): readonly string[] => families.filter((_, i) => (bits >> i) & 1);

export function mapOf(checked: CheckedPolicy, exceptions: readonly LoweredException[]): ModuleMap {
  const { sources, rules, modules } = checked;
  const files: string[] = [];
  const pack = (span: Span): PackedSpan => {
    const { file, line, character, end_line, end_character } = locate(span, sources);
    const known = files.indexOf(file);
    const index = known < 0 ? files.push(file) - 1 : known;
    return [index, line, character, end_line, end_character];
  };
  return {
    rules: rules.map(({ span }) => pack(span)),
    exceptions: exceptions.map(({ id }) => pack(checkedException(checked, id).span)),
    modules: modules.map((module) => pack(module.default?.span ?? module.span)),
    files,
  };
}

export const decodeBase64 = (text: string): Uint8Array =>
  Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
