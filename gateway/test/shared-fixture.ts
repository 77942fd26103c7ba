/** Several gateways' approvals in processes of their own on one PostgreSQL, for the tests that race and interrupt them. */
import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";
import type { Approval } from "../src/approvals/approval.js";
import { aBinding } from "./approval-fixture.js";
import { type GatewayProcess, startProcess } from "./gateway-process.js";
import { type RestartablePostgres, startRestartable } from "./restartable-postgres.js";

export type { GatewayProcess } from "./gateway-process.js";

export const isLong = process.env.LONG !== undefined;

let server: RestartablePostgres | null = null;
let gateways: GatewayProcess[] = [];

/** Starts the server once a file, and ends the gateways after each test. Tests run where the server's binaries run. */
export function useSharedServer(): void {
  useServer();
  afterEach(endGateways);
}

/** Starts the server and gateways that all tests of a file use; gives the gateways. */
export function useSharedGateways(...names: readonly string[]): () => readonly GatewayProcess[] {
  useServer();
  beforeAll(() => {
    if (server !== null) for (const name of names) start(name);
  });
  afterAll(endGateways);
  return () => gateways;
}

function useServer(): void {
  beforeAll(async () => {
    server = await startRestartable();
  }, 60_000);
  afterAll(() => server?.remove());
  beforeEach((context) => {
    if (server === null) context.skip();
  });
}

async function endGateways(): Promise<void> {
  await Promise.all(gateways.map((each) => each.end()));
  gateways = [];
}

export function theServer(): RestartablePostgres {
  if (server === null) throw new Error("there is no server");
  return server;
}

export function start(name: string): GatewayProcess {
  const own = startProcess(theServer().url, name);
  gateways.push(own);
  return own;
}

export const person = (user: string) => ({ user, names: [], kind: "human", groups: ["dba"] });
export const requestOf = (more: object = {}) => ({
  binding: { ...aBinding, statement_sha256: randomUUID().replaceAll("-", "").repeat(2) },
  statement: "UPDATE orders SET paid = true",
  facts: [],
  places: [],
  message: "ask",
  needs: [{ group: "dba", count: 1 }],
  within_s: 60,
  ...more,
});

export async function eventually<T>(look: () => Promise<T>, isWanted: (value: T) => boolean): Promise<T> {
  for (let i = 0; ; i += 1) {
    const value = await look();
    if (isWanted(value)) return value;
    if (i === 400) throw new Error(`it never happened: ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

export const stateAt = async (gateway: GatewayProcess, id: string): Promise<string | undefined> =>
  (await gateway.call("list")).find((each: Approval) => each.id === id)?.state;

export async function ask(gateway: GatewayProcess, more: object = {}): Promise<Approval> {
  const step = await gateway.call("request", requestOf(more));
  expect(step).toMatchObject({ ok: true });
  return step.approval;
}

/** All gateways see the approval in this state. */
export const agree = (id: string, state: string): Promise<unknown> =>
  Promise.all(
    gateways.map((each) =>
      eventually(
        () => stateAt(each, id),
        (seen) => seen === state,
      ),
    ),
  );

export const eventsOf = (id: string): readonly string[] =>
  gateways.flatMap(({ events }) => events.flatMap(([kind, of]) => (of === id ? [kind] : []))).toSorted();

/** Ends a gateway as a crash of its machine would. */
export function killGateway(gateway: GatewayProcess): void {
  gateway.kill("SIGKILL");
  gateways = gateways.filter((each) => each !== gateway);
}

/** What a person does, as a call. */
export type Act = readonly [method: string, ...args: readonly unknown[]];
export const approve = (user: string, id: string): Act => ["decide", id, person(user), "approve", "yes"];
export const reject = (user: string, id: string): Act => ["decide", id, person(user), "reject", "no"];
