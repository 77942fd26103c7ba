/**
 * What numbers with a meaning stand for: whole numbers, durations, sizes, points in time, times of day.
 *
 * In: the word as written. Out: its value, or what is wrong with it in one sentence and how to write it. Local times and
 * fractions of a second are absent: a decision must not depend on where or how finely a clock is read.
 */

export type Amount =
  | { readonly kind: "Value"; readonly value: number }
  | { readonly kind: "Wrong"; readonly problem: string; readonly fix: string };

const wrong = (problem: string, fix: string): Amount => ({ kind: "Wrong", problem, fix });
const right = (value: number): Amount => ({ kind: "Value", value });

/** A whole number of at most 2^53 - 1; null when it is none. */
export function integerOf(image: string): number | null {
  if (!/^(?:0|[1-9]\d*(?:_\d+)*)$/.test(image)) return null;
  const value = Number(image.replaceAll("_", ""));
  return Number.isSafeInteger(value) ? value : null;
}

const millisecondsIn: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const bytesIn: Readonly<Record<string, number>> = {
  ...{ B: 1, KB: 10 ** 3, MB: 10 ** 6, GB: 10 ** 9, TB: 10 ** 12 },
  ...{ KIB: 2 ** 10, MIB: 2 ** 20, GIB: 2 ** 30, TIB: 2 ** 40 },
};

/** Milliseconds of `30m`; null when the number in it is none or too large. */
export const durationOf = (image: string): number | null => measureOf(image, (unit) => millisecondsIn[unit]);

/** Bytes of `10 GB` (decimal) or `10 GiB` (binary); null when the number in it is none or too large. */
export const sizeOf = (image: string): number | null => measureOf(image, (unit) => bytesIn[unit.toUpperCase()]);

function measureOf(image: string, sizeOfUnit: (unit: string) => number | undefined): number | null {
  const digits = image.match(/^[\d_]*/)?.[0] ?? "";
  const [amount, each] = [integerOf(digits), sizeOfUnit(image.slice(digits.length).trim())];
  if (amount === null || each === undefined) return null;
  return Number.isSafeInteger(amount * each) ? amount * each : null;
}

const instantPattern = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d))?(Z|[+-]\d\d:\d\d)$/;

/** Milliseconds since 1970 of `2026-12-01T00:00Z`, or of the same with seconds or an offset (RFC 3339). */
export function instantOf(image: string): Amount {
  const parts = instantPattern.exec(image);
  if (parts === null) return misspelledInstant(image);
  const numbers = parts.slice(1, 7).map((part = "0") => Number(part));
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = numbers;
  if (year < 1970) return wrong(`\`${image}\` is before 1970`, "points in time start at `1970-01-01T00:00Z`");
  if (month < 1 || month > 12) return wrong(`there is no month ${month} in \`${image}\``, "months are 01 to 12");
  const days = new Date(Date.UTC(year, month, 0)).getUTCDate();
  if (day < 1 || day > days)
    return wrong(`there is no day ${day} in \`${image}\``, `that month has the days 01 to ${days}`);
  if (hour > 23 || minute > 59 || second > 59)
    return wrong(`there is no such time of day in \`${image}\``, "times of a date are `00:00` to `23:59:59`");
  const offset_min = offsetOf(parts[7] ?? "Z");
  if (offset_min === null)
    return wrong(`there is no such offset in \`${image}\``, "offsets are `-23:59` to `+23:59`; `Z` is UTC");
  return right(Date.UTC(year, month - 1, day, hour, minute, second) - offset_min * 60_000);
}

function misspelledInstant(image: string): Amount {
  const [date = image, time] = image.split(/[Tt]/);
  if (time === undefined || !/[Zz+-]/.test(time)) {
    const complete = time === undefined || !/^\d\d:\d\d(?::\d\d)?$/.test(time) ? "00:00" : time;
    return wrong(
      `\`${image}\` has no zone`,
      `times need a zone: \`${date}T${complete}Z\` in UTC, or \`${date}T${complete}+01:00\` with an offset`,
    );
  }
  return wrong(`\`${image}\` is not a point in time`, "write it as `2026-12-01T09:30Z` or `2026-12-01T09:30:15Z`");
}

/** Minutes east of UTC; null when there is no such offset. */
function offsetOf(zone: string): number | null {
  if (zone === "Z") return 0;
  const [hours = 0, minutes = 0] = zone.slice(1).split(":").map(Number);
  if (hours > 23 || minutes > 59) return null;
  return (zone.startsWith("-") ? -1 : 1) * (hours * 60 + minutes);
}

/** Minutes since midnight of `09:00`; the end of a day is `24:00`. */
export function timeOfDayOf(image: string): Amount {
  const parts = /^(\d\d):(\d\d)$/.exec(image);
  if (parts === null)
    return wrong(`\`${image}\` is not a time of day`, "write hours and minutes with two digits each: `09:00`");
  const [hour, minute] = [Number(parts[1]), Number(parts[2])];
  if (minute > 59 || hour * 60 + minute > 24 * 60)
    return wrong(`there is no time of day \`${image}\``, "times of day are `00:00` to `24:00`");
  return right(hour * 60 + minute);
}
