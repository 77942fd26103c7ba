import { isAuthorized } from "@cedar-policy/cedar-wasm/nodejs";
import { compile } from "@hpl/compiler";
import { loadPolicy, type Policy, type Request, type SqlFacts } from "@hpl/runtime";
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { loadFrontEnds } from "../src/front-ends.js";
import { importCedar } from "../src/import/cedar.js";
import { LIKE_LETTERS_MAX, PARTS_MAX } from "../src/import/cedar-conditions.js";
import { keepExamples } from "../src/import/keep-examples.js";
import { writePolicy } from "../src/import/write-policy.js";
import { readLibraries } from "../src/policy-files.js";

/** Cedar decides beside what was imported: one table gets one answer, several never a weaker one. */
const libraries = readLibraries();

const groups = ["engineers", "dba", "hr"] as const;
const changes = ["insert", "update", "delete", "merge"] as const;
const objects = ["create", "drop", "alter", "truncate"] as const;
const verbs = ["select", ...changes, ...objects] as const;

interface Question {
  readonly kind: "human" | "agent" | "service";
  readonly id: string;
  readonly groups: readonly string[];
  readonly mfa: boolean;
  readonly env: "prod" | "dev";
  readonly in_transaction: boolean;
  readonly verb: (typeof verbs)[number];
  readonly tables: readonly (readonly [string, string])[];
}

const typeOf = { human: "User", agent: "Agent", service: "Service" } as const;

function askCedar(policies: string, question: Question): boolean {
  const { kind, id, mfa, env, in_transaction, verb, tables } = question;
  const parents = question.groups.map((group) => ({ type: "Group", id: group }));
  const principal = { type: typeOf[kind], id };
  return tables.every(([schema, name]) => {
    const resource = { type: "Table", id: schema === "public" ? name : `${schema}.${name}` };
    const answer = isAuthorized({
      principal,
      action: { type: "Action", id: verb },
      resource,
      context: { connection: "orders", env, mfa, client: "psql", in_transaction, sandboxed: false },
      entities: [
        { uid: principal, attrs: { id, issuer: "static", kind, mfa }, parents },
        {
          uid: resource,
          attrs: { schema, name },
          parents: [
            { type: "Schema", id: schema },
            { type: "Connection", id: "orders" },
          ],
        },
      ],
      policies: { staticPolicies: policies },
    });
    if (answer.type !== "success") throw new Error(JSON.stringify(answer.errors));
    return answer.response.decision === "allow";
  });
}

function askPolicy(policy: Policy, question: Question): boolean {
  const { kind, id, mfa, env, in_transaction } = question;
  const request: Request = {
    principal: { id, issuer: "static", kind, groups: [...question.groups], mfa },
    session: {
      id: "s",
      ip: "127.0.0.1",
      client: "psql",
      origin: "native",
      in_transaction,
      sandboxed: false,
      grants: [],
      counters: {},
    },
    connection: { name: "orders", kind: "postgres", env },
    actions: [{ family: "sql", opaque: false, facts: factsOf(question) }],
  };
  return policy.decide(request).verdict === "allow";
}

const isChange = (verb: Question["verb"]): verb is (typeof changes)[number] =>
  (changes as readonly string[]).includes(verb);

/** What a statement that does one thing to some tables looks like. */
function factsOf({ verb, tables }: Question): SqlFacts {
  const access = verb === "select" ? "read" : isChange(verb) ? "write" : verb;
  return {
    dialect: "postgres",
    kind: verb,
    effects: [access],
    relations: tables.map(([schema, name]) => ({ schema, name, access, via: "from" as const, resolved: true })),
    targets: isChange(verb)
      ? tables.map(([schema, name]) => ({
          relation: `${schema}.${name}`,
          schema,
          name,
          change: verb,
          restricted: true,
          by_key: false,
        }))
      : [],
    columns: [],
    columns_complete: true,
    predicate_columns: [],
    functions: [],
    identifiers: [],
    estimate: { rows: 1, bytes: 1 },
    complete: true,
    reasons: [],
  };
}

const quoted = (values: readonly string[]) => fc.constantFrom(...values.map((value) => JSON.stringify(value)));
const table = fc.constantFrom("orders", "users", "hr.orders", "hr.pay");
const entity = {
  user: fc
    .tuple(fc.constantFrom("User", "Agent", "App::Service"), fc.constantFrom("ann", "bob"))
    .map(([type, id]) => `${type}::"${id}"`),
  group: fc.constantFrom(...groups).map((group) => `Group::"${group}"`),
  table: table.map((id) => `Table::"${id}"`),
  place: fc.constantFrom(
    'Schema::"hr"',
    'Schema::"public"',
    'Connection::"orders"',
    'Connection::"other"',
    'Table::"users"',
  ),
};
// `App::Service` is another type than `Service` in Cedar; the import reads last parts, so the model here has one of each.
const user = entity.user.filter((text) => !text.startsWith("App"));

