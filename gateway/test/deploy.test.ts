/** What is deployed, looked at without an engine: the configuration and policy load, and nothing asks for more than it needs. */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { compileForGateway } from "@hpl/cli";
import { expect, test } from "vitest";
import { checkConfig } from "../src/config/load-config.js";

const at = (name: string): string => new URL(`../../deploy/${name}`, import.meta.url).pathname;
const text = (name: string): string => readFileSync(at(name), "utf8");

test("the configuration and the policy are good", () => {
  expect(checkConfig(text("gateway.json"), at("."))).toMatchObject({ ok: true });
  expect(compileForGateway(at("policy"))).toMatchObject({ ok: true });
});

test("the image runs as an ordinary user, from files that exist, and installs without scripts", () => {
  const lines = text("Dockerfile").replaceAll("\\\n", " ").split("\n");
  const sources = lines.flatMap((line) => /^COPY (?!--from)(.+) \S+$/.exec(line)?.[1]?.split(" ") ?? []);
  expect(sources.length).toBeGreaterThan(8);
  expect(sources.filter((path) => !existsSync(new URL(`../../${path}`, import.meta.url)))).toEqual([]);
  expect(lines.findLast((line) => line.startsWith("USER "))).toBe("USER nonroot");
  expect(lines.filter((line) => /^FROM /.test(line) && !/:[\w.-]+/.test(line))).toEqual([]);
  for (const install of text("Dockerfile").matchAll(/npm (ci|install|prune)[^\n]*/g))
    expect(install[0]).toContain("--ignore-scripts");
});

test("the environment that the configuration reads is what Compose gives", () => {
  const names = [...text("gateway.json").matchAll(/"env": "([A-Z_]+)"/g)].map(([, name]) => name);
  expect(names.length).toBe(3);
  for (const name of names) expect(text("compose.yaml")).toMatch(new RegExp(`^      ${name}: `, "m"));
});

test("Compose: only the gateway reaches the database, and it writes nothing but its state", () => {
  const [, gateway = ""] = /^ {2}gateway:\n((?: {4}.*\n)+)/m.exec(text("compose.yaml")) ?? [];
  for (const line of [
    "read_only: true",
    "cap_drop: [ALL]",
    '"no-new-privileges:true"',
    "networks: [clients, database]",
  ])
    expect(gateway).toContain(line);
  const [, psql = ""] = /^ {2}psql:\n((?: {4}.*\n)+)/m.exec(text("compose.yaml")) ?? [];
  expect(psql).toContain("networks: [clients]");
  expect(text("compose.yaml")).toMatch(/ {2}database:\n {4}internal: true/);
});

test("systemd takes the unit", () => {
  try {
    execFileSync("systemd-analyze", ["--version"], { stdio: "ignore" });
  } catch {
    return void process.stderr.write("not run here: systemd-analyze\n");
  }
  // Where Node or the program is not installed, that is all there is to say.
  const { stderr } = spawnSync("systemd-analyze", ["verify", "--man=no", at("hpl-gateway.service")], {
    encoding: "utf8",
  });
  expect(stderr.split("\n").filter((line) => line !== "" && !line.includes("is not executable"))).toEqual([]);
});
