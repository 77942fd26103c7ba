/** The command table as data: `commands.json`, made from a server's own by `scripts/generate-redis-commands.mjs`. */
import type { RedisFacts } from "../facts/generated.js";
import table from "./commands.json" with { type: "json" };

type ListItem<T> = T extends readonly (infer I)[] ? I : never;
export type RedisEffect = Extract<ListItem<RedisFacts["effects"]>, string>;
export type RedisCategory = Extract<ListItem<RedisFacts["categories"]>, string>;

/** `read`, `change` (the key or its value), or `remove` (the key, or something in it). */
export type KeyUse = "read" | "change" | "remove";

/** Where keys stand among the arguments, of which the name is number 0. */
export type KeySpec =
  /** Nobody can tell; only where there are more arguments than the command needs. */
  | { readonly kind: "unknown"; readonly use: KeyUse }
  /** Argument `at` says how many follow it. */
  | { readonly kind: "counted"; readonly use: KeyUse; readonly at: number }
  | {
      readonly kind: "range";
      readonly use: KeyUse;
      /** The first one, or a word behind which it stands and where to look for that word from. */
      readonly start: number | { readonly word: string; readonly from: number };
      /** The last one, relative to the first; a negative number counts from the end. */
      readonly last: number;
      readonly step: number;
      /** Only the first of so many equal parts are keys; 1 is all. */
      readonly parts: number;
    };

export interface RedisCommand {
  /** How many arguments, the name included; at least so many when negative. */
  readonly arity: number;
  readonly effects: readonly RedisEffect[];
  readonly categories: readonly RedisCategory[];
  readonly keys: readonly KeySpec[];
  readonly all_keys: boolean;
  /** Its first argument is part of the name. */
  readonly is_group: boolean;
}

interface Source {
  readonly arity: number;
  readonly categories: string;
  readonly effects: string;
  readonly keys?: readonly string[];
  readonly all_keys?: boolean;
  readonly group?: boolean;
}

const sources = new Map<string, Source>(Object.entries(table));
const read = new Map<string, RedisCommand>();

/** The command `name`, in lower case, subcommand behind a blank; null for one that a bare server does not have. */
export function commandOf(name: string): RedisCommand | null {
  const known = read.get(name);
  if (known !== undefined) return known;
  const source = sources.get(name);
  if (source === undefined) return null;
  const command = {
    arity: source.arity,
    effects: wordsOf(source.effects) as RedisEffect[],
    categories: wordsOf(source.categories) as RedisCategory[],
    keys: (source.keys ?? []).map(readKeySpec),
    all_keys: source.all_keys === true,
    is_group: source.group === true,
  };
  read.set(name, command);
  return command;
}

/** Every name of the table. */
export const commandNames = (): readonly string[] => [...sources.keys()];

const wordsOf = (text: string): readonly string[] => text.split(" ").filter((word) => word !== "");

const uses: Readonly<Record<string, KeyUse>> = { R: "read", W: "change", D: "remove" };

function readKeySpec(text: string): KeySpec {
  const found = /^([RWD]) (?:(\?)|(\d+)(#)|(?:(\d+)|([A-Z]+)\+(\d+))(?:\.\.(-?\d+)(?:\/(\d+))?(?:%(\d+))?)?)$/.exec(
    text,
  );
  const use = uses[found?.[1] ?? ""];
  if (found === null || use === undefined) throw new Error(`HPL9001: a key spec ${text}`);
  const [, , open, counted, sign, index, word, from, last, step, parts] = found;
  if (open !== undefined) return { kind: "unknown", use };
  if (sign !== undefined) return { kind: "counted", use, at: Number(counted) };
  return {
    kind: "range",
    use,
    start: word === undefined ? Number(index) : { word, from: Number(from) },
    last: Number(last ?? 0),
    step: Number(step ?? 1),
    parts: Number(parts ?? 1),
  };
}
