import type { ApproverCount, RuleEffect, SourceSpan, Verdict } from "./decision.js";

/** Name of the custom section that says what a module is; JSON of `ModuleMeta`. */
export const META_SECTION = "hpl.meta";
/** Name of the custom section that leads back to the sources; JSON of `ModuleMap`. Decisions do not depend on it. */
export const MAP_SECTION = "hpl.map";

/** Name of the custom section with the policy's own text, packed; a module may go without. Decisions do not depend on it. */
export const SOURCE_SECTION = "hpl.source";

/** Name of the custom section with the tables of the detectors (`detect-layout.ts`); absent where the policy has none. */
export const DETECT_SECTION = "hpl.detect";

/** Name of the module's last section: the checksum, four bytes little-endian, of every byte before that section. */
export const CHECKSUM_SECTION = "hpl.sum";

/** Version of the language a module was written in. */
export const LANGUAGE_VERSION = "0.1";

/** What the tables' numbers mean, for the host. */
export interface ModuleMeta {
  readonly abi: number;
  readonly language: string;
  /** Hex SHA-256 of what the policy means: no positions, no explanations. Approvals and audit bind to it. */
  readonly semantic_digest: string;
  /** Number of 64 KiB pages of the memory the host gives: initial and maximum. */
  readonly pages: number;
  readonly modules: readonly ModuleMetaModule[];
  readonly rules: readonly ModuleMetaRule[];
  readonly labels: readonly string[];
  readonly transforms: readonly string[];
  /** Those of one rule stand together, in the order of rules; the kernel numbers them so. */
  readonly exceptions: readonly ModuleMetaException[];
  /** IANA names of the time zones whose offsets a request must give, without UTC. */
  readonly zones: readonly string[];
  readonly attributes: readonly ModuleMetaAttribute[];
  readonly grants: readonly ModuleMetaGrant[];
  readonly counters: readonly ModuleMetaCounter[];
  readonly detectors: readonly ModuleMetaDetector[];
  readonly time: ModuleMetaTime;
  /** What the policy reads of the facts, by root (`principal`, `statement`). A host lays nothing else. */
  readonly reads: ModuleMetaReads;
  /**
   * The most steps that deciding one action of a family takes, by power of the number of items in the lists of its facts:
   * `[fixed, an item, a pair of items, ..]`. A step is one test of a fact, or one rule looked at.
   */
  readonly cost: readonly { readonly family: string; readonly steps: readonly number[] }[];
}

/** Parts of a record that are read, by field; of a list, the parts of its items. `true` is all of it. */
export interface ModuleMetaReads {
  readonly [field: string]: ModuleMetaReads | true;
}

/** What is read of a record's field, when `reads` is what is read of the record; undefined when that is nothing. */
export function readsOfField(reads: ModuleMetaReads | true, name: string): ModuleMetaReads | true | undefined {
  if (reads === true) return true;
  return Object.hasOwn(reads, name) ? reads[name] : undefined;
}

/** When a decision can change though no fact but the time does. */
export interface ModuleMetaTime {
  /** Moments, in milliseconds since 1970, ascending: between two neighbours every test of `now` comes out the same. */
  readonly instants_ms: readonly number[];
  /** Whether the minute of the week counts, in UTC or one of `zones`. */
  readonly weekly: boolean;
}

export interface ModuleMetaModule {
  readonly name: string;
  readonly families: readonly string[];
  readonly default: Verdict | null;
  readonly approval: ModuleMetaApproval | null;
}

export interface ModuleMetaRule {
  readonly id: string;
  readonly effect: RuleEffect;
  readonly level: "hard" | "soft" | "advisory";
  readonly families: readonly string[];
  readonly approval: ModuleMetaApproval | null;
  readonly why: string | null;
  readonly fix: string | null;
  readonly controls: readonly string[];
  /** What it does when its truth is unknown; an approval, which only a block has, is asked for instead. */
  readonly on_unknown: "restrict" | "ignore" | ModuleMetaApproval;
  readonly limit: ModuleMetaLimit | null;
  readonly detect: ModuleMetaDetect | null;
  /** Whether the audit event must be stored before the action runs; null where that is the gateway's to say. */
  readonly audit: "durable" | "timely" | null;
}

export interface ModuleMetaApproval {
  readonly all: readonly ApproverCount[];
  readonly within_s: number;
}

/** Null: no limit. */
export interface ModuleMetaLimit {
  readonly rows: number | null;
  readonly time_ms: number | null;
  readonly bytes: number | null;
}

export interface ModuleMetaDetect {
  readonly set: string;
  /** Indices into `detectors`. */
  readonly detectors: readonly number[];
  readonly transform: string;
}

export interface ModuleMetaException {
  readonly id: string;
  /** Id of the rule it excuses. */
  readonly rule: string;
  readonly until_ms: number;
  readonly reason: string;
  readonly approved_by: string;
}

export interface ModuleMetaAttribute {
  /** Root first. */
  readonly path: readonly string[];
  readonly members: readonly string[] | null;
  readonly optional: boolean;
}

/** A gateway that gave the grant `id` to a session lists it among `session.grants`. */
export interface ModuleMetaGrant {
  readonly id: string;
  /** Groups by the identity provider's names. */
  readonly to: readonly string[];
  readonly approval: ModuleMetaApproval | null;
  /** What the asker must say. */
  readonly asking: string | null;
  readonly lasting_s: number;
  readonly telling: readonly string[];
}

/** A gateway keeps the count, and gives it as `session.counters[id]`. */
export interface ModuleMetaCounter {
  readonly id: string;
  readonly what: "rows" | "statements" | "bytes";
  /** Paths of labels: only what carries one of them counts. Empty: everything does. */
  readonly labels: readonly string[];
  readonly per: "principal" | "session" | "connection";
  readonly over_s: number;
}

export interface ModuleMetaDetector {
  readonly id: string;
  readonly patterns: readonly string[];
  readonly checks: readonly { readonly name: string; readonly arguments: readonly number[] }[];
  readonly context: readonly string[];
}

/** A place as a module keeps it: index of the file, then line, character, end line and end character. */
export type PackedSpan = readonly [
  file: number,
  line: number,
  character: number,
  endLine: number,
  endCharacter: number,
];

/** Positions by index of rule, of exception, and of module (its default, or its header). */
export interface ModuleMap {
  readonly files: readonly string[];
  readonly rules: readonly PackedSpan[];
  readonly exceptions: readonly PackedSpan[];
  readonly modules: readonly PackedSpan[];
}

/** The place that `packed` stands for; null when the map does not have its file. */
export function unpackSpan({ files }: ModuleMap, packed: PackedSpan): SourceSpan | null {
  const [index, line, character, end_line, end_character] = packed;
  const file = files[index];
  return file === undefined ? null : { file, line, character, end_line, end_character };
}
