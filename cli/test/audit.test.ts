/** `hpl audit` on a log made here: what it prints, and what its exit code says. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startGateway } from "@hpl/gateway";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { compileForGateway, main } from "../src/index.js";

let folder: string;
let key: string;
const segment = (): string => join(folder, "state", "audit", "segments", "000000.jsonl");
const config = (): string => join(folder, "gateway.json");

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "hpl-audit-cli-"));
  writeFileSync(join(folder, "policy.hpl"), "policy p governs sql\ndefault block\n");
  const settings = {
    policy: "policy.hpl",
    state: "state",
    connections: [
      // Nothing listens there: this gateway has no clients.
      {
        name: "shop",
        kind: "postgres",
        env: "prod",
        listen: "127.0.0.1:0",
        upstream: { url: "postgres://a:b@127.0.0.1:1/c" },
      },
    ],
    identity: { static: [{ user: "u", password: "p", principal: { id: "u", kind: "human", groups: [] } }] },
  } as const;
  writeFileSync(config(), JSON.stringify(settings));
  const gateway = await startGateway({ config: settings, folder, compile: compileForGateway, log: () => {} });
  key = gateway.auditKey;
  await gateway.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function run(...args: readonly string[]): Promise<{ readonly code: number; readonly out: string }> {
  const out: string[] = [];
  const spies = [process.stdout, process.stderr].map((stream) =>
    vi.spyOn(stream, "write").mockImplementation((text) => out.push(String(text)) > 0),
  );
  try {
    return { code: await main(["audit", ...args]), out: out.join("") };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

test("verify: whole by the configuration, by the state folder, by the log's own", async () => {
  for (const place of [["--config", config()], [join(folder, "state")], [join(folder, "state", "audit")]]) {
    const { code, out } = await run("verify", ...place, "--key", key);
    expect([place, code, out]).toEqual([place, 0, expect.stringContaining("3 lines, whole")]);
    expect(out).toContain(key);
  }
  const { out } = await run("verify", "--config", config(), "--format", "json");
  expect(JSON.parse(out)).toMatchObject({ ok: true, lines_count: 3, signed_count: 3, key });
});

test("verify names the first line that was changed, and does not take another key", async () => {
  const bytes = readFileSync(segment());
  writeFileSync(segment(), bytes.with(bytes.indexOf(10) + 20, 33));
  const { code, out } = await run("verify", "--config", config(), "--format", "json");
  writeFileSync(segment(), bytes);
  expect([code, JSON.parse(out)]).toEqual([
    1,
    expect.objectContaining({ ok: false, fault: { index: 1, reason: expect.any(String) } }),
  ]);
  const other = key.replace(/.$/, (last) => (last === "A" ? "B" : "A"));
  expect((await run("verify", "--config", config(), "--key", other)).code).toBe(1);
});

test("a proof is written, and checked where the log is not", async () => {
  const file = join(folder, "1.tlog-proof");
  expect((await run("proof", "1", "--config", config(), "-o", file)).code).toBe(0);
  const line = readFileSync(segment(), "utf8").split("\n")[1];
  expect(await run("check-proof", file, "--key", key)).toMatchObject({
    code: 0,
    out: expect.stringContaining(`${line}\n`),
  });
  expect((await run("check-proof", file)).out).toContain("is that the key you know?");
  writeFileSync(file, readFileSync(file, "utf8").replace("index 1", "index 2"));
  expect((await run("check-proof", file)).code).toBe(1);
  expect(await run("proof", "3", "--config", config())).toMatchObject({
    code: 1,
    out: expect.stringContaining("covers 3 lines"),
  });
});

test.each([
  ["everything", [], 3],
  ["a kind", ["--kind", "policy.loaded"], 1],
  ["a time", ["--from", "2000-01-01", "--to", "2000-01-02"], 0],
  ["a time with its zone", ["--from", "2000-01-01T00:00+01:00"], 3],
  ["a verdict", ["--verdict", "block"], 0],
])("query: %s", async (_name, filters, count) => {
  const { code, out } = await run("query", "--config", config(), ...filters);
  const lines = out.split("\n").slice(0, -1);
  expect([code, lines.length]).toEqual([0, count]);
  for (const line of lines) expect(readFileSync(segment(), "utf8").split("\n")).toContain(line);
});

test("replay: nothing to decide again is all the same", async () => {
  const { code, out } = await run("replay", "--config", config(), "--format", "json");
  expect([code, JSON.parse(out)]).toEqual([0, { same: 0, different: 0, no_policy: 0, not_recorded: 0, findings: [] }]);
});

test.each([
  ["no log", ["verify", "/nowhere"]],
  ["no index", ["proof", "one"]],
  ["no time", ["query", "--from", "yesterday"]],
  ["no such verdict", ["query", "--verdict", "maybe"]],
  ["no such file", ["check-proof", "/nowhere"]],
])("usage: %s", async (_name, args) => {
  expect((await run(...args)).code).toBe(2);
});
