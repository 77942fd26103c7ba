import { type Fact, type FactList, isUnknown, unknown } from "../facts/fact.js";
import type { WireAnalysis } from "../facts/front-end.js";
import type { RedisFacts } from "../facts/generated.js";
import { commandOf, type RedisCommand } from "./commands.js";
import { type FoundKeys, keysOf } from "./keys.js";

/** The arguments of a command, its name first. `open`: there may be more of them, anywhere behind the name. */
export interface RedisArguments {
  readonly items: readonly Fact<string>[];
  readonly open: boolean;
}

/** One command of the wire as one action; opaque when the server's table does not have it. Total; O(arguments). */
export function analyseRedis(command: readonly string[]): WireAnalysis {
  const facts = redisFacts({ items: command, open: false });
  if (isUnknown(facts.command)) return { actions: [{ family: "redis", opaque: true, reasons: [facts.command["?"]] }] };
  return { actions: [{ family: "redis", opaque: false, facts }] };
}

/** Facts of a command of which some arguments may not be known; with an unknown `command` nothing of it is. */
export function redisFacts(given: RedisArguments): RedisFacts {
  const named = nameOf(given);
  const command = typeof named === "string" ? commandOf(named) : null;
  if (typeof named !== "string" || command === null)
    return factsOfUnknown(isUnknown(named) ? named["?"] : `unknown_command:${named}`);
  const found = keysOf(command, given);
  const reasons = reasonsOf(command, given, found);
  const runsCode = command.effects.includes("exec");
  return {
    command: named,
    effects: runsCode ? { items: command.effects, open: true } : command.effects,
    keys: listOf(found.keys, found.open || runsCode),
    changed_keys: listOf(found.changed, found.open_changed || runsCode),
    all_keys: command.all_keys || (runsCode ? unknown("script") : false),
    categories: command.categories,
    complete: reasons.length === 0,
    reasons,
  };
}

/** In lower case, with the subcommand of a command that has some. */
function nameOf({ items, open }: RedisArguments): Fact<string> {
  const [first, second] = items;
  if (first === undefined) return unknown("command");
  if (isUnknown(first)) return first;
  const name = first.toLowerCase();
  if (commandOf(name)?.is_group !== true) return name;
  if (second === undefined) return unknown(open ? "command" : `unknown_command:${name}`);
  return isUnknown(second) ? second : `${name} ${second.toLowerCase()}`;
}

function reasonsOf(command: RedisCommand, { items, open }: RedisArguments, found: FoundKeys): readonly string[] {
  const isShort = items.length < Math.abs(command.arity) && !open;
  const isLong = command.arity > 0 && items.length > command.arity;
  const reasons = [
    ...(command.effects.includes("exec") ? ["script"] : []),
    ...(found.open || found.open_changed ? ["keys"] : []),
    ...(isShort || isLong ? ["arity"] : []),
    ...found.keys.flatMap((key) => (isUnknown(key) ? [key["?"]] : [])),
  ];
  return [...new Set(reasons)].toSorted();
}

const listOf = (items: readonly Fact<string>[], open: boolean): FactList<string> =>
  open ? { items, open: true } : items;

function factsOfUnknown(why: string): RedisFacts {
  const nothing = unknown(why);
  return {
    command: nothing,
    effects: nothing,
    keys: nothing,
    changed_keys: nothing,
    all_keys: nothing,
    categories: nothing,
    complete: false,
    reasons: [why],
  };
}
