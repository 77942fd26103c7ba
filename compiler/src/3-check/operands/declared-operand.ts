import type { LetItem, Path, WindowItem } from "../../1-parse/ast.js";
import { pathText } from "../../2-resolve/label-tree.js";
import type { Declaration, ResolvedModule } from "../../2-resolve/resolve.js";
import { unknownName, wrongKindOfName } from "../../diagnostics/catalog.js";
import type { Span } from "../../source/source-file.js";
import type { Window } from "../checked.js";
import { windowOf } from "../items/windows.js";
import { deeper, type Place, placeIn, report, suggest } from "../site.js";
import { dataOperand } from "./data-operand.js";
import { meaningOf } from "./lets.js";
import { exportsOf, moduleCalled, type Operand, operandOf, reportUnknown } from "./operand.js";

/** What a declaration is, as a message names it. */
export const kindNames: Readonly<Record<Exclude<Declaration["kind"], "Broken">, string>> = {
  Module: "a module",
  Group: "a group",
  Let: "a `let`",
  Fixture: "a fixture",
  Define: "a `define`",
  Data: "a data file",
  Window: "a window",
  Grant: "a grant",
  Counter: "a counter",
  Detector: "a detector",
};

export interface Found {
  readonly declaration: Declaration;
  readonly module: ResolvedModule;
  /** Words of the path that follow the name. */
  readonly rest: number;
}

/** What `path` names: `declaration`, which its first word stands for, or a name of the module that is. */
export function lookUp(declaration: Declaration, path: Path, place: Place): Found | null {
  const [, second] = path.words;
  if (declaration.kind !== "Module" || second === undefined)
    return { declaration, module: place.module, rest: path.words.length - 1 };
  place.site.checker.usedNames.add(declaration);
  const module = place.site.checker.policy.modules[declaration.module];
  const inner = module?.scope.get(second.text);
  if (module === undefined) return null;
  if (inner !== undefined && inner.kind !== "Module")
    return { declaration: inner, module, rest: path.words.length - 2 };
  const nearest = suggest(place.site, second.text, exportsOf(module));
  const prefix = path.words[0]?.text ?? "";
  const suggestion = nearest === null ? null : `${prefix}.${nearest}`;
  report(place.site, unknownName(path.span, { name: pathText(path), nearest: suggestion }));
  return null;
}

/**
 * The declaration of kind `kind` that `path` names, which from now on counts as used; null, and reported, when there is none.
 * `hint` is said when the path names something else.
 */
export function declarationNamed<K extends Declaration["kind"]>(
  path: Path,
  kind: K,
  place: Place,
  hint: string | null = null,
): (Found & { readonly declaration: Extract<Declaration, { readonly kind: K }> }) | null {
  const [head] = path.words;
  const first = place.module.scope.get(head?.text ?? "");
  if (first === undefined) {
    const nearest = suggest(place.site, head?.text ?? "", place.module.scope.keys());
    report(
      place.site,
      unknownName(path.span, { name: head?.text ?? "", nearest, module: moduleCalled(head?.text ?? "", place) }),
    );
    return null;
  }
  const found = lookUp(first, path, place);
  if (found === null || found.declaration.kind === "Broken") return null;
  const { declaration } = found;
  place.site.checker.usedNames.add(declaration);
  if (isOfKind(declaration, kind) && found.rest === 0) return { ...found, declaration };
  const expected = kindNames[kind as keyof typeof kindNames];
  const name = pathText(path);
  report(place.site, wrongKindOfName(path.span, { name, expected, found: kindNames[found.declaration.kind], hint }));
  return null;
}

const isOfKind = <K extends Declaration["kind"]>(
  declaration: Declaration,
  kind: K,
): declaration is Extract<Declaration, { readonly kind: K }> => declaration.kind === kind;

export function declaredOperand(declaration: Declaration, path: Path, place: Place): Operand {
  const found = lookUp(declaration, path, place);
  const { span } = path;
  if (found === null || found.declaration.kind === "Broken") return { kind: "Broken", span };
  const { declaration: named, module } = found;
  place.site.checker.usedNames.add(named);
  const name = pathText(path);
  if (named.kind === "Data") return dataOperand(named.item, module, path, found.rest, place);
  if (found.rest > 0) return reportUnknown(name, span, place);
  switch (named.kind) {
    case "Group":
      return { kind: "Group", provider: named.item.provider?.value ?? named.item.name.text, span };
    case "Let":
      return letOperand(named.item, module, span, place);
    case "Window": {
      const window = windowAt(named.item, place);
      return window === null ? { kind: "Broken", span } : { kind: "Window", window, span };
    }
    case "Grant":
    case "Detector":
      return { kind: named.kind, id: `${module.name}.${named.item.name.text}`, span };
    default:
      report(
        place.site,
        wrongKindOfName(span, {
          name,
          expected: "a value",
          found: kindNames[named.kind],
          hint: valueHint(named, name),
        }),
      );
      return { kind: "Broken", span };
  }
}

function valueHint({ kind }: Declaration, name: string): string | null {
  if (kind === "Counter") return `write \`counter.${name}\``;
  return kind === "Define" ? `write \`${name}(..)\`, with its arguments` : null;
}

/** A window, checked when it is first met. */
export function windowAt(item: WindowItem, place: Place): Window | null {
  const { windows } = place.site.checker;
  const known = windows.get(item);
  if (known !== undefined) return known;
  const window = windowOf(item, placeIn(place.site));
  windows.set(item, window);
  return window;
}

/** `counter.rows`, `counter.pci.rows`: a number that the gateway keeps in the session. */
export function counterOperand(path: Path, place: Place): Operand {
  const [head, ...words] = path.words;
  const { span } = path;
  if (words.length === 0) return reportUnknown(head?.text ?? "", span, place);
  const found = declarationNamed({ words, span }, "Counter", place);
  if (found === null) return { kind: "Broken", span };
  const { name, what } = found.declaration.item;
  const text = pathText(path);
  const steps = ["counters", `${found.module.name}.${name.text}`];
  const type = what.text === "bytes" ? ({ kind: "Bytes" } as const) : ({ kind: "Number" } as const);
  place.site.reads.push({ root: "session", family: null, text, knowledge: false, span });
  return { kind: "Fact", path: { root: "session", steps }, type, text, mayBeAbsent: null, isSample: false, span };
}

/** A `let` where it is used: its condition, or its value as if it were written here. */
function letOperand(item: LetItem, module: ResolvedModule, span: Span, place: Place): Operand {
  const meaning = meaningOf(item, module, place, span);
  switch (meaning.kind) {
    case "Broken":
      return { kind: "Broken", span };
    case "Condition":
      place.site.reads.push(...meaning.reads.map((read) => ({ ...read, span })));
      place.site.tests += meaning.tests;
      if (deeper(place, span, meaning.height) === null) return { kind: "Broken", span };
      return { kind: "Condition", condition: meaning.condition, span };
    case "Value": {
      const inside = deeper(place, span);
      const own = { module, variables: [], bindings: new Map() };
      const value = inside && operandOf(item.value, { ...inside, ...own });
      return value === null ? { kind: "Broken", span } : { ...value, span };
    }
  }
}
