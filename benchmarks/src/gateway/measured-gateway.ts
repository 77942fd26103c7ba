import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type GatewayConfig, startGateway } from "@hpl/gateway";
import { mustCompile } from "../must-compile.js";
import type { Endpoint } from "./database.js";

/** What the gateway decides with: every row allowed, one column masked. */
const policyText = `
policy bench.people governs sql for connection.env == prod
default block
group engineers
label pii.email on column "public.people.email"
allow "read" when statement.effects only {read} and principal in engineers
block "no-schema-changes" hard when statement.effects has any {create, drop, alter, truncate, grant}
mask "personal-data" pii with redact
`;

/** A folder with everything a gateway in front of `upstream` needs; the one who asked removes it. */
export function writeGatewayFolder(upstream: Endpoint): { readonly folder: string; readonly remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), "hpl-bench-gateway-"));
  writeFileSync(join(folder, "policy.wasm"), mustCompile(policyText));
  writeFileSync(join(folder, "gateway.json"), JSON.stringify(configFor(upstream)));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** The login of the gateway's only client. */
export const clientLogin = { user: "bench", password: "bench-password" } as const;

const configFor = ({ host, port, user, password, database }: Endpoint): GatewayConfig => ({
  policy: "policy.wasm",
  state: "state",
  connections: [
    {
      name: "people",
      kind: "postgres",
      env: "prod",
      listen: "127.0.0.1:0",
      upstream: { url: `postgres://${user}:${password}@${host}:${port}/${database}?sslmode=disable` },
    },
  ],
  identity: { static: [{ ...clientLogin, principal: { id: "svc-coder", kind: "agent", groups: ["engineers"] } }] },
});

/** Runs the gateway of such a folder in this process. */
export async function startMeasuredGateway(folder: string, config: GatewayConfig) {
  const gateway = await startGateway({
    config,
    folder,
    compile: () => ({ ok: false, findings: "the module is compiled already", data_paths: [] }),
    log: () => {},
  });
  const [listener] = gateway.listeners;
  if (listener === undefined) throw new Error("the gateway listens nowhere");
  return { port: listener.port, close: () => gateway.close() };
}

/** CPU time of this process so far, user and system, all threads, in microseconds. */
export function processCpu_us(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}
