/** Evidence of a real gateway's log: what an auditor does with it, done here. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compileForGateway, main } from "@hpl/cli";
import fc from "fast-check";
import pg from "pg";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { readCheckpoint, readVerifier } from "../src/audit/checkpoint.js";
import { checkConsistency } from "../src/audit/merkle.js";
import { checkProof } from "../src/audit/proof.js";
import { gapsOf } from "../src/evidence/completeness.js";
import { toCsv } from "../src/evidence/csv.js";
import { drawSample } from "../src/evidence/sample.js";
import { startGateway } from "../src/gateway.js";
import { startEmbeddedPostgres } from "../src/upstream/embedded-postgres.js";

const policy = `
policy shop governs sql
use std.sql
default block
group engineers
group dba
allow "read" when sql.only_reads { control soc2:CC6.1 }
allow "change" after approval from dba within 10m when sql.only_changes_rows { control soc2:CC8.1  control soc2:CC6.1 }
block "no-drop" hard when statement.effects has drop { control soc2:CC8.1 }
block "never-used" when statement.kind == vacuum { control soc2:CC7.2 }
`;

let folder: string;
let state: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "hpl-evidence-"));
  state = join(folder, "state");
  mkdirSync(join(folder, "policy"));
  writeFileSync(join(folder, "policy", "shop.hpl"), policy);
  const seed = "CREATE TABLE people (id int PRIMARY KEY, email text); INSERT INTO people VALUES (1, 'a')";
  const server = await startEmbeddedPostgres({ seed, log: () => {} });
  const { host, port, user, password, database } = server.target;
  const url = `postgres://${user}:${encodeURIComponent(password)}@${host}:${port}/${database}`;
  const gateway = await startGateway({
    config: {
      policy: "policy",
      state: "state",
      connections: [
        { name: "shop", kind: "postgres", env: "prod", listen: "127.0.0.1:0", hold: "refuse", upstream: { url } },
      ],
      identity: {
        static: [
          { user: "agent", password: "pw", principal: { id: "=svc<b>", kind: "agent", groups: ["engineers"] } },
          { user: "bob", password: "bob-pw", principal: { id: "bob", kind: "human", groups: ["dba"] } },
        ],
      },
      approvals: { listen: "127.0.0.1:0" },
      recording: { rows: 1 },
    },
    folder,
    compile: compileForGateway,
    log: () => {},
  });
  const client = new pg.Client({
    host: "127.0.0.1",
    port: gateway.listeners[0]?.port,
    user: "agent",
    password: "pw",
    database: "shop",
  });
  await client.connect();
  for (let i = 0; i < 30; i++) await client.query(`SELECT ${i}`);
  await client.query("DROP TABLE people").catch(() => {});
  const update = "UPDATE people SET email = 'b' WHERE id = 1";
  await client.query(update).catch(() => {});
  const authorization = `Basic ${Buffer.from("bob:bob-pw").toString("base64")}`;
  const list = await (await fetch(`${gateway.approvalsUrl}/v1/approvals`, { headers: { authorization } })).json();
  await fetch(`${gateway.approvalsUrl}/v1/approvals/${list[0].id}/approve`, {
    method: "POST",
    headers: { authorization, "content-type": "application/json" },
    body: JSON.stringify({ reason: "ticket <4711>" }),
  });
  await client.query(update);
  await client.end();
  await gateway.close();
  await server.stop();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the command and gives its exit code and what it printed. */
async function run(...args: readonly string[]): Promise<{ readonly code: number; readonly out: string }> {
  const out: string[] = [];
  const spy = vi.spyOn(process.stdout, "write").mockImplementation((text) => out.push(String(text)) > 0);
  try {
    return { code: await main(args), out: out.join("") };
  } finally {
    spy.mockRestore();
  }
}

const day_ms = 86_400_000;
const dayOf = (offset: number): string => new Date(Date.now() + offset * day_ms).toISOString().slice(0, 10);
const exportTo = (name: string, ...more: readonly string[]) =>
  run(
    "evidence",
    "export",
    state,
    "--from",
    dayOf(-1),
    "--to",
    dayOf(2),
    "--seed",
    "s",
    "-o",
    join(folder, name),
    ...more,
  );
