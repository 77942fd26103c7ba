import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";

interface Operation {
  readonly responses: Readonly<
    Record<string, { readonly content: Readonly<Record<string, { readonly schema: object }>> }>
  >;
}

/** The document of the HTTP API. */
export const openApi: {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: object;
} = JSON.parse(readFileSync(new URL("../../spec/openapi/gateway.json", import.meta.url), "utf8"));

const ajv = new Ajv2020({ strict: false, validateFormats: false });

/** What is wrong with an answer by the document; null when nothing is. */
export function problemWith(method: string, path: string, status: number, type: string, body: unknown): unknown {
  const found = Object.keys(openApi.paths).find((each) =>
    new RegExp(`^${each.replaceAll(/\{\w+\}/g, "[0-9a-f-]+")}$`).test(path),
  );
  const response = openApi.paths[found ?? ""]?.[method.toLowerCase()]?.responses[String(status)];
  if (response === undefined) return `${method} ${path} answers ${status}, of which the document says nothing`;
  const schema = response.content[type.replace(/;.*/, "")]?.schema;
  if (schema === undefined) return `${method} ${path} answers ${status} with ${type}`;
  const validate = ajv.compile({ ...schema, components: openApi.components });
  return validate(body) ? null : validate.errors;
}
