import { type ModuleMetaReads, opaLayout as opa, readsOfField } from "@hpl/runtime/abi";
import {
  commonRoots,
  type FactSchema,
  type Family,
  families,
  isMap,
  schemaOfFamily,
  schemaOfRoot,
  slotOf,
} from "@hpl/runtime/facts";
import type { LoweredAttribute } from "../../4-lower/lowered.js";
import type { TableWriter } from "../table-writer.js";
import { textWords, writeTexts } from "./escaped-texts.js";

/**
 * How an action of a family can be given as source text: the fields that may stand beside `text`, and the dialects, the one
 * that goes without saying first. The same as `hpl eval --ndjson` reads. `text` is nothing but its text.
 */
const sources: {
  readonly [F in Family]?: { readonly fields: readonly string[]; readonly dialects: readonly string[] };
} = {
  sql: {
    fields: ["dialect", "text", "version", "modes", "search_path", "params", "estimate"],
    dialects: ["postgres", "mysql", "mariadb", "bigquery"],
  },
  shell: { fields: ["text", "cwd", "env", "git", "kube"], dialects: [] },
};

export const writeRoots = (writer: TableWriter, reads: ModuleMetaReads): number =>
  writer.words(
    commonRoots.flatMap((root) => [
      ...textWords(writer, root),
      writeNode(writer, schemaOfRoot(root) ?? {}, reads[root] ?? {}),
    ]),
  );

export const writeFamilies = (writer: TableWriter, reads: ModuleMetaReads): number =>
  writer.words(families.flatMap((family) => familyWords(writer, family, reads)));

function familyWords(writer: TableWriter, family: Family, reads: ModuleMetaReads): readonly number[] {
  const schema = schemaOfFamily(family);
  const { fields, dialects } = sources[family] ?? { fields: [], dialects: [] };
  const isText = family === "text";
  const hasSource = isText || sources[family] !== undefined;
  const [dialect = family] = dialects;
  return [
    ...textWords(writer, family),
    schema === null ? 0 : writeNode(writer, schema, reads[schema["x-hpl-root"] ?? family] ?? {}),
    isText ? opa.SOURCE_IS_ACTION : hasSource ? opa.SOURCE_IS_FIELD : opa.SOURCE_IS_NEVER,
    fields.length,
    writeTexts(writer, fields),
    dialects.length,
    writeTexts(
      writer,
      dialects.flatMap((each) => [each, noFrontEnd(each)]),
    ),
    ...textWords(writer, noFrontEnd(dialect)),
  ];
}

/** MySQL and MariaDB share a front end. */
const noFrontEnd = (of: string): string => `no_front_end:${of === "mariadb" ? "mysql" : of}`;

/** Writes what a fact of `schema` looks like, of which `reads` is read; returns the address of its node. */
function writeNode(writer: TableWriter, schema: FactSchema, reads: ModuleMetaReads | true): number {
  if (schema.type === "array") return writer.words([opa.NODE_IS_LIST, writeNode(writer, schema.items ?? {}, reads), 0]);
  if (isMap(schema)) {
    const isOpen = schema["x-hpl-required-keys"] === true;
    const values = writeNode(writer, schema.additionalProperties as FactSchema, true);
    return writer.words([opa.NODE_IS_MAP, values, isOpen ? 1 : 0]);
  }
  if (schema.type === "object") return writeRecord(writer, schema, reads);
  if (schema.type === "boolean") return writer.words([opa.NODE_IS_BOOL, 0, 0]);
  if (schema.type === "integer") return writer.words([opa.NODE_IS_INTEGER, 0, 0]);
  if (schema.enum === undefined) return writer.words([opa.NODE_IS_TEXT, 0, 0]);
  return writer.words([opa.NODE_IS_CHOICE, schema.enum.length, writeTexts(writer, schema.enum)]);
}

function writeRecord(writer: TableWriter, record: FactSchema, reads: ModuleMetaReads | true): number {
  const fields = Object.entries(record.properties ?? {});
  const words = fields.flatMap(([name, schema]) => {
    const part = readsOfField(reads, name);
    const flags =
      (record.required?.includes(name) ? opa.FIELD_IS_REQUIRED : 0) |
      (schema["x-hpl-derived"] ? opa.FIELD_IS_DERIVED : 0) |
      (part === undefined ? opa.FIELD_IS_UNREAD : 0);
    return [...textWords(writer, name), writeNode(writer, schema, part ?? true), flags];
  });
  return writer.words([opa.NODE_IS_RECORD, fields.length, writer.words(words)]);
}

export const writeAttributes = (writer: TableWriter, attributes: readonly LoweredAttribute[]): number =>
  writer.words(attributes.flatMap((attribute) => attributeWords(writer, attribute)));

/** An attribute is a field of a common root, or a key of a map that is one. */
function attributeWords(writer: TableWriter, { path, members, optional }: LoweredAttribute): readonly number[] {
  const [root = "", field = "", key] = path;
  const index = (commonRoots as readonly string[]).indexOf(root);
  const slot = slotOf(schemaOfRoot(root) ?? {}, field);
  if (index < 0 || slot < 0 || path.length > 3) throw new Error(`HPL9001: no attribute can be at ${path.join(".")}`);
  return [
    index,
    slot,
    ...(key === undefined ? [0, -1] : textWords(writer, key)),
    members?.length ?? -1,
    writeTexts(writer, members ?? []),
    optional ? 1 : 0,
  ];
}
