/**
 * One policy that every engine can hold: grants. "Members of group g may read (or write) table t", any number of times;
 * everything else is denied.
 *
 * In: how many rules. Out: the rules, the users, random questions, and the answer to each by a definition a reader can check
 * at a glance. `hpl.ts`, `cedar.ts` and `opa.ts` put the same rules to the three engines. Deliberately plain: no unknown
 * facts, no masks, no text, because the peers have none of these.
 */

export type Verb = "read" | "write";

export interface Grant {
  readonly group: string;
  readonly verb: Verb;
  readonly table: string;
}

export interface User {
  readonly id: string;
  readonly groups: readonly string[];
}

export interface Question {
  readonly user: User;
  readonly verb: Verb;
  readonly table: string;
}

export interface Grants {
  readonly rules: readonly Grant[];
  readonly users: readonly User[];
}

/** An engine with the rules loaded. What it is handed is made ready beforehand, as far as the engine allows. */
export interface GrantsEngine {
  readonly name: string;
  /** Turns a question into a call that answers it: true is allowed. */
  prepare(question: Question): () => boolean;
}

const groups = Array.from({ length: 10 }, (_, i) => `g${i}`);
const groupAt = (i: number): string => groups[i % groups.length] ?? "g0";

/** Ten groups share the rules; each rule has a table of its own; each of twenty users is in three groups. */
export function makeGrants(rules_count: number): Grants {
  return {
    rules: Array.from({ length: rules_count }, (_, i) => ({
      group: groupAt(i),
      verb: i % 3 === 0 ? "write" : "read",
      table: `t${i}`,
    })),
    users: Array.from({ length: 20 }, (_, i) => ({
      id: `u${i}`,
      groups: [groupAt(i), groupAt(i + 3), groupAt(i + 7)],
    })),
  };
}

/** The definition the engines are held to. */
export const isAllowed = ({ rules }: Grants, { user, verb, table }: Question): boolean =>
  rules.some((rule) => rule.table === table && rule.verb === verb && user.groups.includes(rule.group));

/** Random questions about tables that exist, the same ones in every run. */
export function makeQuestions({ rules, users }: Grants, count: number): readonly Question[] {
  const random = seededRandom(count);
  const pick = <Item>(items: readonly Item[]): Item => {
    const item = items[Math.floor(random() * items.length)];
    if (item === undefined) throw new Error("nothing to pick from");
    return item;
  };
  return Array.from({ length: count }, () => ({
    user: pick(users),
    verb: pick(["read", "write"] as const),
    table: pick(rules).table,
  }));
}

/**
 * A question for which no engine can stop early: the table of the very last rule, asked by somebody who is not in its group.
 */
export function deniedQuestion({ rules, users }: Grants): Question {
  const last = rules.at(-1);
  const user = users.find(({ groups }) => last !== undefined && !groups.includes(last.group));
  if (last === undefined || user === undefined) throw new Error("too few rules");
  return { user, verb: last.verb, table: last.table };
}

/** Mulberry32: small, and good enough to pick questions. */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
