import { type ModuleMap, type ModuleMeta, opaLayout as opa, TABLES_ADDRESS } from "@hpl/runtime/abi";
import { families } from "@hpl/runtime/facts";
import type { LoweredPolicy } from "../../4-lower/lowered.js";
import { type TableWriter, tableWriter } from "../table-writer.js";
import { FACTS_SIZE, scratchSizeOf, writePolicy } from "../write-tables.js";
import { escaped, textWords, writeCString, writeTexts } from "./escaped-texts.js";
import { groupsOf, writeDefaultApprovals, writeDuties, writeEntries, writeGroups } from "./write-entries.js";
import { noMemoryText, writeNames, writePieces, writeRefusals } from "./write-pieces.js";
import { writeAttributes, writeFamilies, writeRoots } from "./write-schemas.js";

/** What a module for OPA's hosts holds in memory from `OPA_ADDRESS` on: its own header, then the tables, then what it points at. */
export function writeOpaTables(policy: LoweredPolicy, meta: ModuleMeta, map: ModuleMap): Uint8Array<ArrayBuffer> {
  const writer = tableWriter();
  writePolicy(writer, policy);
  const header = headerOf(writer, policy, meta, map);
  const tables = writer.finish();
  const image = new Uint8Array(TABLES_ADDRESS - opa.OPA_ADDRESS + tables.length);
  const view = new DataView(image.buffer);
  header.set(opa.OPA_HEAP_BASE, opa.OPA_ADDRESS + image.length);
  for (const [index, value] of header) view.setInt32(index * 4, value, true);
  image.set(tables, TABLES_ADDRESS - opa.OPA_ADDRESS);
  return image;
}

/** Words of the header, by index. */
function headerOf(writer: TableWriter, policy: LoweredPolicy, meta: ModuleMeta, map: ModuleMap): Map<number, number> {
  const entries = writeEntries(writer, meta, map);
  const groups = groupsOf(meta);
  const noMemory = noMemoryText();
  return new Map([
    [opa.OPA_BUILTINS, writeValue(writer, "{}")],
    [opa.OPA_ENTRYPOINTS, writeValue(writer, '{"hpl/decision":0}')],
    [opa.OPA_MALLOC_FAILED, writeCString(writer, "opa_malloc: failed")],
    [opa.OPA_BAD_ENTRYPOINT, writeCString(writer, "internal: illegal entrypoint id")],
    [opa.OPA_NO_MEMORY, writeCString(writer, `[{"result":${noMemory}}]`)],
    [opa.OPA_NO_MEMORY_SET, writeCString(writer, `{{"result":${noMemory}}}`)],
    [opa.OPA_NAMES, writeNames(writer)],
    [opa.OPA_ROOTS, writeRoots(writer, meta.reads)],
    [opa.OPA_FAMILIES_COUNT, families.length],
    [opa.OPA_FAMILIES, writeFamilies(writer, meta.reads)],
    [opa.OPA_ATTRIBUTES_COUNT, policy.attributes.length],
    [opa.OPA_ATTRIBUTES, writeAttributes(writer, policy.attributes)],
    [opa.OPA_ZONES_COUNT, policy.zones.length],
    [opa.OPA_ZONES, writeTexts(writer, policy.zones)],
    [opa.OPA_ENTRIES_COUNT, entries.count],
    [opa.OPA_ENTRIES, entries.address],
    [opa.OPA_DUTIES, writeDuties(writer, meta, groups)],
    [opa.OPA_DEFAULT_APPROVALS, writeDefaultApprovals(writer, meta, groups)],
    [opa.OPA_GROUPS_COUNT, groups.length],
    [opa.OPA_GROUPS, writeGroups(writer, groups)],
    [opa.OPA_TRANSFORMS, writeTexts(writer, meta.transforms.map(escaped))],
    [opa.OPA_REFUSALS, writeRefusals(writer)],
    [opa.OPA_PIECES, writePieces(writer, meta.semantic_digest)],
    [opa.OPA_FACTS_SIZE, FACTS_SIZE],
    [opa.OPA_SCRATCH_SIZE, scratchSizeOf(policy)],
  ]);
}

/** A value as OPA's hosts handle it; its fourth word is spare. */
const writeValue = (writer: TableWriter, json: string): number =>
  writer.words([opa.VALUE_IS_TEXT, ...textWords(writer, json), 0]);
