// The gateway in a process of its own, so that its CPU time is its own: `node gateway-process.js FOLDER`. Says where it
// listens, answers each "usage" with the CPU time used so far, and ends when its parent lets go.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { processCpu_us, startMeasuredGateway } from "./measured-gateway.js";

/** What the process says to its parent. CPU time is user and system together. */
export type Said =
  | { readonly kind: "listening"; readonly port: number }
  | { readonly kind: "usage"; readonly cpu_us: number };

const [, , folder] = process.argv;
if (folder === undefined) throw new Error("which folder?");
const gateway = await startMeasuredGateway(folder, JSON.parse(readFileSync(join(folder, "gateway.json"), "utf8")));
const say = (said: Said): void => void process.send?.(said);

process.on("message", () => say({ kind: "usage", cpu_us: processCpu_us() }));
process.once("disconnect", () => void gateway.close().then(() => process.exit(0)));
say({ kind: "listening", port: gateway.port });
