import type { Item } from "../../1-parse/ast.js";
import type { ResolvedModule, ResolvedPolicy } from "../../2-resolve/resolve.js";
import { expiredException, onUnknownIgnore } from "../../diagnostics/catalog.js";
import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import { wideDetectors } from "../items/detectors.js";

/**
 * Warnings that one item gives by itself: what it says is meant, and may still not be what its author wants. Of libraries
 * nothing is said: their authors have been told. `now_ms` is null where nobody says what time it is.
 */
export function findItemWarnings({ modules }: ResolvedPolicy, now_ms: number | null): readonly Diagnostic[] {
  return modules.flatMap((module) =>
    module.isSource ? module.tree.items.flatMap((item) => warningsOf(item, module, now_ms)) : [],
  );
}

function warningsOf(item: Item, { name }: ResolvedModule, now_ms: number | null): readonly Diagnostic[] {
  switch (item.kind) {
    case "Rule":
      return item.body.flatMap((line) => {
        if (line.kind !== "on unknown" || line.approvers !== null) return [];
        return [{ ...onUnknownIgnore(line.span, { rule: item.id.value }), rule: `${name}/${item.id.value}` }];
      });
    case "Detector":
      return wideDetectors(item);
    case "Exception": {
      if (now_ms === null || item.until.value > now_ms) return [];
      const until = new Date(item.until.value).toISOString().replace(/:00\.000Z$/, "Z");
      return [expiredException(item.until.span, { exception: item.id.value, until })];
    }
    default:
      return [];
  }
}
