import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { itemsOf } from "../../src/facts/fact.js";
import { analyseRedis, commandNames, redisFacts } from "../../src/redis/index.js";

const inShort = (line: string): string => {
  const [action] = analyseRedis(line.split(" ")).actions;
  if (action === undefined || action.opaque || action.family !== "redis")
    return `opaque ${action?.opaque && action.reasons}`;
  const { command, effects, keys, changed_keys, all_keys, complete, reasons } = action.facts;
  const list = (facts: typeof keys) => `${itemsOf(facts).join(",")}${"open" in facts ? "+" : ""}`;
  const all = all_keys === true ? " all" : all_keys === false ? "" : " all?";
  return `${command}: ${list(effects)} [${list(keys)}] changes [${list(changed_keys)}]${all}${complete ? "" : ` ?${reasons}`}`;
};

test.each([
  ["GET a", "get: read [a] changes []"],
  ["DEL a b", "del: write,delete [a,b] changes [a,b]"],
  ["mset a 1 b 2", "mset: write [a,b] changes [a,b]"],
  ["COPY a b", "copy: write [a,b] changes [b]"],
  ["ZUNIONSTORE d 2 a b WEIGHTS 1 2", "zunionstore: write [d,a,b] changes [d]"],
  ["XREAD COUNT 1 STREAMS a b 0 0", "xread: read [a,b] changes []"],
  ["GEORADIUS a 0 0 1 m STORE d", "georadius: write [a,d] changes [d]"],
  ["GEORADIUS a 0 0 1 m STORE c STORE d", "georadius: write [a,c,d] changes [c,d]"],
  ["SORT a", "sort: write [a] changes []"],
  ["SORT a BY w_* STORE b", "sort: write [a+] changes [+] ?keys"],
  ["FLUSHALL", "flushall: delete [] changes [] all"],
  ["KEYS *", "keys: read [] changes [] all"],
  ["CONFIG SET dir /etc", "config set: admin [] changes []"],
  ["CONFIG GET *", "config get: read,admin [] changes []"],
  ["ACL SETUSER x", "acl setuser: grant,admin [] changes []"],
  ["MIGRATE h 1 k 0 1", "migrate: write,delete,network [k] changes [k]"],
  ["MIGRATE h 1  0 1 KEYS a b", "migrate: write,delete,network [+] changes [+] ?keys"],
  ["EVAL return 1 k", "eval: exec+ [k+] changes [k+] all? ?script"],
  ["EVAL x 2 a b c", "eval: exec+ [a,b+] changes [a,b+] all? ?script"],
  ["EVAL x 99999999999 a", "eval: exec+ [+] changes [+] all? ?script"],
  ["FCALL_RO f 1 a", "fcall_ro: exec+ [a+] changes [+] all? ?script"],
  ["MODULE LOAD x.so", "module load: admin,exec+ [+] changes [+] all? ?script"],
  ["DEBUG SLEEP 0", "debug: admin,exec,delete+ [+] changes [+] all ?script"],
  ["SHUTDOWN NOSAVE", "shutdown: admin,delete [] changes [] all"],
  ["GET", "get: read [] changes [] ?arity"],
  ["GET a b", "get: read [a] changes [] ?arity"],
  ["JSON.SET a $ 1", "opaque unknown_command:json.set"],
  ["CONFIG", "opaque unknown_command:config"],
  ["CONFIG FROBNICATE", "opaque unknown_command:config frobnicate"],
  ["get\0 a", "opaque unknown_command:get\0"],
])("%s", (line, expected) => {
  expect(inShort(line)).toBe(expected);
});

test("an argument that is not known is a key that is not known; one that may be several opens the list", () => {
  const hole = { "?": "variable:X" };
  expect(redisFacts({ items: ["DEL", hole], open: false })).toMatchObject({ keys: [hole], complete: false });
  expect(redisFacts({ items: ["DEL", "a"], open: true })).toMatchObject({ keys: { open: true }, complete: false });
  expect(redisFacts({ items: ["EVAL", "x", hole, "a"], open: false })).toMatchObject({
    keys: { items: [], open: true },
  });
  expect(redisFacts({ items: [hole, "a"], open: false })).toMatchObject({
    command: hole,
    effects: hole,
    complete: false,
  });
});

