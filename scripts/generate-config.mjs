// Generates `gateway/src/config/generated.ts` from `spec/gateway-config.schema.json`: the types of the configuration, and the
// schema as data. `--check` compares instead of writing.
import { readFile, writeFile } from "node:fs/promises";
import { compile } from "json-schema-to-typescript";

const schemaFile = new URL("../spec/gateway-config.schema.json", import.meta.url);
const outputFile = new URL("../gateway/src/config/generated.ts", import.meta.url);

const schema = JSON.parse(await readFile(schemaFile, "utf8"));
const types = await compile(structuredClone(schema), "GatewayConfig", {
  bannerComment: "",
  additionalProperties: false,
  maxItems: -1,
  ignoreMinAndMaxItems: true,
  format: false,
});
const readonlyTypes = types
  .replace(/^(\s*)("?[a-z_0-9]+"?\??:)/gm, "$1readonly $2")
  .replace(/^(\s*)\[k: string\]:/gm, "$1readonly [k: string]:")
  .replace(/: (\w+|\([^()]*\))\[\]/g, ": readonly $1[]");

const text = `// Generated from spec/gateway-config.schema.json by scripts/generate-config.mjs. Do not edit.
${readonlyTypes}
/** The schema of a configuration file. */
export const gatewayConfigSchema = ${JSON.stringify(schema, null, 2)} as const;
`;

if (process.argv.includes("--check")) {
  if ((await readFile(outputFile, "utf8")) !== text) {
    console.error("gateway/src/config/generated.ts is stale: run `npm run generate`");
    process.exit(1);
  }
} else {
  await writeFile(outputFile, text);
}