const readJson = (...path: readonly string[]) => JSON.parse(readFileSync(join(folder, ...path), "utf8"));
const rowsOf = (...path: readonly string[]) =>
  readFileSync(join(folder, ...path), "utf8")
    .trimEnd()
    .split("\r\n")
    .slice(1);

test("an export is whole: hashes fit, the population is every decision, each item proves itself without the log", async () => {
  const { out } = await exportTo("all", "--sample", "40", "--format", "json");
  const told = JSON.parse(out);
  expect(told).toMatchObject({ items: 33, sample: 33 });
  expect(execFileSync("sha256sum", ["-c", "--quiet", "SHA256SUMS"], { cwd: join(folder, "all") }).toString()).toBe("");
  expect(rowsOf("all", "population.csv")).toHaveLength(33);
  const { key } = readJson("all", "completeness.json");
  const items = readdirSync(join(folder, "all", "items"));
  expect(items).toHaveLength(33);
  for (const item of items) {
    const at = join(folder, "all", "items", item);
    const check = checkProof(readFileSync(join(at, "event.tlog-proof"), "utf8"), key);
    expect(check).toMatchObject({ ok: true, index: Number(item), line: readFileSync(join(at, "event.json"), "utf8") });
    expect(readFileSync(join(at, "policy", "shop.hpl"), "utf8")).toBe(policy);
    expect(readJson("all", "items", item, "policy.json")).toMatchObject({ sources_match: true });
  }
});

test("the recording of a sampled session is there, and each part of it proves itself", () => {
  const sessions = readdirSync(join(folder, "all", "recordings"));
  expect(sessions).toHaveLength(1);
  const at = ["all", "recordings", sessions[0] ?? ""] as const;
  const recorded = readFileSync(join(folder, ...at, "recording.cast"), "utf8");
  expect(recorded).toBe(readFileSync(join(state, "recordings", `${sessions[0]}.cast`), "utf8"));
  expect(recorded).toContain("DROP TABLE people");
  const told = readJson(...at, "recording.json");
  expect(told).toMatchObject({ is_whole: true, has_ended: true });
  const { key } = readJson("all", "completeness.json");
  for (const { index, sha256 } of told.parts) {
    const check = checkProof(readFileSync(join(folder, ...at, `${index}.tlog-proof`), "utf8"), key);
    expect(check).toMatchObject({ ok: true, line: expect.stringContaining(sha256) });
  }
});

test("an approval stands beside what it was for: who, when, why", async () => {
  const item = readdirSync(join(folder, "all", "items")).find((name) =>
    existsSync(join(folder, "all", "items", name, "approval.json")),
  );
  expect(readJson("all", "items", item ?? "", "approval.json")).toMatchObject({
    state: "used",
    asked_by: "=svc<b>",
    reviewers: [{ user: "bob", decision: "approve", reason: "ticket <4711>" }],
  });
  const row = rowsOf("all", "population.csv").find((line) => line.includes(",used,"));
  expect(row).toMatch(/,used,bob,\d{4}-/);
});

test("a control: its rules, its decisions, and what is missing", async () => {
  await exportTo("cc8", "--control", "soc2:CC8.1");
  expect(rowsOf("cc8", "population.csv")).toHaveLength(3);
  expect(readJson("cc8", "controls.json")).toEqual([
    {
      control: "soc2:CC8.1",
      rules: [
        { id: "shop/change", decisions: 2 },
        { id: "shop/no-drop", decisions: 1 },
      ],
      decisions: 3,
      findings: [],
    },
  ]);
  const { out, code } = await exportTo("cc9", "--control", "soc2:CC9.9");
  expect([code, out]).toEqual([1, expect.stringContaining("no rule of any policy in the period serves soc2:CC9.9")]);
  expect(readJson("all", "findings.json")).toContain(
    "soc2:CC7.2: the rule shop/never-used took part in no decision of the period",
  );
});

