import { importCycle } from "../diagnostics/catalog.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import type { Declaration, ResolvedModule } from "./resolve.js";

type Use = Extract<Declaration, { kind: "Module" }>;

/** Reports each `use` that closes a circle (HPL2002), once a circle. Depth first with our own stack. O(modules + uses). */
export function findImportCycles(modules: readonly ResolvedModule[]): readonly Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  const uses = modules.map((module) =>
    [...module.scope.values()].filter((found): found is Use => found.kind === "Module"),
  );
  const done = new Set<number>();
  for (const start of modules.keys()) {
    const path = [{ module: start, next: 0 }];
    const onPath = new Set([start]);
    for (let top = path.at(-1); top !== undefined && !done.has(start); top = path.at(-1)) {
      const use = uses[top.module]?.[top.next++];
      if (use === undefined) {
        done.add(top.module);
        onPath.delete(top.module);
        path.pop();
      } else if (onPath.has(use.module)) {
        const circle = path.slice(path.findIndex((step) => step.module === use.module)).map((step) => step.module);
        const names = [...circle, use.module].map((module) => modules[module]?.name ?? "");
        diagnostics.push(importCycle(use.item.span, { modules: names }));
      } else if (!done.has(use.module)) {
        onPath.add(use.module);
        path.push({ module: use.module, next: 0 });
      }
    }
  }
  return diagnostics;
}
