// `npm start`: makes the clone ready and plays the quickstart. `npm start -- --once` ends by itself.
import { spawn } from "node:child_process";
import { root, setUp } from "./set-up.mjs";

setUp();
const child = spawn(process.execPath, ["examples/dist/quickstart/session.js", ...process.argv.slice(2)], {
  cwd: root,
  stdio: "inherit",
});
// The child ends the gateway itself; Ctrl-C reaches both.
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
child.on("exit", (code, signal) => process.exit(signal === null ? code : 1));
