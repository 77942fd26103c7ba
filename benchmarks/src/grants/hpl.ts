/** HPL: facts of a SQL statement, as a front end would give them, to a decision. */
import { loadPolicy, type Request, type Session, type SqlFacts } from "@hpl/runtime";
import type { Engine } from "./engine.js";
import type { Grants, Pattern, Question, Rule, User } from "./grants.js";

/** The compiler is imported here alone: whoever opens a module does without it. */
export async function makeArtefact(grants: Grants): Promise<Uint8Array<ArrayBuffer>> {
  const { mustCompile } = await import("../must-compile.js");
  return mustCompile(...policyTexts(grants));
}

export async function openEngine(artefact: string | Uint8Array<ArrayBuffer>, grants: Grants): Promise<Engine> {
  const loaded = loadPolicy(typeof artefact === "string" ? new TextEncoder().encode(artefact) : artefact);
  if (!loaded.ok) throw new Error(loaded.failure.message);
  const { policy } = loaded;
  const contexts = contextsOf(grants);
  return {
    prepare: (question) => {
      const request = requestOf(question, contexts);
      return () => policy.decide(request).verdict === "allow";
    },
  };
}

/** A file may have a megabyte: so many rules of these surely fit. */
const RULES_PER_FILE = 2_000;

/** A module for each few thousand rules. */
function policyTexts({ rules, users }: Grants): readonly string[] {
  const ofRules = rules.flatMap((rule) => (rule.kind === "grant" ? [rule.group] : []));
  const excepted = rules.flatMap((rule) => (rule.kind === "hidden" ? [rule.except] : []));
  const groups = [...new Set([...ofRules, ...excepted, ...users.flatMap((user) => user.groups)])];
  return Array.from({ length: Math.ceil(rules.length / RULES_PER_FILE) }, (_, i) =>
    [
      `policy bench.grants_${i} governs sql`,
      "default block",
      ...groups.map((group) => `group ${group}`),
      ...rules.slice(i * RULES_PER_FILE, (i + 1) * RULES_PER_FILE).map(ruleText),
    ].join("\n"),
  );
}

function ruleText(rule: Rule, i: number): string {
  switch (rule.kind) {
    case "grant":
      return (
        `allow "r${i}" when principal in ${rule.group} and statement.effects only {${rule.verb}} ` +
        `and all r in statement.relations where (${matchText(rule.pattern)} and r.schema == "public")`
      );
    case "hidden":
      return `block "r${i}" when any r in statement.relations where (${matchText(rule.pattern)}) unless principal in ${rule.except}`;
    case "unbounded":
      return (
        `block "r${i}" when any t in statement.targets ` +
        `where (t.name == "${rule.table}" and t.change in {update, delete} and not t.restricted)`
      );
  }
}

function matchText({ kind, text }: Pattern): string {
  if (kind === "exact") return `r.name == "${text}"`;
  return kind === "prefix" ? `r.name like "${text}*"` : `r.name like "*${text}*"`;
}

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

export const contextsOf = ({ users }: Grants): ReadonlyMap<string, Context> =>
  new Map(users.map((user) => [user.id, contextOf(user)]));

export function requestOf(question: Question, contexts: ReadonlyMap<string, Context>): Request {
  const context = contexts.get(question.user.id);
  if (context === undefined) throw new Error(`no user ${question.user.id}`);
  return { ...context, actions: [{ family: "sql", opaque: false, facts: factsOf(question) }] };
}

/** What a SELECT from a few tables, or a change of one, looks like. */
function factsOf({ verb, tables, targets }: Question): SqlFacts {
  const [target] = targets;
  const ids = tables.map((name) => `public.${name}.id`);
  return {
    dialect: "postgres",
    kind: target?.change ?? "select",
    effects: [verb],
    relations: tables.map((name) => ({
      schema: "public",
      name,
      access: verb,
      via: target === undefined ? "from" : "target",
      resolved: true,
    })),
    targets: targets.map(({ table, change, restricted }) => ({
      relation: `public.${table}`,
      schema: "public",
      name: table,
      change,
      restricted,
      by_key: false,
    })),
    columns: target === undefined ? ids.map((source) => ({ name: "id", sources: [source], exact: true })) : [],
    columns_complete: true,
    predicate_columns: target === undefined ? ids : [],
    functions: [],
    identifiers: tables,
    estimate: { rows: 1, bytes: 1 },
    complete: true,
    reasons: [],
  };
}
