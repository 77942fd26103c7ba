// Generates `runtime/src/redis/commands.json`: the commands of a bare Redis server, where their keys stand, and what they do.
//
// usage: node scripts/generate-redis-commands.mjs [ARGUMENTS OF redis-cli..]
//
// Categories, arity and key positions are the server's own (`COMMAND`). What a command does follows from them, but for those
// named below: the server files EVAL under nothing that says it runs code.
import { spawnSync } from "node:child_process";
import { writeFile } from "node:fs/promises";

const outputFile = new URL("../runtime/src/redis/commands.json", import.meta.url);

/** What the categories do not say, by the beginning of the name; the longest that fits counts. */
const effects = {
  eval: "exec",
  fcall: "exec",
  script: "read",
  "script load": "exec",
  "script flush": "delete admin",
  "script kill": "admin",
  "script debug": "admin",
  function: "read",
  "function load": "exec write",
  "function restore": "exec write",
  "function delete": "delete",
  "function flush": "delete",
  "function kill": "admin",
  module: "admin",
  "module load": "admin exec",
  "module loadex": "admin exec",
  "module list": "read",
  config: "admin",
  "config get": "read admin",
  acl: "read admin",
  "acl setuser": "grant admin",
  "acl deluser": "grant delete admin",
  "acl load": "grant admin",
  "acl save": "admin",
  "acl whoami": "read",
  "acl cat": "read",
  "acl genpass": "read",
  "acl users": "read admin",
  auth: "identity",
  hello: "identity",
  reset: "identity",
  debug: "admin exec delete",
  shutdown: "admin delete",
  flushall: "delete",
  flushdb: "delete",
  swapdb: "write delete",
  migrate: "write delete network",
  replicaof: "admin network delete",
  slaveof: "admin network delete",
  failover: "admin network delete",
  psync: "read admin network",
  sync: "read admin network",
  replconf: "admin network",
  monitor: "read admin",
  cluster: "read",
  "cluster meet": "admin network",
  "cluster replicate": "admin network delete",
  "cluster reset": "admin delete",
  "cluster forget": "admin",
  "cluster failover": "admin",
  "cluster addslots": "admin",
  "cluster delslots": "admin",
  "cluster flushslots": "admin delete",
  "cluster setslot": "admin",
  "cluster bumpepoch": "admin",
  "cluster set-config-epoch": "admin",
  "cluster saveconfig": "admin",
  publish: "write",
  spublish: "write",
  restore: "write",
  "restore-asking": "write",
  save: "admin",
  bgsave: "admin",
  bgrewriteaof: "admin",
  "client kill": "admin",
  "client pause": "admin",
  "client unpause": "admin",
  "client no-evict": "admin",
  "client unblock": "admin",
  "latency reset": "admin",
  "slowlog reset": "admin",
  "memory purge": "admin",
  pfselftest: "admin",
  pfdebug: "write admin",
};

/** Commands about keys that they do not name. */
const everyKey = new Set([
  "flushall",
  "flushdb",
  "keys",
  "scan",
  "randomkey",
  "swapdb",
  "monitor",
  "sync",
  "psync",
  "replicaof",
  "slaveof",
  "save",
  "bgsave",
  "shutdown",
  "debug",
  "cluster replicate",
  "cluster reset",
  "cluster flushslots",
  "cluster getkeysinslot",
]);

/** `R 1`: one key that is read, at argument 1; `W 1..-1/2`: every second one to the last; `R 2#`: as many as argument 2 says;
 * `R STREAMS+1..-1%2`: behind that word, looked for from argument 1, the first half. `D` takes something away. */
function keySpec({ flags, begin_search: begin, find_keys: find }) {
  const isDeleting = flags.includes("delete");
  const access = flags.includes("not_key") ? "N" : isDeleting ? "D" : flags.includes("RO") ? "R" : "W";
  if (begin.type === "unknown" || find.type === "unknown" || flags.includes("incomplete") || begin.spec.startfrom < 0)
    return `${access} ?`;
  const start = begin.type === "index" ? `${begin.spec.index}` : `${begin.spec.keyword}+${begin.spec.startfrom}`;
  if (find.type === "keynum") {
    if (find.spec.keynumidx !== 0 || find.spec.firstkey !== 1 || find.spec.keystep !== 1)
      throw new Error("a form of key that nobody reads");
    return `${access} ${start}#`;
  }
  const { lastkey, keystep, limit } = find.spec;
  if (lastkey === 0) return `${access} ${start}`;
  return `${access} ${start}..${lastkey}${keystep === 1 ? "" : `/${keystep}`}${limit === 0 ? "" : `%${limit}`}`;
}

function effectsOf(name, categories, keys) {
  const prefix = Object.keys(effects).filter(
    (each) => name === each || name.startsWith(`${each} `) || (/^(?:eval|fcall)$/.test(each) && name.startsWith(each)),
  );
  const [own] = prefix.sort((a, b) => b.length - a.length);
  if (own !== undefined) return effects[own];
  const found = [];
  if (categories.includes("write")) found.push("write");
  else found.push("read");
  if (keys.some((key) => key.startsWith("D"))) found.push("delete");
  if (categories.includes("admin")) found.push("admin");
  return found.join(" ");
}

const { stdout, status } = spawnSync("redis-cli", [...process.argv.slice(2), "--json", "command"], {
  encoding: "utf8",
  maxBuffer: 1 << 26,
});
if (status !== 0) throw new Error("no server answers");
const lines = [];
const internal = /^(?:asking|replconf|restore-asking|pfdebug|pfselftest)$/;
function add([written, arity, , , , , marks, , specs, subcommands]) {
  const name = written.replace("|", " ");
  if (internal.test(name)) return;
  const categories = marks.map((mark) => mark.slice(1));
  const keys = specs.map(keySpec).filter((key) => !key.startsWith("N"));
  const isGroup = subcommands.length > 0;
  const entry = {
    arity,
    categories: categories.join(" "),
    effects: effectsOf(name, categories, keys),
    ...(keys.length === 0 ? {} : { keys }),
    ...(everyKey.has(name) ? { all_keys: true } : {}),
    ...(isGroup ? { group: true } : {}),
  };
  lines.push([
    name,
    JSON.stringify(entry)
      .replaceAll(/([:,])(?=["[\d-])/g, "$1 ")
      .replace("{", "{ ")
      .replace(/}$/, " }"),
  ]);
  for (const sub of subcommands) add(sub);
}
for (const command of JSON.parse(stdout)) add(command);
lines.sort(([a], [b]) => (a < b ? -1 : 1));
await writeFile(
  outputFile,
  `{\n${lines.map(([name, entry]) => `  ${JSON.stringify(name)}: ${entry}`).join(",\n")}\n}\n`,
);
