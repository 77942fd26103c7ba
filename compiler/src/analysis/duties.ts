import type { ApprovalObligation, Decision, LimitObligation, MaskObligation } from "@hpl/runtime/abi";

/** What a decision asks for, without the names of rules and policies. */
export const dutiesOf = ({ obligations }: Pick<Decision, "obligations">): readonly string[] =>
  obligations
    .map((each) => JSON.stringify(each, (key, value) => (key === "rule" || key === "binding" ? undefined : value)))
    .toSorted();

type Duties = Pick<Decision, "obligations">;

/** Whether `now` asks for all that `old` asks for, or for more of it. Of transforms that keep different parts neither is more. */
export function asksAsMuch(now: Duties, old: Duties): boolean {
  const same = new Set(dutiesOf(now));
  return old.obligations.every((duty) => {
    const [text = ""] = dutiesOf({ obligations: [duty] });
    if (same.has(text)) return true;
    if (duty.type === "mask") return now.obligations.some((each) => each.type === "mask" && hidesAsMuch(each, duty));
    if (duty.type === "approval")
      return now.obligations.some((each) => each.type === "approval" && asksAll(each, duty));
    if (duty.type === "limit") return now.obligations.some((each) => each.type === "limit" && limitsAsMuch(each, duty));
    return false;
  });
}

const whole = ["redact", "null"];

const hidesAsMuch = (now: MaskObligation, old: MaskObligation): boolean =>
  now.action === old.action && now.index === old.index && whole.indexOf(now.transform) > whole.indexOf(old.transform);

const asksAll = (now: ApprovalObligation, old: ApprovalObligation): boolean =>
  now.action === old.action &&
  now.within_s <= old.within_s &&
  old.all.every(({ group, count }) => now.all.some((each) => each.group === group && each.count >= count));

const limitsAsMuch = (now: LimitObligation, old: LimitObligation): boolean =>
  now.action === old.action &&
  (["rows", "time_ms", "bytes"] as const).every((of) => {
    const [after, before] = [now[of], old[of]];
    return before === undefined || (after !== undefined && after <= before);
  });
