import * as abi from "../abi/layout.js";
import { FACT_TEXT_SIZE_MAX, isOpenList, isUnknown, type OpenList } from "../facts/fact.js";
import type { FieldPlan, LayPlan } from "./lay-plan.js";

const encoder = new TextEncoder();

/** Writes facts as cells into linear memory, from `top` up to `end`. One a module; not for concurrent use. */
export interface FactWriter {
  readonly view: DataView;
  readonly bytes: Uint8Array;
  readonly end: number;
  /** First free byte. Setting it back forgets everything behind it. */
  top: number;
  /** Set when something did not fit: what was written must not be used. */
  isFull: boolean;
}

export const factWriter = (memory: WebAssembly.Memory, start: number, end: number): FactWriter => ({
  view: new DataView(memory.buffer),
  bytes: new Uint8Array(memory.buffer),
  end,
  top: start,
  isFull: false,
});

export const writeUnknown = (writer: FactWriter, cell: number): void => writeCell(writer, cell, abi.TAG_UNKNOWN, 0, 0);
export const writeAbsent = (writer: FactWriter, cell: number): void => writeCell(writer, cell, abi.TAG_ABSENT, 0, 0);

/** Writes `value` into the cell at `cell` as `plan` says. Whatever is not of the plan's type is unknown. O(what is read). */
export function writeFact(writer: FactWriter, cell: number, value: unknown, plan: LayPlan): void {
  if (value === undefined || value === null || plan.kind === "unread") writeUnknown(writer, cell);
  else if (typeof value === "object") writeComposite(writer, cell, value, plan);
  else writeScalar(writer, cell, value, plan);
}

function writeComposite(writer: FactWriter, cell: number, value: object, plan: LayPlan): void {
  if (isUnknown(value)) writeUnknown(writer, cell);
  else if (plan.kind === "list") writeList(writer, cell, value, plan.item);
  else if (Array.isArray(value)) writeUnknown(writer, cell);
  else if (plan.kind === "record") writeRecord(writer, cell, value as Record<string, unknown>, plan.fields);
  else if (plan.kind === "map") writeMap(writer, cell, value as Record<string, unknown>, plan);
  else writeUnknown(writer, cell);
}

function writeCell({ view }: FactWriter, cell: number, tag: number, extra: number, payload: number): void {
  view.setInt32(cell, tag, true);
  view.setInt32(cell + abi.CELL_EXTRA, extra, true);
  view.setInt32(cell + abi.CELL_PAYLOAD, payload, true);
}

/** Address of `count` fresh cells, or 0 when they do not fit. */
function reserve(writer: FactWriter, count: number): number {
  const cells = (writer.top + 7) & ~7;
  const top = cells + count * abi.CELL_SIZE;
  if (top > writer.end) {
    writer.isFull = true;
    return 0;
  }
  writer.top = top;
  return cells;
}

function writeScalar(writer: FactWriter, cell: number, value: unknown, { kind }: LayPlan): void {
  if (kind === "text" && typeof value === "string") writeText(writer, cell, value);
  else if (kind === "boolean" && typeof value === "boolean") writeCell(writer, cell, abi.TAG_BOOL, value ? 1 : 0, 0);
  else if (kind === "number" && typeof value === "number") writeNumber(writer, cell, value);
  else writeUnknown(writer, cell);
}

function writeNumber(writer: FactWriter, cell: number, value: number): void {
  writeCell(writer, cell, abi.TAG_NUMBER, 0, 0);
  writer.view.setFloat64(cell + abi.CELL_PAYLOAD, value, true);
}

/** Up to so many characters, copying them one by one is faster than a call of the encoder. */
const copied_max = 48;

/** Copies a short text of ASCII characters to `start`; false when it is none, or does not fit. */
function copyAscii({ bytes, end }: FactWriter, start: number, text: string): boolean {
  const { length } = text;
  if (length > copied_max || start + length > end) return false;
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0x7f) return false;
    bytes[start + i] = code;
  }
  return true;
}

function writeText(writer: FactWriter, cell: number, text: string): void {
  const start = writer.top;
  if (copyAscii(writer, start, text)) {
    writeCell(writer, cell, abi.TAG_STRING, text.length, start);
    writer.top = start + text.length;
    return;
  }
  const room = writer.bytes.subarray(start, Math.min(start + FACT_TEXT_SIZE_MAX, writer.end));
  const { read, written } = encoder.encodeInto(text, room);
  if (read < text.length) {
    if (room.length < FACT_TEXT_SIZE_MAX) writer.isFull = true;
    writeUnknown(writer, cell);
    return;
  }
  writeCell(writer, cell, abi.TAG_STRING, written, start);
  writer.top = start + written;
}

function writeList(writer: FactWriter, cell: number, value: object, plan: LayPlan): void {
  const isOpen = !Array.isArray(value) && isOpenList(value as OpenList<unknown>);
  const items: unknown = isOpen ? (value as OpenList<unknown>).items : value;
  if (!Array.isArray(items)) {
    writeUnknown(writer, cell);
    return;
  }
  const cells = reserve(writer, items.length);
  if (cells === 0) return;
  writeCell(writer, cell, abi.TAG_LIST, items.length | (isOpen ? abi.LIST_IS_OPEN : 0), cells);
  for (let i = 0; i < items.length; i++) writeFact(writer, cells + i * abi.CELL_SIZE, items[i], plan);
}

/** A record of numbers, one cell each; null is unknown. */
export function writeNumbers(writer: FactWriter, cell: number, values: readonly (number | null)[]): void {
  const cells = reserve(writer, values.length);
  if (cells === 0) return;
  writeCell(writer, cell, abi.TAG_RECORD, 0, cells);
  for (const [i, value] of values.entries()) {
    if (value === null) writeUnknown(writer, cells + i * abi.CELL_SIZE);
    else writeNumber(writer, cells + i * abi.CELL_SIZE, value);
  }
}

/** One cell a field, in schema order. */
function writeRecord(
  writer: FactWriter,
  cell: number,
  values: Record<string, unknown>,
  fields: readonly FieldPlan[],
): void {
  const cells = reserve(writer, fields.length);
  if (cells === 0) return;
  writeCell(writer, cell, abi.TAG_RECORD, 0, cells);
  let address = cells;
  for (const { name, plan, isRequired } of fields) {
    const value = plan.kind !== "unread" && Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined && !isRequired) writeAbsent(writer, address);
    else writeFact(writer, address, value, plan);
    address += abi.CELL_SIZE;
  }
}

/** Key and value cells, alternating. A key that is too long to be one a policy names is left out. */
function writeMap(
  writer: FactWriter,
  cell: number,
  entries: Record<string, unknown>,
  { value, isOpen }: Extract<LayPlan, { kind: "map" }>,
): void {
  const keys = Object.keys(entries);
  const cells = reserve(writer, keys.length * 2);
  if (cells === 0) return;
  writeCell(writer, cell, abi.TAG_MAP, keys.length | (isOpen ? abi.MAP_IS_OPEN : 0), cells);
  for (const [i, key] of keys.entries()) {
    writeText(writer, cells + i * 2 * abi.CELL_SIZE, key);
    writeFact(writer, cells + (i * 2 + 1) * abi.CELL_SIZE, entries[key], value);
  }
}
