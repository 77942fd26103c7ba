/**
 * A guard with a judge of a few lines, so that the protocol is tested without a policy.
 *
 * Words in the text decide: `forbidden` blocks, `late_refusal` blocks only when it is to run, `two_people` asks for approval, `mask(i of n)` masks column i of n,
 * `limit(rows 2)`, `limit(bytes 90)` and `limit(time_ms 100)` limit, `searched` looks for `KEY-` and digits in values, `counted` makes what follows wait, `no_columns` expects a result without columns, `redacted` hides errors. Statements are cut at semicolons; their kind is their first word. Everything judged, held and reported is
 * kept for the tests to look at.
 */
import type { Catalog, Decision, Verdict } from "@hpl/runtime";
import { createVerifier } from "../src/identity/scram.js";
import type { CellMasks } from "../src/protocols/postgres/row-mask.js";
import { searched } from "../src/session/cell-masks.js";
import {
  AuditUnavailable,
  type ConnectionGuard,
  type ExactStatement,
  type ExecutionReport,
  type HoldOutcome,
  type JudgeContext,
  type JudgedStatement,
  type Judgement,
  type ValueSearch,
} from "../src/session/enforcement.js";

export interface FakeHold {
  readonly approval: string;
  readonly statement: ExactStatement;
  cancelled: boolean;
  settle(outcome: HoldOutcome): void;
}

export interface FakeGuard extends ConnectionGuard {
  readonly judged: { readonly statement: ExactStatement; readonly context: JudgeContext }[];
  readonly holds: FakeHold[];
  readonly reports: ExecutionReport[];
  readonly notes: string[];
  /** While true the audit log cannot be written. */
  auditFails: boolean;
  /** Approvals given in advance, by text: what a second attempt finds. */
  readonly approvedTexts: Set<string>;
}

const kinds: Readonly<Record<string, string>> = {
  abort: "transaction",
  begin: "transaction",
  commit: "transaction",
  end: "transaction",
  release: "transaction",
  rollback: "transaction",
  savepoint: "transaction",
  start: "transaction",
  table: "select",
  values: "select",
  with: "select",
};
const catalogChanging: ReadonlySet<string> = new Set(["alter", "create", "discard", "drop", "reset", "set", "do"]);

