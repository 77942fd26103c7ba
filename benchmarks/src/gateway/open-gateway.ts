import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { RunSize } from "../bench.js";
import type { Endpoint } from "./database.js";
import type { Said } from "./gateway-process.js";
import { clientLogin, processCpu_us, startMeasuredGateway, writeGatewayFolder } from "./measured-gateway.js";

/** A running gateway, as the benchmark sees it. */
export interface GatewayUnderLoad {
  readonly endpoint: Endpoint;
  /** CPU time of its process so far, user and system, in microseconds. */
  cpu_us(): Promise<number>;
  stop(): Promise<void>;
}

/** Starts a gateway in front of `upstream`: in a process of its own, or in this one for the tiny size. */
export async function openGateway(size: RunSize, upstream: Endpoint): Promise<GatewayUnderLoad> {
  const { folder, remove } = writeGatewayFolder(upstream);
  const { port, cpu_us, stop } = await (size === "full" ? startProcess(folder) : startHere(folder));
  return {
    endpoint: { host: "127.0.0.1", port, database: upstream.database, ...clientLogin },
    cpu_us,
    stop: async () => {
      await stop();
      remove();
    },
  };
}

interface Running {
  readonly port: number;
  cpu_us(): Promise<number>;
  stop(): Promise<void>;
}

async function startHere(folder: string): Promise<Running> {
  const config = JSON.parse(readFileSync(join(folder, "gateway.json"), "utf8"));
  const { port, close } = await startMeasuredGateway(folder, config);
  return { port, cpu_us: async () => processCpu_us(), stop: close };
}

async function startProcess(folder: string): Promise<Running> {
  const child = fork(fileURLToPath(new URL("gateway-process.js", import.meta.url)), [folder]);
  const first = await hear(child);
  if (first.kind !== "listening") throw new Error("the gateway did not say where it listens");
  return {
    port: first.port,
    cpu_us: async () => {
      const heard = hear(child);
      child.send("usage");
      const said = await heard;
      return said.kind === "usage" ? said.cpu_us : Number.NaN;
    },
    stop: async () => {
      const ended = once(child, "exit");
      child.disconnect();
      await ended;
    },
  };
}

/** The next thing the process says; rejects when it ends instead. */
const hear = (child: ChildProcess): Promise<Said> =>
  new Promise((resolve, reject) => {
    const onExit = (code: number | null): void => reject(new Error(`the gateway ended with ${code}`));
    child.once("exit", onExit);
    child.once("message", (said) => {
      child.off("exit", onExit);
      resolve(said as Said);
    });
  });
