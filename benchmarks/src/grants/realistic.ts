/** A rule set as companies write them: an area of tables a team, some tables hidden, some changes forbidden. */
import { type Grants, makeUsers, oneTable, picker, type Question, type Rule, type User } from "./grants.js";

const areas = ["billing", "claims", "customers", "hr", "inventory", "ledger", "orders", "audit"];
const regions = ["eu", "us", "apac"];
const entities = ["lines", "notes", "history", "contacts"];
const groups = Array.from({ length: 40 }, (_, i) => `${areas[i % areas.length]}_team_${i}`);

const groupAt = (i: number): string => groups[i % groups.length] ?? "";
/** What all tables of area `i` begin with. Hundreds of areas begin alike. */
const prefixOf = (i: number): string => `${areas[i % areas.length]}_${regions[i % regions.length]}_${i}_`;

/** Four rules an area: a team reads it, and writes one table; one table is hidden; none may lose all its rows. */
const makers: readonly ((area: number) => Rule)[] = [
  (area) => ({ kind: "grant", group: groupAt(area), verb: "read", pattern: { kind: "prefix", text: prefixOf(area) } }),
  (area) => ({
    kind: "grant",
    group: groupAt(area + 1),
    verb: "write",
    pattern: { kind: "exact", text: `${prefixOf(area)}lines` },
  }),
  (area) => ({ kind: "hidden", pattern: { kind: "infix", text: `_${area}_ssn` }, except: groupAt(area + 2) }),
  (area) => ({ kind: "unbounded", table: `${prefixOf(area)}lines` }),
];

export function makeRealistic(rules_count: number, questions_count: number): Grants {
  const rules = Array.from({ length: rules_count }, (_, i) => makers[i % makers.length]?.(Math.floor(i / 4))).filter(
    (rule) => rule !== undefined,
  );
  const users = makeUsers(groups);
  const areas_count = Math.max(1, Math.floor(rules_count / 4));
  const pick = picker(questions_count);
  const last = areas_count - 1;
  const stranger = users.find((user) => [0, 1, 2].every((step) => !user.groups.includes(groupAt(last + step))));
  if (stranger === undefined) throw new Error("too many groups a user");
  return {
    sort: "realistic",
    rules,
    users,
    questions: Array.from({ length: questions_count }, () => makeQuestion(users, areas_count, pick)),
    denied: { user: stranger, verb: "read", ...oneTable("read", `${prefixOf(last)}lines`) },
  };
}

/** About one area, half of the time asked by somebody of its teams. */
function makeQuestion(users: readonly User[], areas_count: number, pick: ReturnType<typeof picker>): Question {
  const area = pick(Array.from({ length: areas_count }, (_, i) => i));
  const isWrite = pick([true, false, false]);
  const insiders = users.filter((user) => user.groups.includes(groupAt(isWrite ? area + 1 : area)));
  const user = pick(pick([true, false]) && insiders.length > 0 ? insiders : users);
  const lines = `${prefixOf(area)}lines`;
  if (isWrite) {
    const target = {
      table: lines,
      change: pick(["insert", "update", "delete"] as const),
      restricted: pick([true, true, false]),
    };
    return { user, verb: "write", tables: [lines], targets: [target] };
  }
  const more = entities.slice(0, pick([0, 1, 2, 3])).map((entity) => `${prefixOf(area)}${entity}`);
  const hidden = pick([[], [], [], [`${prefixOf(area)}ssn`]]);
  return { user, verb: "read", tables: [...new Set([lines, ...more, ...hidden])], targets: [] };
}
