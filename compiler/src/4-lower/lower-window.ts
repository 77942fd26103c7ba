import { COMPARE_GE, COMPARE_LT, ROOT_NOW, ROOT_WEEK } from "@hpl/runtime/abi";
import type { Window } from "../3-check/checked.js";
import { unreachable } from "../diagnostics/unreachable.js";
import type { Instruction, LoweredPath, Program } from "./lowered.js";

/** Time zones of the policy besides UTC, in the order of their slots. */
export type Zones = readonly string[];

const MINUTES_PER_DAY = 1_440;
const MINUTES_PER_WEEK = 7 * MINUTES_PER_DAY;

/** Half-open: from `start` until just before `end`. */
interface Interval {
  readonly start: number;
  readonly end: number;
}

/**
 * The program for `now in` any of `windows`: comparisons of `now`, and of the minute of the week that the host lays for each
 * zone. Both are unknown when they cannot be told, and so is then the comparison. O(windows x days).
 */
export function lowerWindows(windows: readonly Window[], zones: Zones): Program {
  return anyOf(windows.flatMap((window) => testsOf(window, zones)));
}

function testsOf(window: Window, zones: Zones): readonly Program[] {
  switch (window.kind) {
    case "range":
      return [within({ root: ROOT_NOW, steps: [] }, { start: window.from_ms, end: window.to_ms })];
    case "weekly": {
      const path: LoweredPath = { root: ROOT_WEEK, steps: [slotOfZone(window.zone, zones)] };
      return intervalsOf(window).map((interval) => within(path, interval));
    }
    default:
      return unreachable(window);
  }
}

function slotOfZone(zone: string, zones: Zones): number {
  const slot = zone === "UTC" ? 0 : zones.indexOf(zone) + 1;
  if (slot === 0 && zone !== "UTC") throw new Error(`HPL9001: the policy does not name the time zone ${zone}`);
  return slot;
}

/** Where the window is open, in minutes of the week, ascending; what touches is one interval. */
function intervalsOf({ days, from_min, to_min }: Window & { kind: "weekly" }): readonly Interval[] {
  const length_min = (to_min - from_min + MINUTES_PER_DAY) % MINUTES_PER_DAY || MINUTES_PER_DAY;
  const inWeek = days.flatMap((day) => wrapped((day * MINUTES_PER_DAY + from_min) % MINUTES_PER_WEEK, length_min));
  const merged: Interval[] = [];
  for (const each of inWeek.toSorted((a, b) => a.start - b.start)) {
    const last = merged.at(-1);
    if (last !== undefined && each.start <= last.end) {
      merged[merged.length - 1] = { start: last.start, end: Math.max(last.end, each.end) };
    } else merged.push(each);
  }
  return merged;
}

/** What reaches over the end of the week goes on at its start. */
function wrapped(start: number, length_min: number): readonly Interval[] {
  const end = start + length_min;
  if (end <= MINUTES_PER_WEEK) return [{ start, end }];
  return [
    { start, end: MINUTES_PER_WEEK },
    { start: 0, end: end - MINUTES_PER_WEEK },
  ];
}

const within = (path: LoweredPath, { start, end }: Interval): Program => [
  { op: "compare", comparison: COMPARE_GE, path, value: start },
  { op: "compare", comparison: COMPARE_LT, path, value: end },
  { op: "and" },
];

const anyOf = (tests: readonly Program[]): Program =>
  tests.length === 0
    ? [{ op: "constant", value: false }]
    : tests.flatMap((test, i): readonly Instruction[] => (i === 0 ? test : [...test, { op: "or" }]));
