/** How each item reads, shown as the help of a syntax error in one. */
const rule = "[hard | soft | advisory] [on FAMILY]";
const shapes: ReadonlyMap<string, string> = new Map([
  ["policy", "policy NAME governs FAMILY, .. [for CONDITION]"],
  ["library", "library NAME [governs FAMILY, ..]"],
  ["use", "use MODULE [as NAME]"],
  ["default", "default block | allow | require approval from GROUP within TIME"],
  ["group", 'group NAME [= "name at the identity provider"]'],
  ["let", "let NAME = CONDITION, VALUE or SET"],
  ["define", "define NAME(NAME: TYPE, ..) = CONDITION"],
  ["data", 'data NAME from "file.json" [as "schema.json"]'],
  ["attribute", "attribute PATH: {MEMBER, ..} | String [?]"],
  ["label", 'label NAME on column "schema.table.column", ..'],
  ["allow", `allow "ID" [after approval from GROUP within TIME] ${rule} when .. [unless ..] [{ .. }]`],
  ["block", `block "ID" ${rule} when .. [unless ..] [{ .. }]`],
  ["require", `require approval "ID" ${rule} from GROUP within TIME when .. [unless ..] [{ .. }]`],
  [
    "mask",
    `mask "ID" ${rule} LABEL, .. with TRANSFORM [but TRANSFORM [on LABEL] when ..] [when ..] [unless ..] [{ .. }]`,
  ],
  ["limit", `limit "ID" ${rule} [when ..] [unless ..] { rows NUMBER [then stop]  time TIME  bytes SIZE  .. }`],
  [
    "exception",
    'exception "ID" to "RULE" when .. [unless ..] until 2026-12-01T00:00Z reason "TEXT" approved by "TEXT"',
  ],
  ["window", 'window NAME = 2026-12-01T00:00Z to 2027-01-01T00:00Z, or mon to fri [09:00 to 17:00] in "Europe/Berlin"'],
  [
    "grant",
    'grant NAME to GROUP, .. [after approval from GROUP [within TIME]] [asking ".."] lasting TIME [telling GROUP, ..]',
  ],
  [
    "counter",
    "counter NAME = rows | statements | bytes [labelled LABEL, ..] per principal | session | connection over TIME",
  ],
  ["detector", 'detector NAME { pattern \'REGEX\'  [check NAME(NUMBER)]  [context {"TEXT", ..}]  [why "TEXT"] }'],
  ["fixture", "fixture NAME = principal { FIELD: VALUE, .. } or connection { .. } or session { .. }"],
  ["test", 'test "ID" { given FAMILY "TEXT" as PRINCIPAL on CONNECTION  expect VERDICT [by "RULE"] [with ..] }'],
  ["prove", 'prove "ID" always | never CONDITION [when .. [unless ..]], or this at_least_as_strict_as bundle "PATH"'],
  ["assume", 'assume "ID" CONDITION'],
]);

/** The shape of an item that starts with `word`, as a sentence. */
export function shapeOf(word: string): string | null {
  const shape = shapes.get(word);
  return shape === undefined ? null : `the order is \`${shape}\``;
}