const atom = fc.oneof(
  user.map((each) => `principal == ${each}`),
  user.map((each) => `principal != ${each}`),
  entity.group.map((each) => `principal in ${each}`),
  fc.tuple(entity.group, user).map((pair) => `principal in [${pair.join(", ")}]`),
  fc.constantFrom("principal is Agent", 'principal is User in Group::"dba"', "resource is Table", "true", "false"),
  entity.table.map((each) => `resource == ${each}`),
  entity.place.map((each) => `resource in ${each}`),
  quoted(["human", "agent", "robot"]).map((each) => `principal.kind == ${each}`),
  quoted(["o*", "*r*", "users", "*", "p**y", "\\*"]).map((each) => `resource.name like ${each.replace("\\\\", "\\")}`),
  fc
    .tuple(quoted(["hr", "x"]), quoted(["public", "y,{}"]))
    .map((pair) => `[${pair.join(", ")}].contains(resource.schema)`),
  quoted(["prod", "dev", "moon"]).map((each) => `context.env == ${each}`),
  quoted(["prod", "dev"]).map((each) => `${each} != context.env`),
  fc.constantFrom(
    "context.mfa",
    "principal.mfa",
    "context.in_transaction == true",
    "principal has mfa",
    "principal.mfa == 1",
    "[].contains(principal.id)",
  ),
);
const condition = fc.letrec((tie) => ({
  whole: fc.oneof({ depthSize: "small", withCrossShrink: true }, atom, tie("joined"), tie("negated"), tie("chosen")),
  joined: fc.tuple(tie("whole"), fc.constantFrom("&&", "||"), tie("whole")).map(([a, by, b]) => `(${a} ${by} ${b})`),
  negated: tie("whole").map((each) => `!(${each})`),
  chosen: fc.tuple(tie("whole"), tie("whole"), tie("whole")).map(([a, b, c]) => `(if ${a} then ${b} else ${c})`),
})).whole as fc.Arbitrary<string>;

const action = fc.constantFrom(...verbs).map((verb) => `Action::"${verb}"`);
const scope = fc.tuple(
  fc.oneof(
    fc.constant("principal"),
    user.map((each) => `principal == ${each}`),
    entity.group.map((each) => `principal in ${each}`),
    fc.constant("principal is Agent"),
  ),
  fc.oneof(
    fc.constant("action"),
    action.map((each) => `action == ${each}`),
    fc.array(action, { minLength: 1, maxLength: 3 }).map((all) => `action in [${all.join(", ")}]`),
  ),
  fc.oneof(
    fc.constant("resource"),
    entity.table.map((each) => `resource == ${each}`),
    entity.place.map((each) => `resource in ${each}`),
  ),
);
const clause = fc.tuple(fc.constantFrom("when", "unless"), condition).map(([kind, body]) => `${kind} { ${body} }`);
const statement = fc
  .tuple(fc.constantFrom("permit", "permit", "forbid"), scope, fc.array(clause, { maxLength: 2 }))
  .map(([effect, head, clauses]) => `${effect}(${head.join(", ")}) ${clauses.join(" ")};`);

const question = (tables_max: number): fc.Arbitrary<Question> =>
  fc.record({
    kind: fc.constantFrom("human", "agent", "service"),
    id: fc.constantFrom("ann", "bob"),
    groups: fc.subarray([...groups]),
    mfa: fc.boolean(),
    env: fc.constantFrom("prod", "dev"),
    in_transaction: fc.boolean(),
    verb: fc.constantFrom(...verbs),
    tables: fc.uniqueArray(
      table.map((id): readonly [string, string] => (id.includes(".") ? ["hr", id.slice(3)] : ["public", id])),
      { minLength: 1, maxLength: tables_max, selector: String },
    ),
  });

/** The policy, and whether it is all that Cedar has. Only the size of a condition may stand in the way here. */
async function policyOf(cedar: string): Promise<{ readonly policy: Policy; readonly isWhole: boolean }> {
  const read = await importCedar(cedar);
  if (!read.ok) throw new Error(read.reason);
  const notes = read.rules.flatMap(({ left_out, gaps }) => [...left_out, ...gaps]);
  expect([cedar, notes.filter((note) => note !== "a condition so large")]).toEqual([cedar, []]);
  const { module, diagnostics } = compile({ sources: [{ path: "i.hpl", text: writePolicy(read) }], libraries });
  const loaded = module === null ? null : loadPolicy(module);
  if (!loaded?.ok) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
  return { policy: loaded.policy, isWhole: notes.length === 0 };
}

const runs_count = process.env.LONG ? 5_000 : 80;

