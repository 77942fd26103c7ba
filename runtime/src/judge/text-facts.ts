import { DETECT_SECTION } from "../abi/meta.js";
import { type Detectors, detectorsIn } from "../detect/index.js";
import type { Policy } from "../engine/policy.js";
import type { Action } from "../facts/action.js";
import { unknown } from "../facts/fact.js";

/** Most UTF-8 bytes of a text that is looked through. A longer one is opaque. */
export const textSizeMax = 16 << 20;

const detectorsOf = new WeakMap<Policy, Detectors | null>();

/**
 * A text as an action. What is in it depends on the policy, as labels do: only its own detectors look. Without a policy, or with
 * one whose detectors are damaged, what they would find is unknown. O(text).
 */
export function textFrontEnd(text: string, policy: Policy | null): Action {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length > textSizeMax) return { family: "text", opaque: true, reasons: ["too_large"] };
  const detectors = policy === null ? null : openOnce(policy);
  const lines = bytes.reduce((count, byte) => (byte === 10 ? count + 1 : count), 1);
  const detected = detectors === null ? unknown("no_detectors") : detectors.namesIn(bytes);
  const complete = detectors !== null;
  const reasons = complete ? [] : ["no_detectors"];
  return { family: "text", opaque: false, facts: { size: bytes.length, lines, detected, complete, reasons } };
}

function openOnce(policy: Policy): Detectors | null {
  const known = detectorsOf.get(policy);
  if (known !== undefined) return known;
  const opened = detectorsIn(policy.meta.detectors, policy.section(DETECT_SECTION));
  const detectors = opened.ok ? opened.detectors : null;
  detectorsOf.set(policy, detectors);
  return detectors;
}
