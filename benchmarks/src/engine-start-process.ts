// A process of its own for each start: `node --expose-gc engine-start-process.js ENGINE ARTEFACT SORT RULES` prints JSON.
import { startEngine } from "./engine-start.js";

const [, , engine, path, sort, rules] = process.argv;
if (engine === undefined || path === undefined || rules === undefined)
  throw new Error("which engine, artefact and rules?");
const started = await startEngine(engine, path, sort === "plain" ? "plain" : "realistic", Number(rules));
process.stdout.write(JSON.stringify(started));