test("a question about one table has Cedar's answer", async () => {
  let allowed_count = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(statement, { minLength: 1, maxLength: 4 }),
      fc.array(question(1), { minLength: 10, maxLength: 10 }),
      async (statements, questions) => {
        const cedar = statements.join("\n");
        const { policy, isWhole } = await policyOf(cedar);
        for (const each of questions) {
          const theirs = askCedar(cedar, each);
          if (theirs) allowed_count += 1;
          const ours = askPolicy(policy, each);
          expect([cedar, each, isWhole ? ours : ours && !theirs]).toEqual([cedar, each, isWhole ? theirs : false]);
        }
      },
    ),
    { numRuns: runs_count },
  );
  expect(allowed_count).toBeGreaterThan(runs_count / 10);
});

test("a statement of several tables is allowed only where Cedar allows each", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(statement, { minLength: 1, maxLength: 4 }),
      fc.array(question(3), { minLength: 5, maxLength: 5 }),
      async (statements, questions) => {
        const cedar = statements.join("\n");
        const { policy } = await policyOf(cedar);
        for (const each of questions)
          if (askPolicy(policy, each)) expect([cedar, each, askCedar(cedar, each)]).toEqual([cedar, each, true]);
      },
    ),
    { numRuns: runs_count },
  );
});

const notesAndItems = async (cedar: string) => {
  const read = await importCedar(cedar);
  if (!read.ok) throw new Error(read.reason);
  return read.rules.map(({ items, left_out }) => [items, left_out.length > 0]);
};

test.each([
  ['permit(principal, action, resource) when { context.region == "eu" };', []],
  ['permit(principal, action, resource) when { context.mfa || context.region == "eu" };', []],
  ['permit(principal, action == Action::"fly", resource);', []],
  ["permit(principal is Robot, action, resource);", []],
  ["permit(principal == ?principal, action, resource);", []],
  [
    'forbid(principal, action, resource) when { context.mfa && context.region == "eu" };',
    ['block "policy0" when always'],
  ],
  [
    'forbid(principal is Agent, action, resource) unless { context.region == "eu" };',
    ['block "policy0" when principal.kind == agent'],
  ],
  [
    'forbid(principal, action == Action::"fly", resource) when { context.mfa };',
    ['block "policy0" when principal.mfa'],
  ],
  ['forbid(principal, action, resource == Bucket::"x") when { context.mfa };', ['block "policy0" when principal.mfa']],
  ["forbid(principal, action, resource) when { principal.age < 18 };", ['block "policy0" when always']],
  ['forbid(principal, action, resource) when { action == Action::"drop" };', ['block "policy0" when always']],
])("%s: what is left out never lets more through", async (cedar, items) => {
  expect(await notesAndItems(cedar)).toEqual([[items, true]]);
});

test("a condition has a limit: its last part, and one more", async () => {
  const parts = (count: number) => Array.from({ length: count }, () => "context.mfa").join(" && ");
  // Each `&&` is a part, too.
  const [last, more] = [parts(PARTS_MAX / 2), parts(PARTS_MAX / 2 + 1)];
  for (const [body, count] of [
    [last, 1],
    [more, 0],
  ] as const) {
    const [rule] = await notesAndItems(`permit(principal, action, resource) when { ${body} };`);
    expect([body, rule?.[0]]).toEqual([body, expect.toSatisfy((items: readonly string[]) => items.length === count)]);
  }
  const nested = Array.from({ length: 40 }).reduce<string>(
    (test) => `(if ${test} then context.mfa else true)`,
    "context.mfa",
  );
  expect(await notesAndItems(`forbid(principal, action, resource) when { ${nested} };`)).toEqual([
    [['block "policy0" when always'], true],
  ]);
});

let frontEnds: Awaited<ReturnType<typeof loadFrontEnds>>;
beforeAll(async () => {
  frontEnds = await loadFrontEnds();
});

test("patterns: none, the longest, one longer", async () => {
  const items = async (pattern: string) =>
    (await notesAndItems(`forbid(principal, action, resource) when { principal.id like "${pattern}" };`))[0]?.[0];
  expect(await items("")).toEqual(['block "policy0" when principal.id == ""']);
  expect(await items("a".repeat(LIKE_LETTERS_MAX))).toEqual([expect.stringContaining("like")]);
  expect(await items("a".repeat(LIKE_LETTERS_MAX + 1))).toEqual(['block "policy0" when always']);
});

test("what no request can meet is left out, so that the policy has no errors", async () => {
  const read = await importCedar(
    '@id("Odd \u202eone")\npermit(principal is User, action, resource) when { principal.kind == "agent" };\npermit(principal, action, resource);',
  );
  if (!read.ok) throw new Error(read.reason);
  const { text, rules } = keepExamples(read, frontEnds);
  expect(rules.map(({ items }) => items.length)).toEqual([0, 1]);
  expect(text).toContain("\\u{202e}");
});
