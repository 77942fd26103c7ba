/**
 * Rules that every engine can hold: who may read or write which tables, which tables are hidden, which changes are too wide.
 *
 * In: how many rules. Out: the rules, the users, questions, and the answer to each by a definition a reader can check at a
 * glance. One file an engine puts the same rules to it. Two sorts of rule sets: *plain* ones are "members of group g may
 * read table t" and nothing else; *realistic* ones have names that begin alike, patterns inside names, groups that are
 * excepted, and conditions on every or any item of a list. Deliberately left out: unknown facts, masks and text, because the
 * peers have none of these.
 */
export type Verb = "read" | "write";

/** What a table's name must be: this text, one that begins so, or one that holds it. */
export interface Pattern {
  readonly kind: "exact" | "prefix" | "infix";
  readonly text: string;
}

export type Rule =
  /** Members of the group may do this, where the names of all tables match. */
  | { readonly kind: "grant"; readonly group: string; readonly verb: Verb; readonly pattern: Pattern }
  /** Nobody but members of the group may do anything, where the name of any table matches. */
  | { readonly kind: "hidden"; readonly pattern: Pattern; readonly except: string }
  /** Nobody may update or delete all rows of the table. */
  | { readonly kind: "unbounded"; readonly table: string };

export interface User {
  readonly id: string;
  readonly groups: readonly string[];
}

/** A table whose rows a statement changes, and whether a condition says which rows. */
export interface Target {
  readonly table: string;
  readonly change: "insert" | "update" | "delete";
  readonly restricted: boolean;
}

export interface Question {
  readonly user: User;
  readonly verb: Verb;
  readonly tables: readonly string[];
  /** Empty for a read. */
  readonly targets: readonly Target[];
}

export interface Grants {
  readonly sort: "plain" | "realistic";
  readonly rules: readonly Rule[];
  readonly users: readonly User[];
  readonly questions: readonly Question[];
  /** A question for which no engine can stop early: nothing forbids it, and no rule allows it. */
  readonly denied: Question;
}

const USERS_COUNT = 20;

/** Twenty users, each in three of `groups`; no group is empty. */
export function makeUsers(groups: readonly string[]): readonly User[] {
  const stride = Math.ceil(groups.length / USERS_COUNT);
  return Array.from({ length: USERS_COUNT }, (_, i) => ({
    id: `u${i}`,
    groups: [0, 3, 7].map((step) => groups[(i * stride + step) % groups.length] ?? ""),
  }));
}

/** One table; a write inserts a row. */
export const oneTable = (verb: Verb, table: string): Pick<Question, "tables" | "targets"> => ({
  tables: [table],
  targets: verb === "write" ? [{ table, change: "insert", restricted: true }] : [],
});

/** The definition the engines are held to. */
export function isAllowed({ rules }: Grants, question: Question): boolean {
  return !rules.some((rule) => forbids(rule, question)) && rules.some((rule) => grants(rule, question));
}

function grants(rule: Rule, { user, verb, tables }: Question): boolean {
  if (rule.kind !== "grant" || rule.verb !== verb || !user.groups.includes(rule.group)) return false;
  return tables.length > 0 && tables.every((table) => matches(rule.pattern, table));
}

function forbids(rule: Rule, { user, tables, targets }: Question): boolean {
  if (rule.kind === "hidden")
    return tables.some((table) => matches(rule.pattern, table)) && !user.groups.includes(rule.except);
  if (rule.kind === "grant") return false;
  return targets.some(({ table, change, restricted }) => table === rule.table && change !== "insert" && !restricted);
}

export function matches({ kind, text }: Pattern, name: string): boolean {
  if (kind === "exact") return name === text;
  return kind === "prefix" ? name.startsWith(text) : name.includes(text);
}

/** Picks at random, the same in every run: Mulberry32, small, and good enough for this. */
export function picker(seed: number): <Item>(items: readonly Item[]) => Item {
  let state = seed;
  return (items) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    const item = items[((mixed ^ (mixed >>> 14)) >>> 0) % items.length];
    if (item === undefined) throw new Error("nothing to pick from");
    return item;
  };
}
