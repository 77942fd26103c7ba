import type { ModuleTree, Path, Text } from "../1-parse/ast.js";
import type { Span } from "../source/source-file.js";

/** A label with patterns of its own. The same label in several modules is one label with the patterns of all. */
export interface DeclaredLabel {
  readonly path: string;
  readonly columns: readonly Text[];
  /** Where it is declared first, by file. */
  readonly span: Span;
  /** Index of the module of that declaration. */
  readonly module: number;
}

/** The labels of all modules in force, sorted by path, so that a subtree is one run. */
export type LabelTree = readonly DeclaredLabel[];

export const pathText = (path: Path): string => path.words.map((word) => word.text).join(".");

/** Gathers the labels of `modules`. O(n log n). */
export function labelTreeOf(modules: readonly ModuleTree[]): LabelTree {
  const labels = new Map<string, DeclaredLabel>();
  modules.forEach((tree, module) => {
    for (const item of tree.items) {
      if (item.kind !== "Label") continue;
      const path = pathText(item.path);
      const first = labels.get(path);
      if (first === undefined) labels.set(path, { path, columns: item.columns, span: item.span, module });
      else labels.set(path, { ...first, columns: [...first.columns, ...item.columns] });
    }
  });
  return [...labels.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/**
 * Indices of `path` itself, where it has patterns, and of every label below it, ascending. Empty when there is none. By
 * INVARIANT of the order (`.` sorts before every sign of a name) they stand together. O(log n + found).
 */
export function subtreeOf(labels: LabelTree, path: string): readonly number[] {
  let low = 0;
  for (let high = labels.length; low < high; ) {
    const middle = (low + high) >>> 1;
    if ((labels[middle]?.path ?? "") < path) low = middle + 1;
    else high = middle;
  }
  const found: number[] = [];
  for (let index = low; isBelow(labels[index]?.path, path); index++) found.push(index);
  return found;
}

const isBelow = (label: string | undefined, path: string): boolean =>
  label !== undefined && (label === path || label.startsWith(`${path}.`));

/** The paths of all labels. */
export function* pathsOf(labels: LabelTree): Generator<string> {
  for (const { path } of labels) yield path;
}
