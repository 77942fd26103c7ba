/** The page in a real browser, on a whole gateway. Without Debian's `chromium` (or HPL_TEST_CHROMIUM) there is nothing to test with. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compileForGateway } from "@hpl/cli";
import pg from "pg";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { type Gateway, startGateway } from "../src/gateway.js";
import { startEmbeddedPostgres } from "../src/upstream/embedded-postgres.js";

const executablePath = process.env.HPL_TEST_CHROMIUM ?? "/usr/bin/chromium";
const hasBrowser = existsSync(executablePath);
if (!hasBrowser) process.stderr.write("no chromium: the page is not tested in a browser\n");
/** Where screenshots go; none are taken without it. */
const shots = process.env.HPL_TEST_SCREENSHOTS;

const policy = `policy shop governs sql
use std.sql
default block
group engineers
group dba
group oncall
label pii.email on column "public.people.email"
grant break_glass to oncall asking "Incident number" lasting 30m
allow "read" when sql.only_reads and principal in engineers
allow "change" after approval from dba within 10m when sql.only_changes_rows and principal in engineers
mask "personal" pii with redact
`;

let server: Awaited<ReturnType<typeof startEmbeddedPostgres>>;
let gateway: Gateway;
let folder: string;
let browser: Browser;
let page: Page;
let client: pg.Client;
const problems: string[] = [];
beforeAll(async () => {
  if (!hasBrowser) return;
  const seed = `CREATE TABLE people (id int PRIMARY KEY, email text); INSERT INTO people VALUES (1, 'a@corp.io')`;
  server = await startEmbeddedPostgres({ seed, log: () => {} });
  browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  folder = mkdtempSync(join(tmpdir(), "hpl-page-"));
  writeFileSync(join(folder, "policy.hpl"), policy);
  const { host, port, user, password, database } = server.target;
  const url = `postgres://${user}:${encodeURIComponent(password)}@${host}:${port}/${database}`;
  const person = (id: string, ...groups: readonly string[]) => ({
    user: id,
    password: `${id}-pw`,
    principal: { id, kind: "human" as const, groups },
  });
  gateway = await startGateway({
    config: {
      policy: "policy.hpl",
      state: "state",
      connections: [{ name: "shop", kind: "postgres", env: "prod", listen: "127.0.0.1:0", upstream: { url } }],
      identity: { static: [person("fay", "engineers"), person("bob", "dba", "oncall", "security")] },
      approvals: { listen: "127.0.0.1:0", viewers: ["security"] },
      recording: { rows: 5 },
    },
    folder,
    compile: compileForGateway,
    log: () => {},
  });
});
afterAll(async () => {
  await browser?.close();
  await gateway?.close();
  await server?.stop();
  if (hasBrowser) rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  if (!hasBrowser) return;
  problems.length = 0;
  page = await browser.newPage({ viewport: { width: 1200, height: 900 } });
  page.on("console", (message) => void (message.type() === "error" && problems.push(message.text())));
  page.on("pageerror", (error) => problems.push(String(error)));
  const port = gateway.listeners[0]?.port ?? 0;
  client = new pg.Client({ host: "127.0.0.1", port, user: "fay", password: "fay-pw", database: "shop" });
  client.on("error", () => {});
  await client.connect();
});
afterEach(async () => {
  await page?.close();
  await client?.end();
});

async function logIn(): Promise<void> {
  await page.goto(`${gateway.approvalsUrl}/`);
  await page.getByLabel("User").fill("bob");
  await page.getByLabel(/^Password/).fill("bob-pw");
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByRole("navigation").waitFor();
}
async function shoot(name: string): Promise<void> {
  if (shots === undefined) return;
  mkdirSync(shots, { recursive: true });
  await page.screenshot({ path: join(shots, `${name}.png`) });
}

test.skipIf(!hasBrowser)("log in by keyboard, read what is asked, approve it with a reason; it runs", async () => {
  const hostile = "UPDATE people SET email = '<img src=x onerror=alert(1)>\u202e' WHERE id = 1 -- fix";
  const held = client.query(hostile);
  await page.goto(`${gateway.approvalsUrl}/`);
  await page.keyboard.type("bob");
  await page.keyboard.press("Tab");
  await page.keyboard.type("bob-pw");
  await page.keyboard.press("Enter");
  const card = page.getByRole("article", { name: "fay on shop" });
  await card.waitFor();
  expect(await card.getByLabel("Statement").textContent()).toBe(hostile.replace("\u202e", "\\u{202e}"));
  expect(await page.locator("img").count()).toBe(0);
  expect(await card.textContent()).toMatch(/shop\/change \(.*policy\.hpl:10\).*update: .*of public\.people.*1 of dba/s);
  await shoot("waiting-light");
  await page.emulateMedia({ colorScheme: "dark" });
  await shoot("waiting-dark");
  await card.getByRole("button", { name: "Approve" }).click(); // Without a reason nothing happens.
  expect(await card.count()).toBe(1);
  await card.getByLabel(/^Reason/).fill("ticket 7, checked");
  await card.getByRole("button", { name: "Approve" }).click();
  expect((await held).rowCount).toBe(1);
  await page.getByText("The request of fay is approved.").waitFor();
  await page.getByText("Nothing waits.").waitFor();
  expect(problems).toEqual([]);
});

test.skipIf(!hasBrowser)("every view says what it is about, and a recording plays", async () => {
  await client.query("SELECT id, email FROM people");
  await client.query("DROP TABLE people").catch(() => {});
  await logIn();
  for (const [link, heading, words] of [
    ["Decisions", "Recent decisions", "shop/read"],
    ["Sessions", "Live sessions", "fay"],
    ["Grants", "Grants", "Incident number"],
    ["Policy", "Policy in force", "Digest"],
    ["Recordings", "Recordings", "Replay"],
  ] as const) {
    await page.getByRole("link", { name: link, exact: true }).click();
    await page.getByRole("heading", { name: heading, exact: true }).waitFor();
    await page.getByText(words).first().waitFor();
    await shoot(heading.toLowerCase().replaceAll(" ", "-"));
  }
  await new Promise((resolve) => setTimeout(resolve, 400));
  await page.getByRole("link", { name: "Replay fay on shop" }).first().click();
  const screen = page.getByRole("log", { name: "Recording" });
  await screen.getByText("SELECT id, email FROM people").waitFor();
  await page.getByLabel("Position").fill("0");
  expect(await screen.textContent()).toBe("");
  await page.getByLabel("Search").fill("DROP TABLE");
  await page.getByRole("button", { name: "Next" }).click();
  expect(await screen.textContent()).toContain("shop> DROP TABLE people");
  await shoot("replay");
  await page.getByRole("button", { name: "Log out" }).click();
  await page.getByLabel("User").waitFor();
  expect(problems.filter((text) => !text.includes("401"))).toEqual([]);
});
