import type { Window } from "../3-check/checked.js";
import { unreachable } from "../diagnostics/unreachable.js";
import { readFact, type Scope } from "./read-fact.js";
import { type Truth, truthOf } from "./truth.js";

const MS_PER_MIN = 60_000;
const MIN_PER_DAY = 1_440;

/** Whether `now` lies in `window`; unknown when `now` is, or the offset of the window's zone. */
export function inWindow(window: Window, scope: Scope): Truth {
  const now = readFact({ root: "now", steps: [] }, scope);
  if (now.kind !== "scalar" || typeof now.value !== "number") return "unknown";
  switch (window.kind) {
    case "range":
      return truthOf(window.from_ms <= now.value && now.value < window.to_ms);
    case "weekly":
      return inWeekly(window, now.value, scope);
    default:
      return unreachable(window);
  }
}

/** A window that started on an earlier day may still be open. */
function inWeekly(window: Window & { kind: "weekly" }, now: number, scope: Scope): Truth {
  const time = localTime(window.zone, now, scope);
  if (time === null) return "unknown";
  const length_min = (window.to_min - window.from_min + MIN_PER_DAY) % MIN_PER_DAY || MIN_PER_DAY;
  const isOpen = window.days.some((day) => {
    const days_since = (time.day - day + 7) % 7;
    const since_min = days_since * MIN_PER_DAY + time.minute - window.from_min;
    return since_min >= 0 && since_min < length_min;
  });
  return truthOf(isOpen);
}

/** Day of the week, 0 being Monday, and minute of the day in `zone`; null when nobody knows. */
export function localTime(
  zone: string,
  now: number,
  scope: Scope,
): { readonly day: number; readonly minute: number } | null {
  const given_min = Object.hasOwn(scope.zones, zone) ? scope.zones[zone] : undefined;
  const offset_min = zone === "UTC" ? 0 : given_min;
  const isOffset = offset_min !== undefined && Number.isInteger(offset_min) && Math.abs(offset_min) <= 18 * 60;
  if (!isOffset || !Number.isSafeInteger(now)) return null;
  const local = new Date(now + offset_min * MS_PER_MIN);
  if (Number.isNaN(local.getTime())) return null;
  return { day: (local.getUTCDay() + 6) % 7, minute: local.getUTCHours() * 60 + local.getUTCMinutes() };
}
