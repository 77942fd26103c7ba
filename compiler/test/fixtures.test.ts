import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { catalog } from "../src/diagnostics/catalog.js";
import type { Diagnostic } from "../src/diagnostics/diagnostic.js";
import { locate } from "../src/diagnostics/render.js";
import type { SourceFile } from "../src/source/source-file.js";
import { checkSources, sourcesOf } from "./check-text.js";
import { fromRunning, withoutExample } from "./without-example.js";

/**
 * Fixtures: `fixtures/<phase>/<slug>.hpl`. Under each line that something is said about stands a comment with carets under
 * the exact span, the code, the message and the help. Every diagnostic has its marker. `UPDATE=1` writes the markers anew.
 * A span at the start of a line has `#` for its first caret, and is told from one that starts next to it by `#:`.
 */
const folder = new URL("./fixtures/", import.meta.url);
const paths = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".hpl"));
const markerLine = /^#[ :]*\^*[ ]+HPL\d{4} .*\n?/gm;

test.each(paths)("%s", (path) => {
  const url = new URL(path, folder);
  const found = readFileSync(url, "utf8");
  const marked = withMarkers(found.replaceAll(markerLine, ""));
  if (process.env.UPDATE === "1") writeFileSync(url, marked);
  expect(marked).toBe(process.env.UPDATE === "1" ? marked : found);
  const slug = path.replace(/^.*\//, "").replace(/\.hpl$/, "");
  const { code } = catalog.find((entry) => entry.slug === slug) ?? { code: "no such slug" };
  expect(marked).toContain(`${code} `);
});

test("every code of the catalogue has a fixture", () => {
  const slugs = paths.map((path) => path.replace(/^.*\//, "").replace(/\.hpl$/, ""));
  const expected = catalog
    .filter(({ code }) => !withoutExample.has(code) && !fromRunning.has(code))
    .map(({ slug }) => slug);
  expect(slugs.toSorted()).toEqual(expected.toSorted());
});

function withMarkers(text: string): string {
  const sources = sourcesOf(text);
  const { diagnostics } = checkSources(sources);
  const marked = sources.map((source, file) => markSource(source, file, sources, diagnostics));
  return marked.map((part, i) => (i === 0 ? part : `# file: ${sources[i]?.path}${part}`)).join("");
}

function markSource(
  { text }: SourceFile,
  file: number,
  sources: readonly SourceFile[],
  diagnostics: readonly Diagnostic[],
): string {
  const own = diagnostics.filter(({ span }) => span.file === file);
  return text
    .split("\n")
    .flatMap((line, i) => {
      const here = own.filter(({ span }) => locate(span, sources).line === i + 1);
      return [line, ...here.map((diagnostic) => markerOf(diagnostic, line, sources))];
    })
    .join("\n");
}

function markerOf({ span, code, message, help }: Diagnostic, line: string, sources: readonly SourceFile[]): string {
  const place = locate(span, sources);
  const start = place.character - 1;
  const end = place.end_line === place.line ? place.end_character - 1 : line.length;
  const carets = "^".repeat(Math.max(1, end - start));
  const text = [message, help].filter((part) => part !== null).join("; ");
  const margin =
    start === 0 ? `#${carets.slice(1)}` : start === 1 ? `#:${carets.slice(1)}` : `#${" ".repeat(start - 1)}${carets}`;
  return `${margin} ${code} ${text}`;
}
