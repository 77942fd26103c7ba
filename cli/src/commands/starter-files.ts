/** What `hpl init` writes: a policy that passes its own check, and what runs it. A test compiles it. */
export const starterFiles: readonly { readonly path: string; readonly text: string }[] = [
  {
    path: "policy.hpl",
    text: `# Who may do what to the production database. \`hpl check\` runs the hit and miss lines.
policy main.databases governs sql for connection.env == prod
use std.sql
use org.people
default block

label pii.email on column "**.email"

allow "read" when sql.only_reads and principal in people.engineers {
  hit  sql "SELECT id FROM orders"           as engineer on prod
  miss sql "DELETE FROM orders WHERE id = 1" as engineer on prod
}

allow "transactions" when sql.only_controls_transactions and principal in people.engineers

allow "change" after approval from people.dba within 30m
  when sql.only_changes_rows and principal in people.engineers {
  why "A change to production data needs a second person."
  hit sql "UPDATE orders SET paid = true WHERE id = 7" as engineer on prod
}

block "no-schema-changes" hard when sql.changes_schema {
  why "Schema changes go through migrations."
  hit sql "DROP TABLE orders" as engineer on prod
}

mask "personal-data" pii with redact
  but partial(keep_domain) on pii.email when principal.kind == human

fixture engineer = principal  { id: "ann", kind: human, groups: {people.engineers} }
fixture agent    = principal  { id: "svc-coder", kind: agent, groups: {people.engineers} }
fixture prod     = connection { name: "orders", kind: postgres, env: prod }

test "an alias does not unmask" {
  given  sql "SELECT u.email AS e FROM users u" as agent on prod
  expect allow by "read" with mask e by "personal-data"
}

test "a change asks a second person" {
  given  sql "UPDATE orders SET paid = true WHERE id = 7" as engineer on prod
  expect approve by "change" with approval from people.dba
}
`,
  },
  {
    path: "org/people.hpl",
    text: `# Groups, by the names your identity provider uses.
library org.people

group engineers = "engineers"
group dba       = "dba"
`,
  },
  {
    path: "gateway.json",
    text: `{
  "policy": ".",
  "state": "state",
  "connections": [
    {
      "name": "orders",
      "kind": "postgres",
      "env": "prod",
      "listen": "127.0.0.1:6432",
      "upstream": { "url": { "env": "ORDERS_URL" } }
    }
  ],
  "identity": {
    "static": [
      { "user": "ann", "password": { "env": "ANN_PASSWORD" }, "principal": { "id": "ann", "kind": "human", "groups": ["engineers"] } },
      { "user": "bob", "password": { "env": "BOB_PASSWORD" }, "principal": { "id": "bob", "kind": "human", "groups": ["dba"] } }
    ]
  },
  "approvals": { "listen": "127.0.0.1:6480" }
}
`,
  },
  {
    path: ".github/workflows/policy.yml",
    text: `name: policy
on: [push, pull_request]
jobs:
  check:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with: { node-version: 20 }
      - run: npx hpl fmt --check .
      - run: npx hpl check . --format github --max-warnings 0
      - run: npx hpl test . --min-coverage 60
`,
  },
  { path: ".gitignore", text: "state/\n*.wasm\n" },
];
