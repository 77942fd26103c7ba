/**
 * The default-deny sweep: walks a whole statement before anything is made of it, and knows nothing of meaning. It finds
 * node kinds and fields that we do not understand, and lists the nodes that the later walk must come by
 * (`reachedKinds`). Together they give the promise that nothing is skipped silently. O(nodes).
 */
import { limits } from "../limits.js";
import { clauseKinds, expressionKinds, olderFields, reachedKinds, statementKinds } from "./node-kinds.js";
import { type FieldShape, type Fields, grammarNodes } from "./nodes.js";

export interface Inventory {
  /** Kinds, or `Kind.field`, that nobody here understands. */
  readonly unknown: Set<string>;
  /** What must be reached, outermost first. */
  readonly expected: { readonly kind: string; readonly fields: Fields }[];
  too_deep: boolean;
}

interface NodeShape {
  readonly fields: ReadonlyMap<string, FieldShape>;
  readonly reached: boolean;
}

const understood: ReadonlyMap<string, NodeShape> = new Map(
  [...statementKinds, ...expressionKinds, ...clauseKinds].map((kind) => {
    const older = (olderFields.get(kind) ?? []).map(([name, of, list]) => [name, { kind: of, list }] as const);
    return [kind, { fields: new Map([...(grammarNodes.get(kind) ?? []), ...older]), reached: reachedKinds.has(kind) }];
  }),
);

export function takeInventory(node: unknown): Inventory {
  const inventory: Inventory = { unknown: new Set(), expected: [], too_deep: false };
  sweepWrapped(inventory, node, 0);
  return inventory;
}

function sweepWrapped(inventory: Inventory, node: unknown, depth: number): void {
  if (typeof node !== "object" || node === null) {
    inventory.unknown.add("?");
    return;
  }
  let kinds_count = 0;
  for (const kind in node) {
    kinds_count++;
    sweepFields(inventory, kind, (node as Fields)[kind], depth);
  }
  if (kinds_count > 1) inventory.unknown.add("?");
}

function sweepFields(inventory: Inventory, kind: string, fields: unknown, depth: number): void {
  const shape = understood.get(kind);
  if (shape === undefined || typeof fields !== "object" || fields === null) {
    inventory.unknown.add(kind);
    return;
  }
  if (depth > limits.depth) {
    inventory.too_deep = true;
    return;
  }
  if (shape.reached) inventory.expected.push({ kind, fields: fields as Fields });
  for (const name in fields) {
    const value = (fields as Fields)[name];
    const field = shape.fields.get(name);
    if (field === undefined) inventory.unknown.add(`${kind}.${name}`);
    else if (!sweepField(inventory, field, value, depth + 1)) inventory.unknown.add(`${kind}.${name}`);
  }
}

/** False when the value does not have the field's shape. */
function sweepField(inventory: Inventory, field: FieldShape, value: unknown, depth: number): boolean {
  if (field.kind === "scalar") return typeof value !== "object" || value === null || isScalarList(value);
  if (field.list !== Array.isArray(value)) return false;
  for (const member of Array.isArray(value) ? value : [value]) {
    if (field.kind === "node") sweepWrapped(inventory, member, depth);
    else sweepFields(inventory, field.kind, member, depth);
  }
  return true;
}

const isScalarList = (value: object): boolean =>
  Array.isArray(value) && value.every((member) => typeof member !== "object");
