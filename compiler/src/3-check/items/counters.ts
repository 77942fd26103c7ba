import type { CounterItem } from "../../1-parse/ast.js";
import { pathText } from "../../2-resolve/label-tree.js";
import type { ResolvedModule } from "../../2-resolve/resolve.js";
import { badAmount } from "../../diagnostics/catalog.js";
import { limits } from "../../source/limits.js";
import type { CheckedCounter } from "../checked.js";
import { choiceOf } from "../choices.js";
import { labelIndices } from "../operands/constants.js";
import { type Place, report } from "../site.js";

/** A `counter` with its labels written out. Reports HPL2010, HPL2031 and HPL3022; what is wrong becomes something stricter. */
export function counterOf(item: CounterItem, module: ResolvedModule, place: Place): CheckedCounter {
  const { over_s } = item;
  if (!Number.isInteger(over_s) || over_s < 1 || over_s > limits.counter_over_s_max)
    report(
      place.site,
      badAmount(item.over, {
        problem: "a counter looks back 1s to 7d, in whole seconds",
        help: "for example `over 1h`",
      }),
    );
  const labels = item.labels.flatMap((path) => labelIndices(pathText(path), path.span, place) ?? []);
  return {
    id: `${module.name}.${item.name.text}`,
    what: choiceOf(item.what, ["rows", "statements", "bytes"], "something counted", place) ?? "rows",
    labels: [...new Set(labels)].sort((a, b) => a - b),
    per:
      choiceOf(item.per, ["principal", "session", "connection"], "something a count is kept for", place) ?? "principal",
    over_s,
    span: item.span,
  };
}
