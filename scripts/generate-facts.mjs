// Generates `runtime/src/facts/generated.ts` from `spec/facts/*.schema.json`: the TypeScript types of the facts, and the
// schemas themselves as data, because neither the compiler nor the engine reads files. A test runs this with `--check`.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { compile } from "json-schema-to-typescript";

const schemasFolder = new URL("../spec/facts/", import.meta.url);
const outputFile = new URL("../runtime/src/facts/generated.ts", import.meta.url);

const names = (await readdir(schemasFolder)).filter((name) => name.endsWith(".schema.json")).sort();
const schemas = await Promise.all(
  names.map(async (name) => JSON.parse(await readFile(new URL(name, schemasFolder), "utf8"))),
);

/** The TypeScript type of one field. Every value may be unknown and every list may be open: hence `Fact` and `FactList`. */
function typeOf(schema) {
  if (schema.enum) return `Fact<${schema.enum.map((member) => JSON.stringify(member)).join(" | ")}>`;
  if (schema.type === "array") return `FactList<${bareTypeOf(schema.items)}>`;
  if (schema.type === "object")
    return schema.title
      ? `Fact<${schema.title}>`
      : `Fact<{ readonly [name: string]: ${typeOf(schema.additionalProperties)} }>`;
  return `Fact<${bareTypeOf(schema)}>`;
}

function bareTypeOf(schema) {
  if (schema.enum) return schema.enum.map((member) => JSON.stringify(member)).join(" | ");
  if (schema.title) return schema.title;
  return schema.type === "integer" ? "number" : schema.type;
}

/** Every titled object of `schema`, innermost first. */
function recordsOf(schema) {
  if (schema.type === "array") return recordsOf(schema.items);
  if (schema.type !== "object" || !schema.properties) return [];
  return [...Object.values(schema.properties).flatMap(recordsOf), schema];
}

async function interfaceOf(record) {
  const properties = Object.entries(record.properties)
    .filter(([, property]) => !property["x-hpl-derived"])
    .map(([name, property]) => [name, { description: property.description, tsType: typeOf(property) }]);
  const text = await compile({ ...record, properties: Object.fromEntries(properties) }, record.title, {
    bannerComment: "",
    additionalProperties: false,
    maxItems: -1,
    format: false,
  });
  return text.replace(/^(\s*)("?[a-z_0-9]+"?\??:)/gm, "$1readonly $2").trim();
}

const interfaces = [];
for (const record of schemas.flatMap(recordsOf)) interfaces.push(await interfaceOf(record));

const text = `// Generated from spec/facts by scripts/generate-facts.mjs. Do not edit.
import type { Fact, FactList } from "./fact.js";

${interfaces.join("\n\n")}

/** The fact schemas, by file name. */
export const factSchemas = ${JSON.stringify(Object.fromEntries(names.map((name, i) => [name.replace(".schema.json", ""), schemas[i]])), null, 2)} as const;
`;

if (process.argv.includes("--check")) {
  if ((await readFile(outputFile, "utf8")) !== text) {
    console.error("runtime/src/facts/generated.ts is stale: run `npm run generate`");
    process.exit(1);
  }
} else {
  await writeFile(outputFile, text);
}
