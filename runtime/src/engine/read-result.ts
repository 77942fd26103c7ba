import { type Verdict, verdicts } from "../abi/decision.js";
import * as abi from "../abi/layout.js";
import type { Refusal } from "../abi/message.js";
import type { LoadedModule } from "./load.js";

/** What the kernel says of one action, by indices. */
export interface KernelResult {
  readonly verdict: Verdict;
  /** Verdict of the defaults that were used; null when a rule allowed, or none applied. */
  readonly defaults: Verdict | null;
  readonly refusals: readonly Refusal[];
  readonly rules: readonly CountedRule[];
  /** Exceptions that keep their rule from firing. */
  readonly exceptions: readonly number[];
  /** Truth of each module's scope. */
  readonly scopes: Uint8Array;
  readonly masks: readonly { readonly column: number; readonly transform: number; readonly rule: number }[];
}

/** A rule that took part. */
export interface CountedRule {
  readonly rule: number;
  /** Whether its condition is definitely true. */
  readonly must: boolean;
  /** Whether it is a block that asks for approval, because it does not know. */
  readonly asks: boolean;
}

const flagRefusals: readonly (readonly [number, Refusal])[] = [
  [abi.FLAG_OPAQUE, "opaque"],
  [abi.FLAG_UNGOVERNED, "ungoverned"],
  [abi.FLAG_MASKED_PREDICATE, "masked_predicate"],
  [abi.FLAG_LINEAGE_LOST, "lineage_lost"],
];

/** Reads the result that the module's last decision left in scratch. O(rules + exceptions + columns). */
export function readResult(module: LoadedModule): KernelResult {
  const { modules, rules, exceptions } = module.meta;
  const view = new DataView(module.memory.buffer);
  const address = view.getInt32(abi.TABLES_ADDRESS + abi.HEADER_SCRATCH * 4, true);
  const truths = address + abi.RESULT_TRUTHS;
  const rulesEnd = modules.length + rules.length;
  const bytes = new Uint8Array(module.memory.buffer, truths, rulesEnd + exceptions.length);
  const columns = (truths + bytes.length + 7) & ~7;
  const flags = view.getInt32(address + abi.RESULT_FLAGS, true);
  const base = view.getInt32(address + abi.RESULT_BASE, true);
  return {
    verdict: verdicts[view.getInt32(address + abi.RESULT_VERDICT, true)] ?? "block",
    defaults: base < 0 || (flags & (abi.FLAG_UNGOVERNED | abi.FLAG_OPAQUE)) !== 0 ? null : (verdicts[base] ?? "block"),
    refusals: flagRefusals.flatMap(([flag, refusal]) => ((flags & flag) === 0 ? [] : [refusal])),
    rules: countedRules(bytes.subarray(modules.length, rulesEnd)),
    exceptions: exceptions.length === 0 ? [] : countedRules(bytes.subarray(rulesEnd)).map(({ rule }) => rule),
    scopes: bytes.slice(0, modules.length),
    masks: readMasks(view, columns, view.getInt32(address + abi.RESULT_COLUMNS_COUNT, true)),
  };
}

function countedRules(truths: Uint8Array): readonly CountedRule[] {
  const rules: CountedRule[] = [];
  for (let rule = 0; rule < truths.length; rule++) {
    const truth = truths[rule] ?? 0;
    if ((truth & abi.RULE_COUNTED) === 0) continue;
    rules.push({ rule, must: (truth & abi.TRUTH_BITS) === abi.TRUE, asks: (truth & abi.RULE_ASKED) !== 0 });
  }
  return rules;
}

function readMasks(view: DataView, columns: number, count: number): KernelResult["masks"] {
  const masks: { column: number; transform: number; rule: number }[] = [];
  for (let column = 0; column < count; column++) {
    const entry = columns + column * abi.COLUMN_WORDS * 4;
    const transform = view.getInt32(entry + abi.COLUMN_TRANSFORM * 4, true);
    if (transform <= abi.TRANSFORM_CLEAR) continue;
    masks.push({ column, transform, rule: view.getInt32(entry + abi.COLUMN_RULE * 4, true) });
  }
  return masks;
}
