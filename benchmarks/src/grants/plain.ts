/** The rule set that every engine can hold, OPA with a policy of others too: a group, a verb, a table. */
import { type Grants, makeUsers, oneTable, picker, type Question, type User, type Verb } from "./grants.js";

const groups = Array.from({ length: 10 }, (_, i) => `g${i}`);
const groupAt = (i: number): string => groups[i % groups.length] ?? "";

/** Ten groups share the rules; each rule has a table of its own. */
export function makePlain(rules_count: number, questions_count: number): Grants {
  const rules = Array.from({ length: rules_count }, (_, i) => ({
    kind: "grant" as const,
    group: groupAt(i),
    verb: i % 3 === 0 ? ("write" as const) : ("read" as const),
    pattern: { kind: "exact" as const, text: `t${i}` },
  }));
  const users = makeUsers(groups);
  const pick = picker(questions_count);
  const ask = (user: User, verb: Verb, table: string): Question => ({ user, verb, ...oneTable(verb, table) });
  const last = rules.at(-1);
  const stranger = users.find((user) => last !== undefined && !user.groups.includes(last.group));
  if (last === undefined || stranger === undefined) throw new Error("too few rules");
  return {
    sort: "plain",
    rules,
    users,
    questions: Array.from({ length: questions_count }, () =>
      ask(pick(users), pick(["read", "write"] as const), pick(rules).pattern.text),
    ),
    denied: ask(stranger, last.verb, last.pattern.text),
  };
}
