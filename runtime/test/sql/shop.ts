/** The catalog of the tests, and a short way to write facts down. */
import type { Action, Catalog, CatalogRelation, Fact, FactList, SqlFacts } from "../../src/facts/index.js";
import { isOpenList, isUnknown, itemsOf } from "../../src/facts/index.js";
import { postgresFrontEnd } from "../../src/sql/index.js";

const table = (columns: string, more: Partial<CatalogRelation> = {}): CatalogRelation => ({
  columns: columns.split(" ").map((column) => {
    const [name = "", type = "text"] = column.split(":");
    return { name, type };
  }),
  ...more,
});

const people = "id:int4 name email ssn salary:numeric note:jsonb tags:_text dob:date ip:inet";

export const shop: Catalog = {
  search_path: ["public"],
  temp_schema: "pg_temp_7",
  functions: ["evil", "upper", "leak"],
  operators: ["@@@", "==="],
  schemas: {
    pg_temp_7: { scratch: table("id:int4 v") },
    public: {
      users: table("id:int8 name email admin:bool status", { key: ["id"] }),
      cu: table(people, { key: ["id"] }),
      customers: table(people, { key: ["id"] }),
      orders: table("id:int4 customer_id:int4 total:numeric email", { key: ["id"] }),
      order_lines: table("order_id:int4 line:int4 sku", { key: ["order_id", "line"] }),
      v_cust: table("id:int4 contact", { kind: "view", definition: "SELECT id, email AS contact FROM cu" }),
      v_evil: table("x", { kind: "view", definition: "SELECT evil(email) FROM cu" }),
      v_outer: table("c", { kind: "view", definition: "SELECT contact FROM v_cust WHERE id > 3" }),
      v_broken: table("c", { kind: "view", definition: "SELECT nope FROM" }),
      audited: table("id:int4 v", { key: ["id"], has_triggers: true }),
      remote: table("id:int4", { kind: "foreign" }),
      measure: table("id:int4 city", { key: [] }),
      measure_2024: table("id:int4 city", { parents: [["public", "measure"]] }),
      "odd.name": table("a.b"),
      constructor: table("id:int4"),
      members: table("id:int4 email nick", {
        key: ["id"],
        compared: [
          { by: "unique", columns: ["email"], with: [["public", "members", "email"]] },
          {
            by: "check",
            columns: ["email", "nick"],
            with: [
              ["public", "members", "email"],
              ["public", "members", "nick"],
            ],
          },
          { by: "referenced", columns: ["id"], with: [["public", "badges", "member_id"]] },
        ],
        cascades: [["public", "badges"]],
      }),
      badges: table("id:int4 member_id:int4 label", {
        has_triggers: true,
        compared: [{ by: "references", columns: ["member_id"], with: [["public", "members", "id"]] }],
      }),
      crowd: table("id:int4 v", { key: [] }),
      crowd_a: table("id:int4 v", { parents: [["public", "crowd"]], has_triggers: true }),
      watched: table("id:int4 v", { reads_call: true }),
      derived: {
        columns: [
          { name: "e", type: "text" },
          { name: "low", type: "text", generated: "lower(e)" },
        ],
      },
    },
    hr: { staff: table("id:int4 ssn", { key: ["id"] }) },
  },
};

export interface Place {
  readonly catalog?: Catalog | null;
  readonly version?: number | null;
}

export const analyse = (text: string, place: Place = {}): readonly Action[] =>
  postgresFrontEnd.analyse(text, {
    dialect: "postgres",
    catalog: place.catalog === undefined ? shop : place.catalog,
    server_version: place.version ?? null,
  }).actions;

/** Facts as short strings, so that a case is one line. An open list ends in `...`. */
export interface Summary {
  readonly opaque?: string;
  readonly kind?: string;
  readonly effects?: string;
  readonly relations?: readonly string[];
  readonly targets?: readonly string[];
  readonly columns?: readonly string[];
  readonly predicates?: readonly string[];
  readonly functions?: readonly string[];
  readonly limit?: number | undefined;
  readonly complete?: boolean;
  readonly lineage?: boolean;
  readonly reasons?: readonly string[];
}

const shown = <T>(value: Fact<T>): string => (isUnknown(value) ? "unknown" : String(value));

function listed<T>(list: FactList<T>, show: (item: T) => string): readonly string[] {
  const items = itemsOf(list).map((item) => (isUnknown(item) ? "unknown" : show(item as T)));
  return isOpenList(list) ? [...items, "..."] : items;
}

const sql = (path: Fact<string>): string => shown(path).replace(/^public\./, "");

export function summaryOf(action: Action): Summary {
  if (action.opaque) return { opaque: action.reasons.join(" ") };
  return summaryOfFacts(action.facts as SqlFacts);
}

const summaryOfFacts = (facts: SqlFacts): Summary => ({
  kind: shown(facts.kind),
  effects: [...listed(facts.effects, String)].sort().join(" "),
  relations: listed(
    facts.relations,
    (r) => `${sql(`${r.schema}.${r.name}`)} ${r.access} ${r.via}${r.resolved ? "" : " ?"}`,
  ),
  targets: listed(facts.targets, (t) => {
    const restricted = isUnknown(t.restricted) ? "perhaps" : t.restricted ? "some" : "all";
    return `${t.change} ${restricted} ${sql(t.relation)}${t.by_key === true ? " by key" : ""}`;
  }),
  columns: listed(facts.columns, (c) => {
    const sources = listed(c.sources, sql).join(" + ");
    return sources === "" ? shown(c.name) : `${shown(c.name)} ${c.exact ? "=" : "~"} ${sources}`;
  }),
  predicates: listed(facts.predicate_columns, sql),
  functions: listed(
    facts.functions,
    (f) => `${f.schema === "pg_catalog" ? "" : `${f.schema}.`}${f.name}${f.known ? "" : " ?"}`,
  ),
  limit: typeof facts.limit === "number" ? facts.limit : undefined,
  complete: facts.complete === true,
  lineage: facts.columns_complete === true,
  reasons: listed(facts.reasons, String),
});
