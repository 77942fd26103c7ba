/**
 * Phase 2: trees -> the modules in force, and what each name in them stands for.
 *
 * In: the trees of all files. Out: the modules in force (every policy file, and the libraries they reach through `use`),
 * each with its scope: a map from the one word a name starts with to its declaration. What names mean inside a condition is
 * looked up by phase 3, because whether a word is a name at all depends on types: against an enum it is a member. Absent:
 * names brought in by `use` are reached as `module.name` only, nothing is re-exported, and there is no nesting of scopes
 * but the variables of quantifiers.
 */
import { type Family, families } from "@hpl/runtime/facts";
import type {
  FixtureItem,
  GroupItem,
  Header,
  Item,
  LetItem,
  ModuleTree,
  RuleItem,
  UseItem,
  Word,
} from "../1-parse/ast.js";
import {
  badRuleId,
  duplicateModule,
  duplicateName,
  duplicateRule,
  reservedName,
  ruleInLibrary,
  secondDefault,
  tooManyModules,
  unknownFamily,
  unknownModule,
} from "../diagnostics/catalog.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { nearestName } from "../diagnostics/nearest-name.js";
import { limits } from "../source/limits.js";
import { factRoots } from "./fact-types.js";
import { findImportCycles } from "./import-cycles.js";
import { type LabelTree, labelTreeOf, pathText } from "./label-tree.js";

/** What a word stands for in a module. */
export type Declaration =
  | { readonly kind: "Module"; readonly module: number; readonly item: UseItem }
  | { readonly kind: "Group"; readonly item: GroupItem }
  | { readonly kind: "Let"; readonly item: LetItem }
  | { readonly kind: "Fixture"; readonly item: FixtureItem }
  /** Its error is reported already: stay silent about its users. */
  | { readonly kind: "Broken" };

export type Scope = ReadonlyMap<string, Declaration>;

export interface ResolvedModule {
  readonly name: string;
  readonly tree: ModuleTree;
  readonly header: Header;
  readonly families: readonly Family[];
  readonly scope: Scope;
}

export interface ResolvedPolicy {
  /** Modules in force, in the order of their files. */
  readonly modules: readonly ResolvedModule[];
  readonly labels: LabelTree;
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
  const [excess] = headed.slice(limits.modules_max);
  if (excess !== undefined) diagnostics.push(tooManyModules(excess.header.name.span, { modules: headed.length }));
  const modules = headed.slice(0, limits.modules_max).map(({ tree, header }): ResolvedModule => {
    const scope = scopeOf(tree, [...byName.keys()], find, diagnostics);
    checkItems(tree, header, diagnostics);
    return { name: pathText(header.name), tree, header, families: familiesOf(header, diagnostics), scope };
  });
  diagnostics.push(...findImportCycles(modules));
  const policy = { modules, labels: labelTreeOf(modules.map((module) => module.tree)) };
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

/** Every source, and the libraries that modules in force use, in the order of their files. */
function reachable(
  trees: readonly ModuleTree[],
  byName: ReadonlyMap<string, ModuleTree>,
  sources_count: number,
): readonly ModuleTree[] {
  const pending = trees.slice(0, sources_count);
  const reached = new Set(pending);
  for (let tree = pending.pop(); tree !== undefined; tree = pending.pop()) {
    for (const item of tree.items) {
      const used = item.kind === "Use" ? byName.get(pathText(item.module)) : undefined;
      if (used === undefined || reached.has(used)) continue;
      reached.add(used);
      pending.push(used);
    }
  }
  return trees.filter((tree) => reached.has(tree));
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

/** Words that mean the same in every module, and so may not be declared. */
const reservedNames: ReadonlySet<string> = new Set([...factRoots.keys(), "always", "counter"]);

function scopeOf(
  tree: ModuleTree,
  moduleNames: readonly string[],
  find: (name: string) => number | null | undefined,
  diagnostics: Diagnostic[],
): Scope {
  const scope = new Map<string, Declaration>();
  for (const item of tree.items) {
    const declared = declarationOf(item, moduleNames, find, diagnostics);
    if (declared === null) continue;
    const [word, declaration] = declared;
    if (reservedNames.has(word.text)) diagnostics.push(reservedName(word.span, { name: word.text }));
    else if (scope.has(word.text)) diagnostics.push(duplicateName(word.span, { name: word.text }));
    else scope.set(word.text, declaration);
  }
  return scope;
}

function declarationOf(
  item: Item,
  moduleNames: readonly string[],
  find: (name: string) => number | null | undefined,
  diagnostics: Diagnostic[],
): readonly [Word, Declaration] | null {
  switch (item.kind) {
    case "Let":
      return [item.name, { kind: "Let", item }];
    case "Group":
      return [item.name, { kind: "Group", item }];
    case "Fixture":
      return [item.name, { kind: "Fixture", item }];
    case "Use": {
      const word = item.alias ?? item.module.words.at(-1);
      const name = pathText(item.module);
      const module = find(name);
      if (module === undefined)
        diagnostics.push(
          unknownModule(item.module.span, { module: name, nearest: hintFor(name, moduleNames, diagnostics) }),
        );
      if (word === undefined) return null;
      return [word, typeof module === "number" ? { kind: "Module", module, item } : { kind: "Broken" }];
    }
    case "Broken":
      return item.name === null ? null : [item.name, { kind: "Broken" }];
    default:
      return null;
  }
}

/** No hint once there are more mistakes than anybody reads. */
const hintFor = (name: string, known: readonly string[], diagnostics: readonly Diagnostic[]): string | null =>
  diagnostics.length < limits.diagnostics_max ? nearestName(name, known) : null;

/** What a module may hold once, or not at all. */
function checkItems(tree: ModuleTree, header: Header, diagnostics: Diagnostic[]): void {
  const rules = new Set<string>();
  const labels = new Set<string>();
  let hasDefault = false;
  for (const item of tree.items) {
    if (item.kind === "Label") {
      const name = pathText(item.path);
      if (labels.has(name)) diagnostics.push(duplicateName(item.path.span, { name }));
      labels.add(name);
    }
    if (header.declares === "library" && (item.kind === "Rule" || item.kind === "Default"))
      diagnostics.push(ruleInLibrary(item.span, { word: item.kind === "Default" ? "default" : wordOf(item) }));
    else if (item.kind === "Rule") checkRuleId(item, rules, diagnostics);
    else if (item.kind === "Default") {
      if (hasDefault) diagnostics.push(secondDefault(item.span, {}));
      hasDefault = true;
    }
  }
}

function wordOf(item: RuleItem): string {
  return item.rule.kind === "approve" ? "require approval" : item.rule.kind;
}

function checkRuleId(item: RuleItem, rules: Set<string>, diagnostics: Diagnostic[]): void {
  const id = item.id.value;
  if (!/^[a-z0-9-]+$/.test(id) || id === "default") diagnostics.push(badRuleId(item.id.span, { id }));
  else if (rules.has(id)) diagnostics.push(duplicateRule(item.id.span, { id }));
  rules.add(id);
}
