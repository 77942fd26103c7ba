/** Which arguments of a command are keys, by its key specs. */
import { type Fact, isUnknown } from "../facts/fact.js";
import type { RedisArguments } from "./command.js";
import type { KeySpec, RedisCommand } from "./commands.js";

export interface FoundKeys {
  readonly keys: readonly Fact<string>[];
  /** Those that are changed or removed. */
  readonly changed: readonly Fact<string>[];
  /** There may be others. */
  readonly open: boolean;
  readonly open_changed: boolean;
}

/** Positions of keys; null when they cannot be told. */
type Positions = readonly number[] | null;

export function keysOf(command: RedisCommand, given: RedisArguments): FoundKeys {
  const keys: Fact<string>[] = [];
  const changed: Fact<string>[] = [];
  let [open, open_changed] = [false, false];
  for (const spec of command.keys) {
    const positions = given.open ? null : positionsOf(spec, command, given.items);
    if (positions === null) {
      open = true;
      open_changed ||= spec.use !== "read";
      continue;
    }
    for (const each of positions.flatMap((at) => given.items[at] ?? [])) {
      keys.push(each);
      if (spec.use !== "read") changed.push(each);
    }
  }
  return { keys, changed, open, open_changed };
}

function positionsOf(spec: KeySpec, { arity }: RedisCommand, items: readonly Fact<string>[]): Positions {
  if (spec.kind === "unknown") return items.length > Math.abs(arity) ? null : [];
  if (spec.kind === "counted") return countedPositions(spec.at, items);
  const starts = typeof spec.start === "number" ? [spec.start] : behindWords(spec.start.word, spec.start.from, items);
  return starts === null ? null : starts.flatMap((first) => rangeFrom(first, spec, items.length));
}

function rangeFrom(first: number, { last, step, parts }: Extract<KeySpec, { kind: "range" }>, count: number) {
  const end = last >= 0 ? first + last : count + last;
  return range(first, parts > 1 ? first + Math.floor((count - first) / parts) - 1 : Math.min(end, count - 1), step);
}

/** An argument that says how many follow; a number the server would refuse names none. */
function countedPositions(at: number, items: readonly Fact<string>[]): Positions {
  const count = items[at];
  if (count === undefined) return [];
  if (isUnknown(count)) return null;
  if (!/^\d{1,9}$/.test(count)) return [];
  return range(at + 1, Math.min(at + Number(count), items.length - 1), 1);
}

/** Positions behind every such word: where it stands twice, some commands take the first and some the last. */
function behindWords(word: string, from: number, items: readonly Fact<string>[]): Positions {
  const positions: number[] = [];
  for (const [i, item] of items.entries()) {
    if (i < from) continue;
    if (isUnknown(item)) return null;
    if (item.toUpperCase() === word) positions.push(i + 1);
  }
  return positions;
}

const range = (first: number, last: number, step: number): readonly number[] =>
  Array.from({ length: Math.max(0, Math.floor((last - first) / step) + 1) }, (_, i) => first + i * step);
