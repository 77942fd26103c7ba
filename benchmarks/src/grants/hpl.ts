import { loadPolicy, type Policy, type Request, type Session, type SqlFacts } from "@hpl/runtime";
import { mustCompile } from "../must-compile.js";
import type { Grant, Grants, GrantsEngine, Question, User } from "./grants.js";

export function hplEngine(grants: Grants): GrantsEngine {
  const loaded = loadPolicy(mustCompile(policyText(grants)));
  if (!loaded.ok) throw new Error(loaded.failure.message);
  const { policy } = loaded;
  const contexts = new Map(grants.users.map((user) => [user.id, contextOf(user)]));
  return { name: "hpl", prepare: (question) => prepare(policy, requestOf(question, contexts)) };
}

function prepare(policy: Policy, request: Request): () => boolean {
  return () => policy.decide(request).verdict === "allow";
}

/** One module, one `allow` a grant. */
export function policyText({ rules }: Grants): string {
  const groups = [...new Set(rules.map(({ group }) => group))];
  return [
    "policy bench.grants governs sql",
    "default block",
    ...groups.map((group) => `group ${group}`),
    ...rules.map(ruleText),
  ].join("\n");
}

const ruleText = ({ group, verb, table }: Grant, i: number): string =>
  `allow "r${i}" when principal in ${group} and statement.effects only {${verb}} ` +
  `and all r in statement.relations where (r.name == "${table}" and r.schema == "public")`;

type Context = Pick<Request, "principal" | "session" | "connection">;

const session: Session = {
  id: "s1",
  ip: "127.0.0.1",
  client: "bench",
  origin: "native",
  in_transaction: false,
  sandboxed: false,
  grants: [],
  counters: {},
};

/** Made once a user, as a gateway makes it once a session. */
const contextOf = ({ id, groups }: User): Context => ({
  principal: { id, issuer: "static", kind: "human", groups, mfa: true },
  session: { ...session },
  connection: { name: "orders", kind: "postgres", database: "orders", env: "prod" },
});

function requestOf({ user, verb, table }: Question, contexts: ReadonlyMap<string, Context>): Request {
  const context = contexts.get(user.id);
  if (context === undefined) throw new Error(`no user ${user.id}`);
  return { ...context, actions: [{ family: "sql", opaque: false, facts: factsOf(verb, table) }] };
}

/** What a point SELECT or an INSERT of one row looks like. */
function factsOf(verb: Question["verb"], name: string): SqlFacts {
  const isWrite = verb === "write";
  const column = { name: "id", sources: [`public.${name}.id`], exact: true };
  const target = {
    relation: `public.${name}`,
    schema: "public",
    name,
    change: "insert",
    restricted: true,
    by_key: false,
  } as const;
  return {
    dialect: "postgres",
    kind: isWrite ? "insert" : "select",
    effects: [verb],
    relations: [{ schema: "public", name, access: verb, via: isWrite ? "target" : "from", resolved: true }],
    targets: isWrite ? [target] : [],
    columns: isWrite ? [] : [column],
    columns_complete: true,
    predicate_columns: isWrite ? [] : [`public.${name}.id`],
    functions: [],
    complete: true,
    reasons: [],
  };
}
