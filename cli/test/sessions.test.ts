import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startGateway } from "@hpl/gateway";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { compileForGateway } from "../src/commands/gateway.js";
import { main } from "../src/main.js";

let folder: string;
const out: string[] = [];
const id = "00000000-0000-4000-8000-000000000001";
const recording = [
  JSON.stringify({ version: 3, timestamp: 1795176000, env: { HPL_PRINCIPAL: "fay", HPL_CONNECTION: "shop" } }),
  '[0,"o","shop> SELECT id FROM cards\\r\\n"]',
  '[0.01,"o","  1 | \\u001b[2Jx\\r\\n"]',
  '[9999,"o","  (1 row)\\r\\n"]',
  '[0,"x","0"]',
].join("\n");
const config = {
  policy: "policy.hpl",
  state: "state",
  connections: [
    {
      name: "shop",
      kind: "postgres" as const,
      env: "dev" as const,
      listen: "127.0.0.1:0",
      upstream: { url: "postgres://a:b@127.0.0.1:1/d" },
    },
  ],
  identity: {
    static: [
      { user: "fay", password: "pw", principal: { id: "fay", kind: "human" as const, groups: ["oncall"] } },
      { user: "bob", password: "pw", principal: { id: "bob", kind: "human" as const, groups: ["dba"] } },
    ],
  },
  approvals: { listen: "" },
};
const policy = `policy shop governs sql
default block
group oncall
group dba
grant break_glass to oncall asking "incident number" lasting 30m
grant reach to oncall after approval from dba asking "why" lasting 30m
allow "x" when granted break_glass or granted reach
`;

/** The command line finds the gateway by its configuration, so the port must be known before. */
function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve) =>
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    }),
  );
}

let stop: () => Promise<void>;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "hpl-sessions-"));
  mkdirSync(join(folder, "state", "recordings"), { recursive: true });
  writeFileSync(join(folder, "state", "recordings", `${id}.cast`), recording);
  config.approvals.listen = `127.0.0.1:${await freePort()}`;
  writeFileSync(join(folder, "gateway.json"), JSON.stringify(config));
  writeFileSync(join(folder, "policy.hpl"), policy);
  const gateway = await startGateway({ config, folder, compile: compileForGateway, log: () => {} });
  stop = gateway.close;
  process.env.HPL_PASSWORD = "pw";
});
afterAll(async () => {
  await stop();
  rmSync(folder, { recursive: true, force: true });
  delete process.env.HPL_PASSWORD;
});
beforeEach(() => {
  out.length = 0;
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, "write").mockImplementation((text) => {
      out.push(String(text));
      return true;
    });
});
afterEach(() => vi.restoreAllMocks());

/** Exit code and everything written. */
async function hpl(...args: readonly string[]): Promise<readonly [number, string]> {
  out.length = 0;
  const code = await main([...args, "--config", join(folder, "gateway.json")]);
  return [code, out.join("")];
}

test.each<readonly [readonly string[], number, RegExp]>([
  [["sessions", "list"], 0, new RegExp(`^${id} {2}fay on shop {2}2026-11-20T`)],
  [["sessions", "list", "--format", "json"], 0, /"principal": "fay"/],
  [["sessions", "list", "--as", "bob"], 0, /no session is open/],
  [["sessions", "show", id], 0, /^shop> SELECT id FROM cards\n {2}1 \| \\u\{1b\}\[2Jx\n {2}\(1 row\)\n$/],
  [["sessions", "show", id, "--search", "FROM CARDS"], 0, /^shop> SELECT id FROM cards\n$/],
  [["sessions", "show", id, "--search", "nothing like it"], 1, /^$/],
  [["sessions", "show", "../../audit"], 2, /there is no recording/],
  [["sessions", "replay", id, "--speed", "50", "--pause", "0.5"], 0, /\(1 row\)\n$/],
  [["sessions", "replay", id, "--speed", "0"], 2, /--speed is a number above 0/],
])("hpl %j", async (args, code, text) => {
  const begun = Date.now();
  const [ended, written] = await hpl(...args);
  expect(ended).toBe(code);
  expect(written).toMatch(text);
  expect(written).not.toContain("\u001b");
  expect(Date.now() - begun).toBeLessThan(5_000); // A pause of hours is not waited for.
});

test("grants: asked for, listed, ended; and one that others must agree to", async () => {
  const as = (user: string, reason: string) => ["--as", user, "--reason", reason];
  expect(await hpl("approvals", "grant", "break_glass", ...as("bob", "x"))).toEqual([
    1,
    expect.stringContaining("only oncall"),
  ]);
  const [code, given] = await hpl("approvals", "grant", "break_glass", ...as("fay", "INC-1"));
  expect([code, given]).toEqual([0, expect.stringMatching(/^shop\.break_glass is given until .*, id [0-9a-f]+\n$/)]);
  const [, listed] = await hpl("approvals", "grants", "--as", "fay");
  expect(listed).toMatch(
    /shop\.break_glass of fay.*INC-1\nshop\.break_glass {2}for oncall, 1800 s; say: incident number\n/,
  );
  const [, grant = ""] = /id ([0-9a-f]+)/.exec(given) ?? [];
  expect(await hpl("approvals", "ungrant", grant, ...as("fay", "done"))).toEqual([
    0,
    `the grant ${grant} is revoked\n`,
  ]);
  const [asked, pending] = await hpl("approvals", "grant", "reach", ...as("fay", "migration"));
  expect(asked).toBe(3);
  const [, approval = ""] = /approval ([0-9a-f]+) is needed/.exec(pending) ?? [];
  expect((await hpl("approvals", "approve", approval, ...as("fay", "me")))[0]).toBe(1);
  expect(await hpl("approvals", "approve", approval, "--scope", "statement", ...as("bob", "ok"))).toEqual([
    0,
    `${approval} is approved\n`,
  ]);
  expect((await hpl("approvals", "grants", "--as", "fay"))[1]).toContain("shop.reach of fay");
});