function statementsOf(text: string): readonly JudgedStatement[] {
  const parts = (text.includes("$$") ? [text] : text.split(";")).filter(
    (part) => part.replace(/--.*|\/\*.*?\*\//gu, "").trim() !== "",
  );
  return parts.map((part) => {
    const word = /[a-z]+/iu.exec(part.replace(/\/\*.*?\*\//gu, ""))?.[0].toLowerCase() ?? "other";
    const masks = [...part.matchAll(/mask\((\d+) of (\d+)\)/gu)];
    return {
      kind: kinds[word] ?? word,
      effects: word === "do" ? ["dynamic"] : [],
      changes_catalog: catalogChanging.has(word),
      masks: masks.map(([, index]) => ({
        index: Number(index),
        name: "c",
        source: [],
        transform: "redact",
        rule: "test/mask",
        exact: true,
      })),
      columns_count: part.includes("no_columns") ? 0 : masks[0]?.[2] === undefined ? null : Number(masks[0][2]),
      search: part.includes("searched") ? keySearch : null,
      limit: limitIn(part),
      redact_errors: part.includes("redacted"),
      is_counted: part.includes("counted"),
    };
  });
}

function limitIn(part: string): JudgedStatement["limit"] {
  const amounts = Object.fromEntries([...part.matchAll(/limit\((\w+) (\d+)\)/gu)].map(([, of, n]) => [of, Number(n)]));
  const { rows = null, bytes = null, time_ms = null } = amounts;
  return rows === null && bytes === null && time_ms === null ? null : { rows, bytes, time_ms };
}

function decide(text: string, runs: boolean): Decision {
  const verdict: Verdict =
    text.includes("forbidden") || (runs && text.includes("late_refusal"))
      ? "block"
      : text.includes("two_people")
        ? "approve"
        : "allow";
  const span = { file: "policy.hpl", line: 3, character: 1, end_line: 3, end_character: 9 };
  return {
    verdict,
    rules: [{ id: "test/rule", effect: verdict, certainty: "must", span }],
    obligations: [],
    complete: true,
    reasons: [],
    message: `this is ${verdict}`,
    fix: "do something else",
  };
}

export function createFakeGuard(): FakeGuard {
  const verifier = createVerifier("secret", { iterations: 4096 });
  let decisions = 0;
  const judgementOf = (text: string, runs: boolean): Judgement => {
    decisions += 1;
    return { decision: decide(text, runs), statements: statementsOf(text), decision_id: `d${decisions}` };
  };
  const guard: FakeGuard = {
    judged: [],
    holds: [],
    reports: [],
    notes: [],
    auditFails: false,
    approvedTexts: new Set(),
    verifierFor: (user) => (user === "agent" ? verifier : null),
    identityOf: (user) => ({ principal: { id: user, issuer: "static", kind: "agent", groups: [], mfa: false } }),
    acceptToken: null,
    openSession: () => ({
      over: () => null,
      rows_shown_max: 0,
      show: () => {},
      judge: (statement, context) => {
        if (guard.auditFails) throw new AuditUnavailable("disk full");
        guard.judged.push({ statement, context });
        if (statement.text.includes("our_bug")) throw new TypeError("a bug in the judge");
        return judgementOf(statement.text, true);
      },
      preview: (text) => judgementOf(text, false),
      hold: (_judgement, statement) => openHold(guard, statement),
      report: (execution) => guard.reports.push(execution),
      note: (event) => guard.notes.push(event.kind),
    }),
  };
  return guard;
}

function openHold(
  guard: FakeGuard,
  statement: ExactStatement,
): ReturnType<ReturnType<FakeGuard["openSession"]>["hold"]> {
  const approval = `a${guard.holds.length + 1}`;
  let settle = (_outcome: HoldOutcome): void => {};
  const outcome = new Promise<HoldOutcome>((resolve) => {
    settle = resolve;
  });
  const hold: FakeHold = { approval, statement, cancelled: false, settle };
  if (guard.approvedTexts.has(statement.text)) settle({ state: "approved", approval });
  guard.holds.push(hold);
  return {
    approval,
    needs: [{ group: "dba", count: 2 }],
    within_s: 60,
    address: "http://127.0.0.1:6480",
    isGiven: guard.approvedTexts.has(statement.text),
    outcome,
    cancel: () => {
      hold.cancelled = true;
      settle({ state: "cancelled", approval, message: "cancelled" });
    },
  };
}

/** The names of all tables on the search path, which is enough to see that it was read again. */
export const fakeCatalog = {
  query: `SELECT pg_catalog.json_build_object('search_path', pg_catalog.current_schemas(false),
    'tables', (SELECT pg_catalog.json_agg(n.nspname || '.' || c.relname ORDER BY c.oid)
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema')))::text`,
  parse: (json: string): Catalog => {
    const { search_path, tables } = JSON.parse(json);
    const schemas: Record<string, Record<string, { columns: [] }>> = {};
    for (const table of (tables ?? []) as string[]) {
      const [schema = "", name = ""] = table.split(".");
      schemas[schema] = { ...schemas[schema], [name]: { columns: [] } };
    }
    return { search_path, schemas };
  },
};

/** Finds `KEY-` and digits. */
const keySearch: ValueSearch = {
  transform: "redact",
  rule: "test/search",
  find: (bytes) =>
    [
      ...Buffer.from(bytes)
        .toString("latin1")
        .matchAll(/KEY-\d+|4012888888881881/g),
    ].map(({ index, 0: { length } }) => ({
      start: index,
      end: index + length,
    })),
};

/** Text cells become stars, binary integers become zero. A search is the gateway's own. */
export const fakeMasks: CellMasks = {
  open: (transform, type_oid, format) => {
    if (transform !== "redact") throw new Error(`unknown transform ${transform}`);
    if (format === 1 && [20, 21, 23].includes(type_oid))
      return { kind: "each", mask: (bytes) => new Uint8Array(bytes.length) };
    return { kind: "constant", bytes: Buffer.from("***") };
  },
  search: searched,
  originals: () => ({ add: () => {}, end: () => "0".repeat(64) }),
};
