import type { AttributeItem, ModuleTree } from "../1-parse/ast.js";
import { duplicateAttribute } from "../diagnostics/catalog.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { pathText } from "./label-tree.js";

/** An attribute of connections or principals, with the module that declares it. */
export interface DeclaredAttribute {
  readonly path: string;
  readonly item: AttributeItem;
  /** Index of the module. */
  readonly module: number;
}

/** The attributes of all modules in force, in the order of their files. Reports each that is declared again (HPL2018). */
export function attributesOf(
  modules: readonly { readonly name: string; readonly tree: ModuleTree }[],
  diagnostics: Diagnostic[],
): readonly DeclaredAttribute[] {
  const attributes = new Map<string, DeclaredAttribute>();
  modules.forEach(({ tree }, module) => {
    for (const item of tree.items) {
      if (item.kind !== "Attribute") continue;
      const path = pathText(item.path);
      const first = attributes.get(path);
      if (first === undefined) attributes.set(path, { path, item, module });
      else diagnostics.push(duplicateAttribute(item.path.span, { path, module: modules[first.module]?.name ?? "" }));
    }
  });
  return [...attributes.values()];
}
