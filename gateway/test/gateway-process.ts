/** The approvals of several gateways, each in a process of its own, on one database. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

import { parseUpstreamUrl } from "../src/upstream/upstream-url.js";

const registryModule = new URL("../dist/approvals/shared/index.js", import.meta.url).href;

/** Lines in: `[n, method, ...arguments]`. Lines out: `["answer", n, result]`, and `["event", kind, id]` for the audit log's. */
const script = (url: string, gateway: string): string => `
  import { createInterface } from "node:readline";
  import { openDatabase, openSharedApprovals } from ${JSON.stringify(registryModule)};
  const say = (...line) => process.stdout.write(JSON.stringify(line) + "\\n");
  const log = (line) => say("log", line);
  const database = openDatabase({ target: ${JSON.stringify(parseUpstreamUrl(url))}, log });
  const registry = openSharedApprovals({
    database, gateway: ${JSON.stringify(gateway)}, now: () => new Date(), onChange: () => {},
    audit: { append: ({ kind, detail }) => (say("event", kind, detail.approval), 0) },
    log,
  });
  createInterface({ input: process.stdin }).on("line", async (line) => {
    const [n, method, ...args] = JSON.parse(line);
    try { say("answer", n, (await registry[method](...args)) ?? null); } catch (error) { say("answer", n, { error: String(error) }); }
  }).on("close", () => process.exit(0));`;

// biome-ignore lint/suspicious/noExplicitAny: what a method of the registry gives.
type Result = any;

export interface GatewayProcess {
  readonly events: (readonly [kind: string, id: string])[];
  readonly lines: string[];
  call(method: string, ...args: readonly unknown[]): Promise<Result>;
  kill(signal: NodeJS.Signals): void;
  end(): Promise<void>;
}

export function startProcess(url: string, gateway: string): GatewayProcess {
  const child = spawn(process.execPath, ["--input-type=module", "-e", script(url, gateway)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const [events, lines]: [(readonly [string, string])[], string[]] = [[], []];
  const waiting = new Map<number, (result: Result) => void>();
  let calls = 0;
  createInterface({ input: child.stdout }).on("line", (text) => {
    const [what, first, second] = JSON.parse(text);
    if (what === "event") events.push([first, second]);
    else if (what === "log") lines.push(first);
    else waiting.get(first)?.(second);
  });
  return {
    events,
    lines,
    call: (method, ...args) => {
      calls += 1;
      const own = calls;
      child.stdin.write(`${JSON.stringify([own, method, ...args])}\n`);
      return new Promise((resolve) => waiting.set(own, resolve));
    },
    kill: (signal) => void child.kill(signal),
    end: async () => {
      child.stdin.end();
      child.kill("SIGKILL");
      await ended;
    },
  };
}
