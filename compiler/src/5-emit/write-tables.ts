import * as abi from "@hpl/runtime/abi";
import { families, schemaOfFamily, slotOf } from "@hpl/runtime/facts";
import { FALSE, type NodeId } from "../4-lower/diagram/store.js";
import type { LoweredMask, LoweredPolicy, LoweredRule } from "../4-lower/lowered.js";
import { type TableWriter, tableWriter } from "./table-writer.js";
import { type WrittenDiagrams, writeDiagrams } from "./write-diagrams.js";
import { writeVariables } from "./write-variables.js";

/** Sizes of the areas behind the tables, in bytes. Facts of 1,600 output columns fit; more are refused as too large. */
export const FACTS_SIZE = 1 << 20;
const COLUMNS_SIZE = 1 << 18;

/** Beside what columns take, a few words for each rule, variable, module and exception. */
export const scratchSizeOf = ({ rules, modules, exceptions, plan }: LoweredPolicy): number =>
  COLUMNS_SIZE + align(13 * rules.length + modules.length + exceptions.length + 8 * plan.variables.length);

/** The tables of `policy`, to be laid at `TABLES_ADDRESS`, and the number of 64 KiB pages the module needs. */
export function writeTables(policy: LoweredPolicy): {
  readonly tables: Uint8Array<ArrayBuffer>;
  readonly pages: number;
} {
  const writer = tableWriter();
  const set = writePolicy(writer, policy);
  const factsAddress = align(abi.TABLES_ADDRESS + writer.finish().length);
  set(abi.HEADER_FACTS, factsAddress);
  set(abi.HEADER_FACTS_SIZE, FACTS_SIZE);
  set(abi.HEADER_SCRATCH, factsAddress + FACTS_SIZE);
  const scratchSize = scratchSizeOf(policy);
  set(abi.HEADER_SCRATCH_SIZE, scratchSize);
  return { tables: writer.finish(), pages: Math.ceil((factsAddress + FACTS_SIZE + scratchSize) / 65_536) };
}

/**
 * Writes what `policy` decides, behind a header that must be the first thing in `writer`. Returns how to set the words of the
 * header that are left: where facts and scratch are.
 */
export function writePolicy(writer: TableWriter, policy: LoweredPolicy): (word: number, value: number) => void {
  const header = writer.reserve(abi.HEADER_WORDS);
  const set = (word: number, value: number): void => writer.set(header + word * 4, value);
  const diagrams = writeDiagrams(writer, policy.plan);
  set(abi.HEADER_MAGIC, abi.TABLES_MAGIC);
  set(abi.HEADER_RULES_COUNT, policy.rules.length);
  set(abi.HEADER_RULES, writeRules(writer, policy, diagrams));
  set(abi.HEADER_EXCEPTIONS_COUNT, policy.exceptions.length);
  set(abi.HEADER_EXCEPTIONS, writeExceptions(writer, policy, diagrams));
  set(abi.HEADER_MODULES_COUNT, policy.modules.length);
  set(abi.HEADER_MODULES, writeModules(writer, policy, diagrams));
  set(abi.HEADER_LABELS_COUNT, policy.labels.length);
  set(abi.HEADER_LABELS, writeLabels(writer, policy));
  set(abi.HEADER_VARIABLES_COUNT, policy.plan.variables.length);
  set(abi.HEADER_VARIABLES, writeVariables(writer, policy.plan.variables));
  set(abi.HEADER_GROUPS_COUNT, policy.plan.groups.length);
  set(abi.HEADER_GROUPS, diagrams.groups);
  writeSqlSlots(set);
  return set;
}

const align = (address: number): number => (address + 15) & ~15;

