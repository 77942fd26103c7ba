// A process of its own for each cold start: `node cold-start-process.js MODULE` prints a `ColdStart` as JSON.
import { readFileSync } from "node:fs";
import { coldStart } from "./cold-start.js";

const [, , path] = process.argv;
if (path === undefined) throw new Error("which module?");
process.stdout.write(JSON.stringify(coldStart(new Uint8Array(readFileSync(path)))));
