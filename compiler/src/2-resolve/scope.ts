import type {
  CounterItem,
  DataItem,
  DefineItem,
  DetectorItem,
  FixtureItem,
  GrantItem,
  GroupItem,
  Item,
  LetItem,
  ModuleTree,
  UseItem,
  WindowItem,
  Word,
} from "../1-parse/ast.js";
import { duplicateName, reservedName, unknownModule } from "../diagnostics/catalog.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { nearestName } from "../diagnostics/nearest-name.js";
import { unreachable } from "../diagnostics/unreachable.js";
import { limits } from "../source/limits.js";
import { factRoots } from "./fact-types.js";
import { pathText } from "./label-tree.js";

/** What a word stands for in a module. */
export type Declaration =
  | { readonly kind: "Module"; readonly module: number; readonly item: UseItem }
  | { readonly kind: "Group"; readonly item: GroupItem }
  | { readonly kind: "Let"; readonly item: LetItem }
  | { readonly kind: "Define"; readonly item: DefineItem }
  | { readonly kind: "Data"; readonly item: DataItem }
  | { readonly kind: "Window"; readonly item: WindowItem }
  | { readonly kind: "Grant"; readonly item: GrantItem }
  | { readonly kind: "Counter"; readonly item: CounterItem }
  | { readonly kind: "Detector"; readonly item: DetectorItem }
  | { readonly kind: "Fixture"; readonly item: FixtureItem }
  /** Its error is reported already: stay silent about its users. */
  | { readonly kind: "Broken" };

export type Scope = ReadonlyMap<string, Declaration>;

/** Words that mean the same in every module, and so may not be declared. */
const reservedNames: ReadonlySet<string> = new Set([
  ...factRoots.keys(),
  ...["always", "counter"],
  ...["claim", "decision", "approvals", "masks"],
]);

/** The names `tree` declares. Reports those that are taken; `find` gives the index of a module in force. */
export function scopeOf(
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
    case "Define":
      return [item.name, { kind: "Define", item }];
    case "Group":
      return [item.name, { kind: "Group", item }];
    case "Data":
      return [item.name, { kind: "Data", item }];
    case "Window":
      return [item.name, { kind: "Window", item }];
    case "Grant":
      return [item.name, { kind: "Grant", item }];
    case "Counter":
      return [item.name, { kind: "Counter", item }];
    case "Detector":
      return [item.name, { kind: "Detector", item }];
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
    case "Rule":
    case "Label":
    case "Attribute":
    case "Default":
    case "Exception":
    case "Test":
    case "Proof":
    case "Comparison":
    case "Assumption":
      return null;
    default:
      return unreachable(item);
  }
}

/** No hint once there are more mistakes than anybody reads. */
const hintFor = (name: string, known: readonly string[], diagnostics: readonly Diagnostic[]): string | null =>
  diagnostics.length < limits.diagnostics_max ? nearestName(name, known) : null;
