import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { specFiles, type ToolSource } from "../../src/shell/spec.js";

// Whether a flag takes a value decides which word is the operand behind it. The installed tools are asked themselves, in an
// empty folder, by command lines that a tool refuses before it does anything: a flag that takes a value, without one; and a
// switch that is given one.

const tools: readonly string[] = [
  ...[
    "rm",
    "cp",
    "mv",
    "ln",
    "ls",
    "cat",
    "head",
    "tail",
    "sort",
    "cut",
    "uniq",
    "wc",
    "tee",
    "split",
    "touch",
    "mkdir",
  ],
  ...["rmdir", "chmod", "chown", "truncate", "du", "df", "stat", "readlink", "realpath", "date", "base64", "shred"],
  ...[
    "env",
    "timeout",
    "nice",
    "nohup",
    "stdbuf",
    "setsid",
    "ionice",
    "taskset",
    "flock",
    "xargs",
    "tar",
    "grep",
    "sed",
  ],
  ...["curl", "wget", "rsync", "git", "kubectl", "docker", "gzip", "diff", "jq", "unshare", "nsenter", "chroot"],
];

/** Ways a tool says it, by any of the libraries that tools read their flags with. */
const sayings = {
  needs_value:
    /requires? (?:an? )?(?:argument|parameter|value)|requires parameter|flag needs an argument|missing argument|requires a value|option requires|expected numerical value|no argument given|takes? (?:one|a) parameter|no (?:directory|config key) given|expects a (?:configuration string|numerical value)|no [a-z ]+ given for|bad config|argument expected/i,
  takes_none:
    /doesn't allow an argument|takes no (?:value|argument)|unexpected argument|does not take|invalid boolean value|invalid argument "\S*" for|got an unexpected parameter|is a flag/i,
  unknown:
    /unrecogni[sz]ed option|unknown (?:option|flag|shorthand|switch)|invalid option|is unknown|is not a git command|Unknown (?:option|argument)|is ambiguous|unknown command/i,
} as const;

type Saying = keyof typeof sayings | "nothing";

const folder = mkdtempSync(join(tmpdir(), "tools-"));
// Git reads no flags outside a repository.
spawnSync("git", ["init", "-q", folder]);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function ask(words: readonly string[]): Saying {
  const [program = "", ...args] = words;
  const env = {
    PATH: process.env.PATH ?? "",
    HOME: folder,
    LC_ALL: "C",
    KUBECONFIG: "/dev/null",
    GIT_CONFIG_SYSTEM: "/dev/null",
  };
  const { stdout, stderr } = spawnSync(program, args, {
    cwd: folder,
    env,
    input: "",
    encoding: "utf8",
    timeout: 5_000,
  });
  const said = `${stderr}${stdout}`;
  const found = (Object.keys(sayings) as (keyof typeof sayings)[]).find((name) => sayings[name].test(said));
  return found ?? "nothing";
}

interface Flag {
  readonly words: readonly string[];
  readonly names: string;
  readonly role: string;
}

/** Every flag of a spec, with the words in front of it. */
function flagsOf(words: readonly string[], source: ToolSource): readonly Flag[] {
  const own = Object.entries(source.flags ?? {}).map(([names, meaning]) => {
    const role = meaning.split(" ").find((word) => word !== "" && !word.startsWith("!")) ?? "";
    return { words, names, role };
  });
  const inner = Object.entries(source.subcommands ?? {}).flatMap(([names, sub]) =>
    names.split(" ").flatMap((name) => flagsOf([...words, name], sub)),
  );
  return [...own, ...inner];
}

const sources = new Map(
  Object.values(specFiles).flatMap((file) =>
    Object.entries(file as Record<string, ToolSource>).flatMap(([names, source]) =>
      names.split(" ").map((name) => [name, source] as const),
    ),
  ),
);

/** What a tool says of a flag that does not fit our description of it; null when it fits, or the tool does not know it. */
function contradiction({ words, names, role }: Flag): string | null {
  for (const name of names.split(" ")) {
    const isLong = name.startsWith("--");
    const takesValue = role !== "" && !role.endsWith("?");
    if (takesValue) {
      const said = ask([...words, name]);
      if (said === "nothing" || said === "takes_none") return `${words.join(" ")} ${name}: takes a value, and ${said}`;
    } else if (isLong && role === "") {
      const said = ask([...words, `${name}=x`]);
      if (said === "nothing" || said === "needs_value") return `${words.join(" ")} ${name}: is a switch, and ${said}`;
    }
  }
  return null;
}

const isInstalled = (name: string): boolean => spawnSync("sh", ["-c", `command -v ${name}`]).status === 0;

/** What a tool says that is no contradiction, and why. */
const excused: readonly RegExp[] = [
  // wget takes a value for every switch, and does not mind which.
  /^wget \S+: is a switch, and nothing$/,
  // Without a word behind it, the newest commit; with one, that.
  /^git tag --points-at: takes a value, and nothing$/,
  // Readers of history share one description: none of them has files for operands that such a flag could hide.
  /^git (?:log|show|ls-files|rev-parse|rev-list|whatchanged|var|diff\S*) (?:-[nSLG]|--\S+): /,
  // What is printed is the usage, for want of other words.
  /^git (?:http-push|reflog|submodule|update-index|check-ignore|shortlog|revert) /,
  /^jq (?:-f|--arg|--argjson|--slurpfile|--rawfile): takes a value, and nothing$/,
  /^docker compose /,
];

/** These start slowly: LONG=1 asks them, too. */
const slow: readonly string[] = ["kubectl", "docker", "rsync"];

const isAsked = (name: string): boolean => isInstalled(name) && (!slow.includes(name) || Boolean(process.env.LONG));

test.each(tools)("there is a spec of %s", (name) => {
  expect(sources.get(name)).toBeDefined();
});

test.for(tools)("%s takes its flags as its spec says", { timeout: 60_000 }, (name, { skip }) => {
  const source = sources.get(name);
  if (source === undefined || !isAsked(name)) return skip(`${name} is not installed, or slow (LONG=1 asks it)`);
  const found = flagsOf([name], source).flatMap((flag) => contradiction(flag) ?? []);
  expect(found.filter((each) => !excused.some((pattern) => pattern.test(each)))).toEqual([]);
});
