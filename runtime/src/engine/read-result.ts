import { type Verdict, verdicts } from "../abi/decision.js";
import * as abi from "../abi/layout.js";
import type { Refusal } from "../abi/message.js";
import type { LoadedModule } from "./load.js";

/** What the kernel says of one action, by indices. */
export interface KernelResult {
  readonly verdict: Verdict;
  /** The verdict without restrictions. */
  readonly base: Verdict;
  /** Verdict of the defaults that were used; null when a rule allowed, or none applied. */
  readonly defaults: Verdict | null;
  readonly refusals: readonly Refusal[];
  readonly rules: readonly CountedRule[];
  /** Exceptions that keep their rule from firing. */
  readonly exceptions: readonly number[];
  /** Truth of each module's scope. Good until the next decision. */
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

/** Where a module leaves its results. Its memory never grows, so the views stay good. */
export interface ResultArea {
  readonly view: DataView;
  readonly address: number;
  readonly scopes: Uint8Array;
  readonly rules: Uint8Array;
  readonly exceptions: Uint8Array;
}

export function openResultArea({ meta, memory }: LoadedModule): ResultArea {
  const { modules, rules, exceptions } = meta;
  const view = new DataView(memory.buffer);
  const address = view.getInt32(abi.TABLES_ADDRESS + abi.HEADER_SCRATCH * 4, true);
  const truths = new Uint8Array(memory.buffer, address + abi.RESULT_TRUTHS);
  const rulesEnd = modules.length + rules.length;
  return {
    view,
    address,
    scopes: truths.subarray(0, modules.length),
    rules: truths.subarray(modules.length, rulesEnd),
    exceptions: truths.subarray(rulesEnd, rulesEnd + exceptions.length),
  };
}

/** Reads the result that the module's last decision left in scratch. O(rules that are not definitely false + columns). */
export function readResult(area: ResultArea): KernelResult {
  const { view, address } = area;
  const flags = view.getInt32(address + abi.RESULT_FLAGS, true);
  const base = view.getInt32(address + abi.RESULT_BASE, true);
  const isDefaulted = base >= 0 && (flags & (abi.FLAG_UNGOVERNED | abi.FLAG_OPAQUE)) === 0;
  return {
    verdict: verdicts[view.getInt32(address + abi.RESULT_VERDICT, true)] ?? "block",
    base: base < 0 ? "allow" : (verdicts[base] ?? "block"),
    defaults: isDefaulted ? (verdicts[base] ?? "block") : null,
    refusals: flags === 0 ? none : flagRefusals.flatMap(([flag, refusal]) => ((flags & flag) === 0 ? [] : [refusal])),
    rules: countedRules(view, address, area.rules),
    exceptions: countedExceptions(area.exceptions),
    scopes: area.scopes,
    masks: readMasks(view, address),
  };
}

const none: readonly never[] = [];

function countedRules(view: DataView, address: number, truths: Uint8Array): readonly CountedRule[] {
  const rules: CountedRule[] = [];
  const touched = view.getInt32(address + abi.RESULT_TOUCHED, true);
  const count = view.getInt32(address + abi.RESULT_TOUCHED_COUNT, true);
  for (let i = 0; i < count; i++) {
    const rule = view.getInt32(touched + i * 4, true);
    const truth = truths[rule] ?? 0;
    if ((truth & abi.RULE_COUNTED) === 0) continue;
    rules.push({ rule, must: (truth & abi.TRUTH_BITS) === abi.TRUE, asks: (truth & abi.RULE_ASKED) !== 0 });
  }
  return rules.length < 2 ? rules : rules.sort((a, b) => a.rule - b.rule);
}

function countedExceptions(truths: Uint8Array): readonly number[] {
  if (truths.length === 0) return none;
  return [...truths.keys()].filter((i) => ((truths[i] ?? 0) & abi.RULE_COUNTED) !== 0);
}

function readMasks(view: DataView, address: number): KernelResult["masks"] {
  const count = view.getInt32(address + abi.RESULT_COLUMNS_COUNT, true);
  const columns = view.getInt32(address + abi.RESULT_COLUMNS, true);
  const masks: { column: number; transform: number; rule: number }[] = [];
  for (let column = 0; column < count; column++) {
    const entry = columns + column * abi.COLUMN_WORDS * 4;
    const transform = view.getInt32(entry + abi.COLUMN_TRANSFORM * 4, true);
    if (transform <= abi.TRANSFORM_CLEAR) continue;
    masks.push({ column, transform, rule: view.getInt32(entry + abi.COLUMN_RULE * 4, true) });
  }
  return masks;
}
