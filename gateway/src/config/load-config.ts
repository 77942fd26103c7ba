/**
 * The configuration: one JSON file, checked against `spec/gateway-config.schema.json`, never executed.
 *
 * In: a path. Out: the configuration and the folder its paths are relative to, or all that is wrong with it, each problem with
 * its field and its line. `references` also looks for what it names: environment variables, files, what is in them. Only a
 * host that starts the gateway asks for that: `hpl approvals` runs where the gateway's secrets are not. No message quotes a
 * value that could be a secret. Absent: defaults that depend on the machine.
 */
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { Ajv2020, type ErrorObject } from "ajv/dist/2020.js";
import { findNodeAtLocation, type Node, type ParseError, parseTree, printParseErrorCode } from "jsonc-parser";
import { type GatewayConfig, gatewayConfigSchema } from "./generated.js";
import { type FieldPath, fieldName, findContradictions, parseAddress, resolveConfig } from "./resolve-config.js";
import { describeSchemaErrors } from "./schema-errors.js";

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

export interface LoadConfigOptions {
  /** Also check what the configuration refers to. */
  readonly references?: boolean;
}

const validate = new Ajv2020({ allErrors: true, strict: false, verbose: true }).compile(gatewayConfigSchema);

/** Reads and checks the configuration at `path`. Never throws for what is in the file, or for a file that is not there. */
export function loadConfig(path: string, options: LoadConfigOptions = {}): LoadConfig {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(readFileSync(path));
    return checkConfig(text, dirname(resolve(path)), options);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    const why = { ENOENT: "there is no such file", ERR_ENCODING_INVALID_ENCODED_DATA: "it is not UTF-8" }[code] ?? code;
    return failure([{ field: "", line: 1, character: 1, message: `the configuration cannot be read: ${why}` }]);
  }
}

const failure = (problems: readonly ConfigProblem[]): LoadConfig => ({ ok: false, problems });

/** Checks the text of a configuration whose paths are relative to `folder`. */
export function checkConfig(text: string, folder: string, { references = false }: LoadConfigOptions = {}): LoadConfig {
  if (text.startsWith("\uFEFF")) return failure([problemAt(text, 0, "", "not JSON: it starts with a byte order mark")]);
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { disallowComments: true, allowTrailingComma: false });
  if (text.trim() === "" || tree === undefined) return failure([problemAt(text, 0, "", "the file is empty")]);
  if (errors.length > 0) return failure(errors.map((error) => syntaxProblem(error, text)));
  const repeated = repeatedKeys(tree).map((node) => problemAt(text, node.offset, fieldOf(node), "is given twice"));
  if (repeated.length > 0) return failure(repeated);
  const value = parseJson(text);
  if (value === undefined) return failure([problemAt(text, 0, "", "not JSON")]);
  if (!isConfig(value)) return failure(schemaProblems(validate.errors ?? [], tree, text));
  const problems = [
    ...(references ? referenceProblems(value, folder) : [...findContradictions(value), ...addressProblems(value)]),
  ].map(({ path, message }) => problemOf(path, message, tree, text));
  return problems.length > 0 ? failure(problems) : { ok: true, config: value, folder };
}

const isConfig = (value: unknown): value is GatewayConfig => validate(value);

/** An exception of JSON.parse quotes the text, which may hold a secret. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const syntaxWords: Readonly<Record<string, string>> = {
  InvalidCommentToken: "a comment",
  PropertyNameExpected: "the name of a field is missing, or a comma is too much",
  ValueExpected: "a value is missing, or a comma is too much",
  CommaExpected: "a comma is missing",
  ColonExpected: "a colon is missing",
  CloseBraceExpected: "a `}` is missing",
  CloseBracketExpected: "a `]` is missing",
  EndOfFileExpected: "something follows the end",
};

function syntaxProblem({ error, offset }: ParseError, text: string): ConfigProblem {
  const name = printParseErrorCode(error);
  return problemAt(text, offset, "", `not JSON: ${syntaxWords[name] ?? name}`);
}

/** The second and later of fields with the same name in one object: which of them counts differs between readers. */
function repeatedKeys(node: Node): readonly Node[] {
  const children = node.children ?? [];
  const names = node.type === "object" ? children.map((property) => property.children?.[0]?.value) : [];
  const own = node.type === "object" ? children.filter((_, i) => names.indexOf(names[i]) < i) : [];
  return [...own, ...children.flatMap(repeatedKeys)];
}

/** Path of a property node. */
function fieldOf(property: Node): string {
  const path: (string | number)[] = [];
  for (let node: Node | undefined = property; node !== undefined; node = node.parent) {
    if (node.type === "property") path.unshift(String(node.children?.[0]?.value));
    if (node.parent?.type === "array") path.unshift(node.parent.children?.indexOf(node) ?? 0);
  }
  return fieldName(path);
}

const schemaProblems = (errors: readonly ErrorObject[], tree: Node, text: string): readonly ConfigProblem[] =>
  describeSchemaErrors(errors).map(({ path, message }) => problemOf(path, message, tree, text));

function referenceProblems(config: GatewayConfig, folder: string) {
  const result = resolveConfig(config, folder);
  return result.ok ? [] : result.problems;
}

function addressProblems({ connections, approvals }: GatewayConfig) {
  const addresses: readonly (readonly [FieldPath, string])[] = [
    ...connections.map(({ listen }, i) => [["connections", i, "listen"], listen] as const),
    ...(approvals === undefined ? [] : [[["approvals", "listen"], approvals.listen] as const]),
  ];
  return addresses.flatMap(([path, address]) => {
    try {
      parseAddress(address);
      return [];
    } catch (error) {
      return [{ path, message: error instanceof Error ? error.message : String(error) }];
    }
  });
}

/** At the field itself, or at the nearest one around it that is there. */
function problemOf(path: FieldPath, message: string, tree: Node, text: string): ConfigProblem {
  for (let length = path.length; length >= 0; length--) {
    const node = findNodeAtLocation(tree, path.slice(0, length));
    if (node === undefined) continue;
    const { offset } = node.parent?.type === "property" ? node.parent : node;
    return problemAt(text, offset, fieldName(path), message);
  }
  return problemAt(text, 0, fieldName(path), message);
}

function problemAt(text: string, offset: number, field: string, message: string): ConfigProblem {
  const before = text.slice(0, offset).split("\n");
  return { field, line: before.length, character: (before.at(-1)?.length ?? 0) + 1, message };
}
