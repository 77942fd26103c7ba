import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compile } from "@hpl/compiler";
import type { Connection, Principal, Session } from "@hpl/runtime";
import { afterAll, expect, test } from "vitest";
import { openDecider } from "./decide.js";

const folder = mkdtempSync(join(tmpdir(), "hpl-embedding-"));
afterAll(() => rmSync(folder, { recursive: true }));

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), "utf8");
const principal: Principal = { id: "alice", issuer: "static", kind: "human", groups: ["engineers"], mfa: true };
const connection: Connection = { name: "orders", kind: "postgres", env: "prod" };
const facts: Session = {
  id: "1",
  ip: "127.0.0.1",
  client: "example",
  origin: "native",
  in_transaction: false,
  sandboxed: false,
  grants: [],
  counters: {},
};

test("a gateway of twenty lines decides, and remembers what it decided", async () => {
  const { module } = compile({ sources: [{ path: "policy.hpl", text: read("policy.hpl") }], libraries: [] });
  writeFileSync(join(folder, "policy.wasm"), module ?? new Uint8Array());
  const decide = (await openDecider(join(folder, "policy.wasm")))(principal, connection, facts);
  const first = decide("SELECT id FROM orders");
  expect(first).toMatchObject({ verdict: "allow", message: "allowed by `shop.orders/reads`" });
  expect(decide("SELECT id FROM orders")).toBe(first);
  expect(decide("DELETE FROM orders").verdict).toBe("block");
  expect(decide("SELECT FROM WHERE").verdict).toBe("block");
});

test("the guide shows this very program", () => {
  expect(read("../../docs/guide/embedding.md")).toContain(`\`\`\`ts\n${read("decide.ts")}\`\`\``);
});
