import * as abi from "@hpl/runtime/abi";
import { families, schemaOfFamily, slotOf } from "@hpl/runtime/facts";
import type { LoweredMask, LoweredPolicy, LoweredRule } from "../4-lower/lowered.js";
import { type TableWriter, tableWriter } from "./table-writer.js";
import { writeProgram } from "./write-program.js";

/** Sizes of the areas behind the tables, in bytes. Facts of 1,600 output columns fit; more are refused as too large. */
export const FACTS_SIZE = 1 << 20;
export const SCRATCH_SIZE = 1 << 18;

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
  set(abi.HEADER_SCRATCH_SIZE, SCRATCH_SIZE);
  return { tables: writer.finish(), pages: Math.ceil((factsAddress + FACTS_SIZE + SCRATCH_SIZE) / 65_536) };
}

/**
 * Writes what `policy` decides, behind a header that must be the first thing in `writer`. Returns how to set the words of the
 * header that are left: where facts and scratch are.
 */
export function writePolicy(writer: TableWriter, policy: LoweredPolicy): (word: number, value: number) => void {
  const header = writer.reserve(abi.HEADER_WORDS);
  const set = (word: number, value: number): void => writer.set(header + word * 4, value);
  set(abi.HEADER_MAGIC, abi.TABLES_MAGIC);
  set(abi.HEADER_RULES_COUNT, policy.rules.length);
  set(abi.HEADER_RULES, writeRules(writer, policy));
  set(abi.HEADER_EXCEPTIONS_COUNT, policy.exceptions.length);
  set(abi.HEADER_EXCEPTIONS, writeExceptions(writer, policy));
  set(abi.HEADER_MODULES_COUNT, policy.modules.length);
  set(abi.HEADER_MODULES, writeModules(writer, policy));
  set(abi.HEADER_LABELS_COUNT, policy.labels.length);
  set(abi.HEADER_LABELS, writeLabels(writer, policy));
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

function writeRules(writer: TableWriter, { rules, exceptions }: LoweredPolicy): number {
  const records = rules.flatMap((rule, i) => {
    const own = exceptions.flatMap((exception, at) => (exception.rule === i ? [at] : []));
    return [
      rule.families,
      rule.module,
      effects[rule.effect],
      flagsOf(rule),
      writeProgram(writer, rule.condition),
      rule.mask === null ? 0 : writeMask(writer, rule.mask),
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

const writeExceptions = (writer: TableWriter, { exceptions }: LoweredPolicy): number =>
  writer.words(exceptions.flatMap(({ module, condition }) => [module, writeProgram(writer, condition)]));

function writeMask(writer: TableWriter, mask: LoweredMask): number {
  const tiers = mask.tiers.flatMap((tier) => [
    tier.labels === null ? 0 : writeLabelSet(writer, tier.labels),
    tier.transform,
    writeProgram(writer, tier.condition),
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

function writeModules(writer: TableWriter, policy: LoweredPolicy): number {
  const records = policy.modules.flatMap((module) => [
    module.families,
    writeProgram(writer, module.scope),
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