test("the log only grew: the consistency proof holds, and the counts are those of the log", () => {
  const { key, consistency, lines, counts } = readJson("all", "completeness.json");
  const verifier = readVerifier(key);
  if (verifier === null) throw new Error("no key");
  const [before, after] = [consistency.before, consistency.after].map((note) =>
    note === null ? null : readCheckpoint(note, verifier),
  );
  expect(after?.size).toBe(lines.last + 1);
  const proof = consistency.proof.map((hash: string) => Buffer.from(hash, "base64"));
  if (before && after) expect(checkConsistency(before, after, proof)).toBe(true);
  expect(lines).toMatchObject({ first: 0, count: lines.last + 1, contiguous: true });
  expect(counts).toMatchObject({ decision: 33, "approval.requested": 1, "approval.used": 1 });
});

test("the report loads nothing, runs nothing, and shows text as text", () => {
  const html = readFileSync(join(folder, "all", "report.html"), "utf8");
  expect(html).not.toMatch(/<script|<link|<img|@import|url\(|https?:\/\/(?!www\.w3\.org)/i);
  expect(html).not.toContain("=svc<b>");
  expect(html).toContain("=svc&#60;b&#62;");
  expect(html).toContain("ticket &#60;4711&#62;");
  expect(html.match(/<svg/g)).toHaveLength(3);
  expect(html).toContain("allow: 30");
  expect(rowsOf("all", "population.csv")[0]).toContain(",'=svc<b>,");
});

test("a log that was changed is told, and the exit code says it", async () => {
  const segment = join(state, "audit", "segments", "000000.jsonl");
  const bytes = readFileSync(segment);
  writeFileSync(segment, bytes.toString().replace('"effect":"allow"', '"effect":"block"'));
  const { code, out } = await exportTo("changed");
  writeFileSync(segment, bytes);
  expect([code, out]).toEqual([1, expect.stringContaining("the log is not whole: index")]);
  expect(readFileSync(join(folder, "changed", "report.html"), "utf8")).toContain('class="bad">index');
});

test("nothing is written over", async () => {
  const silent = vi.spyOn(process.stderr, "write").mockImplementation(() => true);
  expect((await exportTo("all")).code).toBe(2);
  silent.mockRestore();
});

test("a sample is drawn by its seed alone, and a longer one holds the shorter", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(), { maxLength: 60 }), fc.string(), fc.nat(70), (items, seed, count) => {
      const draw = (some: readonly number[], n: number) => drawSample(some, String, seed, n);
      const drawn = draw(items, count);
      expect(drawn).toHaveLength(Math.min(count, items.length));
      expect([...draw(items.toReversed(), count)].toSorted()).toEqual([...drawn].toSorted());
      expect(draw(items, count + 1)).toEqual(expect.arrayContaining([...drawn]));
    }),
  );
});

test.each([
  ["a,b", '"a,b"'],
  ['say "x"', '"say ""x"""'],
  ["two\nlines", '"two\nlines"'],
  ["=1+1", "'=1+1"],
  ["@x", "'@x"],
  [-3, "-3"],
  [null, ""],
])("CSV: %j", (value, cell) => {
  expect(toCsv(["h"], [[value]])).toBe(`h\r\n${cell}\r\n`);
});

const minute_ms = 60_000;
const mark = (minute: number, kind = "decision") => ({ index: 0, time_ms: minute * minute_ms, kind });
test.each([
  ["none", [mark(0), mark(2), mark(4)], 5, []],
  ["a stop", [mark(0), mark(1, "gateway.stopped"), mark(9, "gateway.started")], 10, ["the gateway was stopped"]],
  ["a kill", [mark(0), mark(9, "gateway.started")], 10, ["the gateway ended without saying so, and was started again"]],
  ["silence", [mark(0), mark(9)], 10, ["unexplained: nothing was written, no heartbeat either"]],
  ["the edges", [mark(5)], 10, ["before the log's first line", "after the log's last line"]],
  ["nothing", [], 10, ["before the log's first line"]],
  ["a clock", [mark(2), mark(1), mark(3)], 4, ["the gateway's clock was set back"]],
])("gaps: %s", (_name, lines, end, reasons) => {
  const gaps = gapsOf({ lines, before: null }, { from_ms: 0, to_ms: end * minute_ms });
  expect(gaps.map(({ reason }) => reason)).toEqual(reasons);
});
