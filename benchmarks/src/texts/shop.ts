import type { Catalog, RequestContext } from "@hpl/runtime";
import { wide_columns_count } from "./statements.js";

/** Ten rules of the sort a production database has. */
export const shopPolicyText = `
policy shop.production governs sql for connection.env == prod
default block
group engineers
group dba
label pii.email on column "public.customers.email", "public.wide.*0"
label pii.phone on column "public.customers.phone"
label pii.card  on column "public.cards.*"
let only_reads = statement.effects only {read}
let only_writes = statement.effects only {read, write} and statement.effects has write
allow "engineers-read" when only_reads and principal in engineers
allow "transactions" when statement.effects only {transaction} and principal in engineers
allow "change-with-approval" after approval from dba within 10m when only_writes and principal in engineers
block "no-schema-changes" hard when statement.effects has any {create, drop, alter, truncate, grant}
block "no-unbounded-change"
  when any t in statement.targets where (t.change in {update, delete} and not t.restricted)
block "no-cards-for-agents" when statement.labels has pii.card and principal.kind == agent
block "no-files" when statement.effects has any {file_read, file_write, network, exec}
block "no-audit-tables" when any r in statement.relations where (r.schema == "audit")
mask "personal-data" pii with redact but partial(keep_domain) on pii.email when principal.kind == human
mask "phones" pii.phone with redact
`;

const table = (...names: readonly string[]): Catalog["schemas"][string][string] => ({
  kind: "table",
  columns: names.map((name) => ({ name, type: name === "id" || name.endsWith("_id") ? "int4" : "text" })),
  key: ["id"],
});

export const shopCatalog: Catalog = {
  search_path: ["public"],
  functions: [],
  operators: [],
  schemas: {
    public: {
      orders: table("id", "customer_id", "product_id", "status", "total", "discount", "shipped"),
      customers: table("id", "nation_id", "name", "email", "phone"),
      products: table("id", "supplier_id", "title", "category", "price"),
      suppliers: table("id", "nation_id", "name"),
      nations: table("id", "name"),
      wide: table("id", ...Array.from({ length: wide_columns_count }, (_, i) => `c${i}`)),
    },
  },
};

export const shopContext: RequestContext = {
  principal: { id: "svc-coder", issuer: "static", kind: "agent", groups: ["engineers"], mfa: false },
  session: {
    id: "s1",
    ip: "127.0.0.1",
    client: "bench",
    origin: "native",
    in_transaction: false,
    sandboxed: false,
    grants: [],
    counters: {},
  },
  connection: { name: "shop", kind: "postgres", database: "shop", env: "prod" },
};
