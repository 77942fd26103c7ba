import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Catalog, ReadRequest } from "@hpl/runtime";
import { readRequest } from "@hpl/runtime";
import { CommandFailure } from "./exit-code.js";

/** Parses an option's JSON; the message names the option. */
export function parseJsonOption(text: string, option: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CommandFailure(`${option} is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The catalog file at `path` (DESIGN section 8); null without one. */
export function readCatalogFile(path: string | undefined): Catalog | null {
  if (path === undefined) return null;
  const json = parseJsonOption(readFileOption(path), `the catalog ${path}`);
  const isCatalog = typeof json === "object" && json !== null && "schemas" in json && "search_path" in json;
  if (!isCatalog) throw new CommandFailure(`the catalog ${path} needs the fields \`search_path\` and \`schemas\``);
  return json as Catalog;
}

export function readFileOption(path: string): string {
  try {
    return readFileSync(path === "-" ? 0 : path, "utf8");
  } catch {
    throw new CommandFailure(`${path} cannot be read`);
  }
}

/** One line of NDJSON as a request; a line that is not JSON is a bad request like any other. */
export function readRequestLine(line: string, catalog: Catalog | null): ReadRequest {
  try {
    return readRequest(JSON.parse(line), catalog);
  } catch {
    return { ok: false, bad: { id: null, field: "the line is not JSON" } };
  }
}

/** The lines of standard input that are not blank. */
export async function* inputLines(): AsyncGenerator<string> {
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line.trim() !== "") yield line;
  }
}