/** Where the kernel finds the columns of a SQL statement. */
function writeSqlSlots(set: (word: number, value: number) => void): void {
  const sql = schemaOfFamily("sql");
  const column = sql?.properties?.columns?.items;
  if (!sql || !column) throw new Error("HPL9001: the sql facts have no columns");
  set(abi.HEADER_SQL_FAMILY, 1 << families.indexOf("sql"));
  set(abi.HEADER_SLOT_COLUMNS, slotOf(sql, "columns"));
  set(abi.HEADER_SLOT_COLUMNS_COMPLETE, slotOf(sql, "columns_complete"));
  set(abi.HEADER_SLOT_PREDICATE_COLUMNS, slotOf(sql, "predicate_columns"));
  set(abi.HEADER_SLOT_LABELS, slotOf(sql, "labels"));
  set(abi.HEADER_SLOT_OUTPUT_LABELS, slotOf(sql, "output_labels"));
  set(abi.HEADER_SLOT_PREDICATE_LABELS, slotOf(sql, "predicate_labels"));
  set(abi.HEADER_SLOT_COLUMN_SOURCES, slotOf(column, "sources"));
  set(abi.HEADER_SLOT_COLUMN_EXACT, slotOf(column, "exact"));
}

const effects = {
  allow: abi.EFFECT_ALLOW,
  approve: abi.EFFECT_APPROVE,
  block: abi.EFFECT_BLOCK,
  mask: abi.EFFECT_MASK,
  limit: abi.EFFECT_LIMIT,
  detect: abi.EFFECT_DETECT,
} as const;

function writeRules(
  writer: TableWriter,
  { rules, exceptions, plan }: LoweredPolicy,
  diagrams: WrittenDiagrams,
): number {
  const records = rules.flatMap((rule, i) => {
    const own = exceptions.flatMap((exception, at) => (exception.rule === i ? [at] : []));
    return [
      rule.module,
      effects[rule.effect],
      flagsOf(rule),
      rule.mask === null ? 0 : writeMask(writer, rule.mask, plan.tiers[i] ?? [], diagrams),
      own[0] ?? 0,
      own.length,
    ];
  });
  return writer.words(records);
}

function flagsOf({ level, even_if_incomplete, on_unknown, effect }: LoweredRule): number {
  const asks = typeof on_unknown !== "string" && effect === "block";
  return (
    (level === "advisory" ? abi.RULE_IS_ADVISORY : 0) |
    (even_if_incomplete ? abi.RULE_EVEN_IF_INCOMPLETE : 0) |
    (on_unknown === "ignore" ? abi.RULE_IGNORES_UNKNOWN : 0) |
    (asks ? abi.RULE_ASKS_ON_UNKNOWN : 0)
  );
}

const writeExceptions = (writer: TableWriter, { plan }: LoweredPolicy, diagrams: WrittenDiagrams): number =>
  writer.words(plan.exceptions.map(diagrams.addressOf));

function writeMask(
  writer: TableWriter,
  mask: LoweredMask,
  conditions: readonly NodeId[],
  diagrams: WrittenDiagrams,
): number {
  const tiers = mask.tiers.flatMap((tier, i) => [
    tier.labels === null ? 0 : writeLabelSet(writer, tier.labels),
    tier.transform,
    diagrams.addressOf(conditions[i] ?? FALSE),
  ]);
  const tiersAddress = writer.words(tiers);
  const labels = writeLabelSet(writer, mask.labels);
  const allowsPredicates = mask.allows_predicates ? 1 : 0;
  return writer.words([labels, mask.transform, mask.tiers.length, tiersAddress, allowsPredicates]);
}

function writeLabelSet(writer: TableWriter, labels: readonly number[]): number {
  const words = new Array<number>(abi.LABEL_SET_WORDS).fill(0);
  for (const label of labels) words[label >> 5] = (words[label >> 5] ?? 0) | (1 << (label & 31));
  return writer.words(words);
}

const defaults = {
  none: 0,
  allow: abi.VERDICT_ALLOW + 1,
  approve: abi.VERDICT_APPROVE + 1,
  block: abi.VERDICT_BLOCK + 1,
} as const;

function writeModules(writer: TableWriter, { modules, plan }: LoweredPolicy, diagrams: WrittenDiagrams): number {
  const records = modules.flatMap((module, i) => [
    module.families,
    diagrams.addressOf(plan.scopes[i] ?? FALSE),
    defaults[module.default],
  ]);
  return writer.words(records);
}

function writeLabels(writer: TableWriter, policy: LoweredPolicy): number {
  const records = policy.labels.flatMap(({ path, globs }) => {
    const text = writer.text(path);
    return [globs.length, writer.globs(globs), text.address, text.size];
  });
  return writer.words(records);
}
