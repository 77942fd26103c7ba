import type { ApproverCount, RuleEffect, SourceSpan, Verdict } from "./decision.js";

/** Name of the custom section that says what a module is; JSON of `ModuleMeta`. */
export const META_SECTION = "hpl.meta";
/** Name of the custom section that leads back to the sources; JSON of `ModuleMap`. Decisions do not depend on it. */
export const MAP_SECTION = "hpl.map";

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
}

export interface ModuleMetaApproval {
  readonly all: readonly ApproverCount[];
  readonly within_s: number;
}

/** A place as a module keeps it: index of the file, then line, character, end line and end character. */
export type PackedSpan = readonly [
  file: number,
  line: number,
  character: number,
  endLine: number,
  endCharacter: number,
];

/** Positions by index of rule, and of module (its default, or its header). */
export interface ModuleMap {
  readonly files: readonly string[];
  readonly rules: readonly PackedSpan[];
  readonly modules: readonly PackedSpan[];
}

/** The place that `packed` stands for; null when the map does not have its file. */
export function unpackSpan({ files }: ModuleMap, packed: PackedSpan): SourceSpan | null {
  const [index, line, character, end_line, end_character] = packed;
  const file = files[index];
  return file === undefined ? null : { file, line, character, end_line, end_character };
}
