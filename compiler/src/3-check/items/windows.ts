import type { ExprOf, WindowClause, WindowItem } from "../../1-parse/ast.js";
import { badWindow, unknownChoice, unknownZone } from "../../diagnostics/catalog.js";
import type { Span } from "../../source/source-file.js";
import type { Window } from "../checked.js";
import { type Place, report, suggest, textOf } from "../site.js";

/** Days of the week; their indices are those of `Window.days`. */
const dayNames: readonly string[] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const dayMinutes = 24 * 60;

/** The window `item` declares; null, and reported, when it is none. Reports HPL2031, HPL3016 and HPL3017. */
export function windowOf({ window }: WindowItem, place: Place): Window | null {
  if (window.kind === "weekly") return weeklyWindow(window, place);
  const [from_ms, to_ms] = [window.from.value, window.to.value];
  if (from_ms < to_ms || isMisspelled(window.from, place) || isMisspelled(window.to, place))
    return { kind: "range", from_ms, to_ms };
  return problem("ends before it starts", "write the earlier time first", window.span, place);
}

/** Whether `instant` has its error already: it is then 0, without saying so. */
const isMisspelled = ({ value, span }: ExprOf<"Instant">, { site }: Place): boolean =>
  value === 0 && Date.parse(textOf(site, span)) !== 0;

function weeklyWindow(window: Extract<WindowClause, { kind: "weekly" }>, place: Place): Window | null {
  const days = window.days.length === 0 ? [...dayNames.keys()] : daysOf(window.days, place);
  const zone = zoneNamed(window.zone.value, window.zone.span, place);
  const { from_min, to_min } = window.hours ?? { from_min: 0, to_min: dayMinutes };
  if (from_min === dayMinutes && window.hours !== null)
    return problem("starts at 24:00", "write `00:00`, on the next day", window.hours.span, place);
  return days === null || zone === null ? null : { kind: "weekly", days, from_min, to_min, zone };
}

/** The days of all runs, ascending. A run may go round the end of the week: `fri to mon`. */
function daysOf(runs: Extract<WindowClause, { kind: "weekly" }>["days"], place: Place): readonly number[] | null {
  const found = runs.map(({ from, to }) => {
    const [first, last] = [from, to].map(({ text, span }) => dayNamed(text, span, place));
    if (first === undefined || first === null || last === undefined || last === null) return null;
    const count = ((last - first + 7) % 7) + 1;
    return Array.from({ length: count }, (_, i) => (first + i) % 7);
  });
  if (found.includes(null)) return null;
  return [...new Set(found.flatMap((days) => days ?? []))].sort((a, b) => a - b);
}

function dayNamed(text: string, span: Span, place: Place): number | null {
  const day = dayNames.indexOf(text);
  if (day >= 0) return day;
  const nearest = suggest(place.site, text, dayNames);
  report(place.site, unknownChoice(span, { what: "a day", found: text, choices: dayNames, nearest }));
  return null;
}

/** Zones by their present names; those of old, such as `US/Pacific`, the platform knows too. */
const knownZones: ReadonlySet<string> = new Set(["UTC", ...Intl.supportedValuesOf("timeZone")]);

/**
 * `name` as a request's `zones` has it; null, and reported, when there is no such zone. Zones that never differ from UTC are
 * `UTC`. Names are compared letter by letter, because the gateway looks them up that way, though the platform is less strict.
 */
function zoneNamed(name: string, span: Span, place: Place): string | null {
  if (knownZones.has(name)) return name;
  const same = [...knownZones].find((zone) => zone.toLowerCase() === name.toLowerCase());
  const resolved = same === undefined && /^[A-Z][A-Za-z]/.test(name) ? resolvedZone(name) : null;
  if (resolved !== null) return resolved === "UTC" ? "UTC" : name;
  const city = name.toLowerCase().replaceAll(" ", "_");
  const inCity = [...knownZones].find((zone) => zone.split("/").at(-1)?.toLowerCase() === city);
  const nearest = same ?? inCity ?? suggest(place.site, name, knownZones);
  report(place.site, unknownZone(span, { zone: name, nearest }));
  return null;
}

function resolvedZone(name: string): string | null {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    return null;
  }
}

function problem(text: string, help: string, span: Span, place: Place): null {
  report(place.site, badWindow(span, { problem: text, help }));
  return null;
}
