// `npm run bench`: makes the clone ready and runs the benchmarks, or those whose names are given.
import { run, setUp } from "./set-up.mjs";

setUp();
run(process.execPath, ["--expose-gc", "benchmarks/dist/run.js", ...process.argv.slice(2)]);
