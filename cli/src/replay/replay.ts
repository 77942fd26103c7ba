import {
  type Action,
  actionsOf,
  type Decision,
  type FrontEnds,
  type Policy,
  type Request,
  zoneOffsets,
} from "@hpl/runtime";
import type { Entry, Recorded } from "./entry.js";

/** Everything that was asked in the same words, by the same, under the same circumstances. */
export interface Outcome {
  /** The first of them. */
  readonly entry: Entry;
  /** How often it was asked. */
  readonly count: number;
  readonly actions: readonly Action[];
  readonly request: Request;
  /** What the old policy decides, or the log says; null without either. */
  readonly before: Recorded | null;
  readonly after: Decision;
  /** Null when nothing changed, or there is nothing to compare with. */
  readonly change: "weaker" | "stricter" | "other" | null;
}

/** Decides each distinct entry once by `policy`, and by `against` where there is one. In the order of the file. */
export function replay(
  entries: readonly Entry[],
  policy: Policy,
  against: Policy | null,
  frontEnds: FrontEnds,
  onProgress: (done_count: number, of_count: number) => void,
): readonly Outcome[] {
  const counts = new Map<string, number>();
  const distinct = entries.filter(({ key, count }) => {
    const known = counts.get(key);
    counts.set(key, (known ?? 0) + count);
    return known === undefined;
  });
  return distinct.map((entry, i) => {
    const request = requestOf(entry, [policy, ...(against === null ? [] : [against])], frontEnds);
    const after = policy.decide(request);
    const old = against?.decide(request) ?? null;
    onProgress(i + 1, distinct.length);
    return {
      entry,
      count: counts.get(entry.key) ?? entry.count,
      actions: request.actions,
      request,
      before: old === null ? entry.recorded : recordedOf(old),
      after,
      change: old === null ? changeFromLog(entry.recorded, after) : changeOf(old, after),
    };
  });
}

/** The facts of an entry: read once, asked of both policies, with the time zones that either wants. */
function requestOf({ question }: Entry, policies: readonly Policy[], frontEnds: FrontEnds): Request {
  if (question.kind === "facts") return question.request;
  const { request } = question;
  const { actions, assumed } = actionsOf(request, frontEnds);
  const { now, zones } = request.context;
  const wanted = [...new Set(policies.flatMap(({ meta }) => meta.zones))];
  const offsets = zones === undefined && typeof now === "number" ? { zones: zoneOffsets(wanted, now) } : {};
  return { ...request.context, ...offsets, actions, ...(assumed ? { assumed_catalog: true } : {}) };
}

const masksOf = ({ obligations }: Decision) =>
  obligations.flatMap((each) => (each.type === "mask" ? [{ index: each.index, transform: each.transform }] : []));

const recordedOf = (decision: Decision): Recorded => ({
  verdict: decision.verdict,
  rules: decision.rules.map(({ id }) => id),
  masks: masksOf(decision),
});

const order = { allow: 0, approve: 1, block: 2 } as const;

const changeOfVerdict = (before: Recorded["verdict"], after: Recorded["verdict"]): Outcome["change"] =>
  before === after ? null : order[after] < order[before] ? "weaker" : "stricter";

/** What is asked of whom, and what is hidden: all of it counts but the digest of the policy. */
const demandsOf = ({ obligations }: Decision): string =>
  JSON.stringify(obligations.map((each) => ({ ...each, binding: null, rule: null })));

function changeOf(before: Decision, after: Decision): Outcome["change"] {
  const change = changeOfVerdict(before.verdict, after.verdict);
  return change ?? (demandsOf(before) === demandsOf(after) ? null : "other");
}

/** A log has the verdict and the masks. */
function changeFromLog(before: Recorded | null, after: Decision): Outcome["change"] {
  if (before === null) return null;
  const isMaskedAlike = JSON.stringify(before.masks) === JSON.stringify(masksOf(after));
  return changeOfVerdict(before.verdict, after.verdict) ?? (isMaskedAlike ? null : "other");
}
