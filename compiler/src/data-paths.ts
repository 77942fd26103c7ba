import { parse } from "./1-parse/parse.js";
import { dataPathsOf } from "./3-check/data/data-files.js";
import { catalogPathOf } from "./3-check/examples/fixture-catalog.js";
import type { SourceFile } from "./source/source-file.js";

/**
 * Paths of the files that `sources` name beside themselves: those of `data` items, schemas included, and catalogs of fixtures.
 * What to read for `CheckInput.data`.
 */
export function dataPathsIn(sources: readonly SourceFile[]): readonly string[] {
  const paths = sources.flatMap((source) => {
    // Most files name none, and need not be parsed twice.
    if (!/^\s*data\b|\bcatalog\s*:/m.test(source.text)) return [];
    const { tree } = parse(source, 0);
    return tree.items.flatMap((item) => {
      if (item.kind === "Data") return Object.values(dataPathsOf(item, tree));
      return item.kind === "Fixture" ? [catalogPathOf(item, tree)] : [];
    });
  });
  return [...new Set(paths)].filter((path) => path !== null);
}
