/**
 * The configuration: one JSON file, checked against `spec/gateway-config.schema.json`, never executed.
 *
 * In: a path. Out: the configuration with every path made absolute and every secret read, or all that is wrong with it, each
 * problem with its field and its line. A secret that is missing is a problem like any other. Absent: defaults that depend
 * on the machine, and secrets in messages.
 */
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { Ajv2020, type ErrorObject } from "ajv/dist/2020.js";
import { findNodeAtLocation, type Node, type ParseError, parseTree, printParseErrorCode } from "jsonc-parser";
import { type GatewayConfig, gatewayConfigSchema } from "./generated.js";

/** One thing wrong with a configuration. Line and character count from 1. */
export interface ConfigProblem {
  readonly field: string;
  readonly line: number;
  readonly character: number;
  readonly message: string;
}

export type LoadConfig =
  | { readonly ok: true; readonly config: GatewayConfig; readonly folder: string }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

const validate = new Ajv2020({ allErrors: true, strict: false }).compile(gatewayConfigSchema);

/** Reads and checks the configuration at `path`. Never throws for what is in the file, or for a file that is not there. */
export function loadConfig(path: string): LoadConfig {
  try {
    return checkConfig(readFileSync(path, "utf8"), dirname(resolve(path)));
  } catch (error) {
    const message = `the configuration cannot be read: ${error instanceof Error ? error.message : String(error)}`;
    return { ok: false, problems: [{ field: "", line: 1, character: 1, message }] };
  }
}

/** Checks the text of a configuration whose paths are relative to `folder`. */
export function checkConfig(text: string, folder: string): LoadConfig {
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { disallowComments: true, allowTrailingComma: false });
  if (errors.length > 0 || tree === undefined) {
    const problems = errors.map(({ error, offset }) =>
      problemAt(text, offset, "", `not JSON: ${printParseErrorCode(error)}`),
    );
    return { ok: false, problems: problems.length > 0 ? problems : [problemAt(text, 0, "", "the file is empty")] };
  }
  const config = JSON.parse(text) as GatewayConfig;
  if (!validate(config)) return { ok: false, problems: problemsOf(validate.errors ?? [], tree, text) };
  const problems = findContradictions(config).map(({ path, message }) => problemOf(path, message, tree, text));
  return problems.length > 0 ? { ok: false, problems } : { ok: true, config, folder };
}

type Path = readonly (string | number)[];

function problemsOf(errors: readonly ErrorObject[], tree: Node, text: string): readonly ConfigProblem[] {
  // A failing branch of an `anyOf` says less than the `anyOf` itself, unless the value is an object meant for that branch.
  const told = errors.filter(({ schemaPath }) => !/\/(anyOf|oneOf)\/\d+\//.test(schemaPath) || errors.length === 1);
  return told.map((error) => {
    const path = error.instancePath.split("/").slice(1).map(unescapePointer);
    const extra = error.keyword === "additionalProperties" ? [String(error.params.additionalProperty)] : [];
    return problemOf([...path, ...extra], messageOf(error), tree, text);
  });
}

const unescapePointer = (part: string): string | number =>
  /^\d+$/.test(part) ? Number(part) : part.replaceAll("~1", "/").replaceAll("~0", "~");

function messageOf({ keyword, params, message }: ErrorObject): string {
  if (keyword === "additionalProperties") return "unknown field";
  if (keyword === "required") return `the field \`${params.missingProperty}\` is missing`;
  if (keyword === "enum")
    return `must be one of ${(params.allowedValues as unknown[]).map((value) => JSON.stringify(value)).join(", ")}`;
  if (keyword === "anyOf") return "has none of the forms that are possible here";
  return message ?? keyword;
}

function findContradictions(config: GatewayConfig): readonly { readonly path: Path; readonly message: string }[] {
  const repeated = (values: readonly string[], at: (index: number) => Path, what: string) =>
    values.flatMap((value, i) =>
      values.indexOf(value) < i ? [{ path: at(i), message: `${what} \`${value}\` is given twice` }] : [],
    );
  return [
    ...repeated(
      config.connections.map(({ name }) => name),
      (i) => ["connections", i, "name"],
      "the connection",
    ),
    ...repeated(
      config.identity.static.map(({ user }) => user),
      (i) => ["identity", "static", i, "user"],
      "the user",
    ),
  ];
}

function problemOf(path: Path, message: string, tree: Node, text: string): ConfigProblem {
  for (let length = path.length; length >= 0; length--) {
    const node = findNodeAtLocation(tree, path.slice(0, length));
    if (node !== undefined)
      return problemAt(
        text,
        node.parent?.type === "property" ? node.parent.offset : node.offset,
        fieldName(path),
        message,
      );
  }
  return problemAt(text, 0, fieldName(path), message);
}

const fieldName = (path: Path): string =>
  path
    .map((part) => (typeof part === "number" ? `[${part}]` : `.${part}`))
    .join("")
    .replace(/^\./, "");

function problemAt(text: string, offset: number, field: string, message: string): ConfigProblem {
  const before = text.slice(0, offset).split("\n");
  return { field, line: before.length, character: (before.at(-1)?.length ?? 0) + 1, message };
}

/** `path` as the configuration means it. */
export const pathIn = (folder: string, path: string): string => resolve(folder, path);

type Secret = string | { readonly env: string } | { readonly file: string };

/** The text of a secret. Throws an error that names where it should be, never what it is. */
export function readSecret(secret: Secret, folder: string): string {
  if (typeof secret === "string") return secret;
  if ("env" in secret) {
    const value = process.env[secret.env];
    if (value === undefined || value === "") throw new Error(`the environment variable ${secret.env} is not set`);
    return value;
  }
  return readFileSync(pathIn(folder, secret.file), "utf8").replace(/\r?\n$/, "");
}