// The server itself says which arguments are keys. Where it is not installed, the table stands alone.

const folder = mkdtempSync(join(tmpdir(), "redis-"));
const socket = join(folder, "s");
const isInstalled = ["redis-server", "redis-cli"].every((name) => spawnSync(name, ["--version"]).status === 0);
const server = isInstalled
  ? spawn("redis-server", ["--port", "0", "--unixsocket", socket, "--save", "", "--dir", folder], { stdio: "ignore" })
  : null;

beforeAll(async () => {
  for (let i = 0; server !== null && i < 100; i++) {
    if (spawnSync("redis-cli", ["-s", socket, "ping"], { encoding: "utf8" }).stdout === "PONG\n") return;
    await new Promise((done) => setTimeout(done, 50));
  }
});
afterAll(() => {
  server?.kill();
  rmSync(folder, { recursive: true, force: true });
});

/** What the server says of each command: its keys with their flags, or null when it refuses the arguments. */
function askServer(
  commands: readonly (readonly string[])[],
): readonly (readonly [string, readonly string[]][] | null)[] {
  const quote = (word: string) => `"${word.replaceAll(/["\\]/g, "\\$&")}"`;
  const input = commands.map((words) => `command getkeysandflags ${words.map(quote).join(" ")}\n`).join("");
  const { stdout } = spawnSync("redis-cli", ["-s", socket, "--json"], { input, encoding: "utf8", maxBuffer: 1 << 28 });
  return stdout
    .trim()
    .split("\n")
    .map((line) => (line.startsWith("[") ? JSON.parse(line) : null));
}

const word = fc.constantFrom(
  "a",
  "b",
  "c",
  "1",
  "2",
  "0",
  "STORE",
  "STREAMS",
  "KEYS",
  "BY",
  "COUNT",
  "LIMIT",
  "-1",
  "x",
);
const call = fc
  .tuple(fc.constantFrom(...commandNames()), fc.array(word, { maxLength: 7 }))
  .map(([name, words]) => [...name.split(" "), ...words]);

test.skipIf(!isInstalled)(
  "every key that a server finds in 8,000 commands is among ours, and what it changes too",
  () => {
    const calls = fc.sample(call, { numRuns: 8_000, seed: 3 });
    const answers = askServer(calls);
    expect(answers.length).toBe(calls.length);
    let keys_count = 0;
    const wrong = calls.flatMap((words, i) => {
      const answer = answers[i] ?? null;
      if (answer === null) return [];
      const { keys, changed_keys } = redisFacts({ items: words, open: false });
      const isIn = (list: typeof keys, key: string) => "open" in list || itemsOf(list).includes(key);
      keys_count += answer.length;
      const lost = answer.filter(
        ([key, flags]) => !isIn(keys, key) || (!flags.includes("RO") && !isIn(changed_keys, key)),
      );
      return lost.length === 0 ? [] : [{ words: words.join(" "), lost, keys }];
    });
    expect(wrong.slice(0, 5)).toEqual([]);
    expect(keys_count).toBeGreaterThan(2_000);
  },
);

test.skipIf(!isInstalled)("the table has every command of the server", () => {
  const { stdout } = spawnSync("redis-cli", ["-s", socket, "--json", "command", "list"], { encoding: "utf8" });
  const listed: readonly string[] = JSON.parse(stdout);
  const ours = new Set(commandNames());
  const internal = /^(?:asking|replconf|restore-asking|pfdebug|pfselftest)$/;
  expect(
    listed.map((name) => name.replace("|", " ")).filter((name) => !ours.has(name) && !internal.test(name)),
  ).toEqual([]);
});
