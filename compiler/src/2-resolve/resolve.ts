/**
 * Phase 2: trees -> the modules in force, and what each name in them stands for.
 *
 * In: the trees of all files. Out: the modules in force (every policy file, and the libraries they reach through `use`),
 * each with its scope (`scope.ts`): a map from the one word a name starts with to its declaration. What names mean inside a
 * condition is looked up by phase 3, because whether a word is a name at all depends on types: against an enum it is a
 * member. Absent: names brought in by `use` are reached as `module.name` only, nothing is re-exported, and there is no
 * nesting of scopes but the variables of quantifiers.
 */
import { type Family, families } from "@hpl/runtime/facts";
import type { Header, Item, ModuleTree } from "../1-parse/ast.js";
import { duplicateModule, duplicateName, tooManyModules, unknownFamily } from "../diagnostics/catalog.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { nearestName } from "../diagnostics/nearest-name.js";
import { limits } from "../source/limits.js";
import { attributesOf, type DeclaredAttribute } from "./attributes.js";
import { checkItems } from "./check-items.js";
import { findImportCycles } from "./import-cycles.js";
import { type LabelTree, labelTreeOf, pathText } from "./label-tree.js";
import { type Scope, scopeOf } from "./scope.js";

export type { DeclaredAttribute } from "./attributes.js";
export type { Declaration, Scope } from "./scope.js";

export interface ResolvedModule {
  readonly name: string;
  readonly tree: ModuleTree;
  readonly header: Header;
  /** A file of the policy itself, not a library it uses: its tests are the author's. */
  readonly isSource: boolean;
  readonly families: readonly Family[];
  readonly scope: Scope;
}

export interface ResolvedPolicy {
  /** Modules in force, in the order of their files. */
  readonly modules: readonly ResolvedModule[];
  readonly labels: LabelTree;
  /** Names of all modules there are, in force or not: what `use` can name. */
  readonly moduleNames: readonly string[];
  /** Like labels, they mean the same in every module. */
  readonly attributes: readonly DeclaredAttribute[];
}

export interface ResolveOutput {
  readonly policy: ResolvedPolicy;
  readonly diagnostics: readonly Diagnostic[];
  /** Files of the modules in force. */
  readonly filesInForce: ReadonlySet<number>;
}

/**
 * Resolves `trees`; those with an index below `sources_count` are in force, the others are libraries. Reports HPL2nnn,
 * HPL4011, HPL4012 and HPL6007. O(names), never throws.
 */
export function resolve(trees: readonly ModuleTree[], sources_count: number): ResolveOutput {
  const diagnostics: Diagnostic[] = [];
  const byName = modulesByName(trees, sources_count, diagnostics);
  const inForce = reachable(trees, byName, sources_count);
  const headed = inForce.flatMap((tree) => (tree.header === null ? [] : [{ tree, header: tree.header }]));
  const indexByFile = new Map(headed.map(({ tree }, index) => [tree.file, index]));
  const find = (name: string): number | null | undefined => {
    const tree = byName.get(name);
    return tree === undefined ? undefined : (indexByFile.get(tree.file) ?? null);
  };
  const sources = new Set(trees.slice(0, sources_count));
  const [excess] = headed.slice(limits.modules_max);
  if (excess !== undefined) diagnostics.push(tooManyModules(excess.header.name.span, { modules: headed.length }));
  const modules = headed.slice(0, limits.modules_max).map(({ tree, header }): ResolvedModule => {
    const scope = scopeOf(tree, [...byName.keys()], find, diagnostics);
    checkItems(tree, header, diagnostics);
    return {
      name: pathText(header.name),
      tree,
      header,
      isSource: sources.has(tree),
      families: familiesOf(header, diagnostics),
      scope,
    };
  });
  diagnostics.push(...findImportCycles(modules));
  const attributes = attributesOf(modules, diagnostics);
  const labels = labelTreeOf(modules.map((module) => module.tree));
  const policy = { modules, labels, moduleNames: [...byName.keys()], attributes };
  return { policy, diagnostics, filesInForce: new Set(inForce.map((tree) => tree.file)) };
}

/** Trees by module name. A source with the name of another module is an error: nothing hides a library. */
function modulesByName(
  trees: readonly ModuleTree[],
  sources_count: number,
  diagnostics: Diagnostic[],
): ReadonlyMap<string, ModuleTree> {
  const byName = new Map<string, ModuleTree>();
  trees.forEach((tree, index) => {
    if (tree.name === null) return;
    const first = byName.get(tree.name);
    if (first === undefined) byName.set(tree.name, tree);
    // Of a source and a library, the source is what the author can change.
    const [blamed, other] = index < sources_count ? [tree, first] : [first, tree];
    if (first !== undefined && blamed?.header && other !== undefined)
      diagnostics.push(duplicateModule(blamed.header.name.span, { module: tree.name, other: other.source.path }));
  });
  return byName;
}

/** Every source, and the libraries that modules in force name, in the order of their files. */
function reachable(
  trees: readonly ModuleTree[],
  byName: ReadonlyMap<string, ModuleTree>,
  sources_count: number,
): readonly ModuleTree[] {
  const pending = trees.slice(0, sources_count);
  const reached = new Set(pending);
  for (let tree = pending.pop(); tree !== undefined; tree = pending.pop()) {
    for (const item of tree.items) {
      const used = byName.get(namedModule(item) ?? "");
      if (used === undefined || reached.has(used)) continue;
      reached.add(used);
      pending.push(used);
    }
  }
  return trees.filter((tree) => reached.has(tree));
}

/** The module an item names: after `use`, or in the full name of a set of detectors, which needs no `use`. */
function namedModule(item: Item): string | null {
  if (item.kind === "Use") return pathText(item.module);
  if (item.kind !== "Rule" || item.rule.kind !== "mask" || item.rule.subject.kind !== "values") return null;
  const { words } = item.rule.subject.detectors;
  return words
    .slice(0, -1)
    .map((word) => word.text)
    .join(".");
}

function familiesOf(header: Header, diagnostics: Diagnostic[]): readonly Family[] {
  const found = new Set<Family>();
  for (const word of header.families) {
    const family = families.find((known) => known === word.text);
    if (family === undefined)
      diagnostics.push(unknownFamily(word.span, { family: word.text, nearest: nearestName(word.text, families) }));
    else if (found.has(family)) diagnostics.push(duplicateName(word.span, { name: word.text }));
    else found.add(family);
  }
  return [...found];
}
