/** How each item reads, shown as the help of a syntax error in one. */
const rule = "[hard | soft | advisory] [on FAMILY]";
const shapes: ReadonlyMap<string, string> = new Map([
  ["policy", "policy NAME governs FAMILY, .. [for CONDITION]"],
  ["library", "library NAME [governs FAMILY, ..]"],
  ["use", "use MODULE [as NAME]"],
  ["default", "default block | allow | require approval from GROUP within TIME"],
  ["group", 'group NAME [= "name at the identity provider"]'],
  ["let", "let NAME = CONDITION, VALUE or SET"],
  ["label", 'label NAME on column "schema.table.column", ..'],
  ["allow", `allow "ID" [after approval from GROUP within TIME] ${rule} when .. [unless ..] [{ .. }]`],
  ["block", `block "ID" ${rule} when .. [unless ..] [{ .. }]`],
  ["require", `require approval "ID" ${rule} from GROUP within TIME when .. [unless ..] [{ .. }]`],
  [
    "mask",
    `mask "ID" ${rule} LABEL, .. with TRANSFORM [but TRANSFORM [on LABEL] when ..] [when ..] [unless ..] [{ .. }]`,
  ],
  ["fixture", "fixture NAME = principal { FIELD: VALUE, .. } or connection { .. }"],
]);

/** The shape of an item that starts with `word`, as a sentence. */
export function shapeOf(word: string): string | null {
  const shape = shapes.get(word);
  return shape === undefined ? null : `the order is \`${shape}\``;
}
