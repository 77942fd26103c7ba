import { readdirSync, readFileSync } from "node:fs";
import { compile } from "@hpl/compiler";
import { type Decision, type FrontEnds, judge, loadPolicy, type Policy } from "@hpl/runtime";
import { shellFrontEnd } from "@hpl/runtime/shell";
import { bigqueryFrontEnd, loadPostgres, mysqlFrontEnd, postgresFrontEnd } from "@hpl/runtime/sql";
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";

// Whole lines through the whole way: text, facts, the compiled policy, a verdict. `dangerous` and `attacks` are what must not
// run unasked, `harmless` what must not be in anybody's way.

interface Line {
  readonly line: string;
  readonly expect?: "allow" | "approve" | "block";
}

const here = new URL(".", import.meta.url);
const linesOf = (name: string): readonly Line[] =>
  JSON.parse(readFileSync(new URL(`lines/${name}.json`, here), "utf8"));

function libraries() {
  const root = new URL("../../stdlib/", here);
  const folders = readdirSync(root, { withFileTypes: true }).filter(
    (each) => each.isDirectory() && each.name !== "test",
  );
  return folders.flatMap(({ name }) =>
    readdirSync(new URL(`${name}/`, root))
      .filter((file) => file.endsWith(".hpl"))
      .map((file) => ({ path: `std/${name}/${file}`, text: readFileSync(new URL(`${name}/${file}`, root), "utf8") })),
  );
}

const strictness = { allow: 0, approve: 1, block: 2 } as const;
const context = {
  principal: { id: "svc-coder", issuer: "static", kind: "agent", groups: [], mfa: false },
  connection: { name: "laptop", kind: "host", env: "dev" },
  session: {
    id: "1",
    ip: "127.0.0.1",
    client: "x",
    origin: "cli",
    in_transaction: false,
    sandboxed: false,
    grants: [],
    counters: {},
  },
  now: 0,
} as const;
const machine = {
  cwd: "/workspace",
  env: { HOME: "/home/dev" },
  git: { branch: "feat", remotes: ["origin"] },
  kube: { context: "dev", namespace: "default" },
};

let policy: Policy;
/** The same without `on unknown`: what is not known is restricted as if it were. */
let unforgiving: Policy;
const frontEnds: FrontEnds = {
  postgres: postgresFrontEnd,
  mysql: mysqlFrontEnd,
  bigquery: bigqueryFrontEnd,
  shell: shellFrontEnd,
};

function load(change: (text: string) => string): Policy {
  const sources = ["commands.hpl", "effects.hpl"].map((path) => ({
    path,
    text: change(readFileSync(new URL(path, here), "utf8")),
  }));
  const { module } = compile({ sources, libraries: libraries() });
  const loaded = module === null ? null : loadPolicy(module);
  if (!loaded?.ok) throw new Error("the example does not compile");
  return loaded.policy;
}

beforeAll(async () => {
  await loadPostgres();
  policy = load((text) => text);
  unforgiving = load((text) => text.replaceAll(/^ *on unknown .*\n/gm, ""));
});

const decide = (text: string, by: Policy = policy): Decision =>
  judge(by, frontEnds, { id: null, context, subject: { kind: "shell", shell: { text, ...machine } } }).decision;

test.each(["dangerous", "attacks", "harmless"])("every line of `%s` gets its verdict", (name) => {
  const wrong = linesOf(name).flatMap(({ line, expect: expected = "allow" }) => {
    const { verdict, rules, reasons } = decide(line);
    return verdict === expected ? [] : [{ line, expected, verdict, rules: rules.map(({ id }) => id), reasons }];
  });
  expect(wrong).toEqual([]);
});

test("no line of `asked` runs unasked", () => {
  const lines: readonly string[] = JSON.parse(readFileSync(new URL("lines/asked.json", here), "utf8"));
  expect(lines.filter((line) => decide(line).verdict === "allow")).toEqual([]);
  expect(lines.length).toBeGreaterThan(200);
});

test("whatever asks says whom", () => {
  const silent = ["dangerous", "attacks"].flatMap(linesOf).flatMap(({ line }) => {
    const { verdict, obligations } = decide(line);
    const asked = obligations.filter(({ type }) => type === "approval");
    return verdict === "approve" && asked.length === 0 ? [line] : [];
  });
  expect(silent).toEqual([]);
});

test("there are enough lines of both sorts", () => {
  expect(linesOf("dangerous").length).toBe(184);
  expect(linesOf("attacks").length).toBeGreaterThan(500);
  expect(linesOf("harmless").length).toBeGreaterThan(200);
});

// Ways to write a line so that the shell does the same. Each is a text to a text; null where it does not apply.

const simple = (line: string): boolean =>
  /^[\w./:=+@%^,~ -]+$/.test(line) && !/(?:^| )\w+=/.test(line) && !/~|^(?:coproc|time|!)/.test(line);
const words = (line: string): readonly string[] => line.split(/ +/);

const spellings: Readonly<Record<string, (line: string) => string | null>> = {
  "a subshell": (line) => `(${line}\n)`,
  "a group": (line) => `{ ${line}\n}`,
  "after something harmless": (line) => `true; ${line}`,
  "when something holds": (line) => `if true; then ${line}\nfi`,
  "in the background": (line) => (/[\n;&#]/.test(line) ? null : `${line} &`),
  "in a function": (line) => (/\breturn\b|\$@|\$\d/.test(line) ? null : `f() { ${line}\n}; f`),
  "by eval": (line) => (/[\n'\\]/.test(line) ? null : `eval '${line}'`),
  "quoted words": (line) =>
    simple(line)
      ? words(line)
          .map((word) => `"${word}"`)
          .join(" ")
      : null,
  "escaped letters": (line) =>
    simple(line)
      ? words(line)
          .map((word) => word.replace(/^[a-z]/, "\\$&"))
          .join(" ")
      : null,
  "ANSI quotes": (line) =>
    simple(line)
      ? words(line)
          .map((word) => `$'${[...word].map((c) => `\\x${(c.codePointAt(0) ?? 0).toString(16)}`).join("")}'`)
          .join(" ")
      : null,
  "continued lines": (line) => (simple(line) ? line.replaceAll(" ", " \\\n").replace(/^(.)/, "$1\\\n") : null),
  braces: (line) =>
    simple(line) && words(line).length > 1 && !line.includes(",") && !line.includes("..")
      ? `{${words(line).join(",")}}`
      : null,
  "through env": (line) => (simple(line) && isProgram(line) ? `env ${line}` : null),
  "through nested wrappers": (line) =>
    simple(line) && isProgram(line) ? `nohup nice -n 5 timeout -k 1 5 ${line}` : null,
  "through a shell": (line) => (simple(line) && isProgram(line) ? `bash -c '${line}'` : null),
  "from standard input": (line) => (simple(line) && isProgram(line) ? `sh <<< '${line}'` : null),
  "from a variable": (line) => (simple(line) && !line.includes("=") ? `v='${line}'; $v` : null),
};

/** What is no builtin of the shell, and does not depend on being one of its functions or on its input. */
const isProgram = (line: string): boolean =>
  !/^(?:cd|set|export|declare|eval|source|\.|alias|trap|exec|command|builtin|read|pushd|time|env|history|x=|c=|d=|r=|b=|n=|!)\b/.test(
    line,
  ) && !/^(?:\.|!|:|\[)/.test(line);

test.each(Object.keys(spellings))("%s never gives a weaker verdict", (name) => {
  const respell = spellings[name] ?? (() => null);
  const weaker = [...linesOf("dangerous"), ...linesOf("attacks")].flatMap(({ line }) => {
    const other = respell(line);
    if (other === null) return [];
    const [before, after] = [decide(line).verdict, decide(other).verdict];
    return strictness[after] < strictness[before] ? [{ line, other, before, after }] : [];
  });
  expect(weaker).toEqual([]);
});

test("splitting, joining and moving flags changes nothing", () => {
  const groups = [
    [
      "rm -rf /srv",
      "rm -r -f /srv",
      "rm -fr /srv",
      "rm /srv -rf",
      "rm --recursive --force /srv",
      "rm --rec --for -- /srv",
      "rm -f /srv -r",
    ],
    [
      "kubectl -n prod delete pod x",
      "kubectl delete -n prod pod x",
      "kubectl delete pod x -n=prod",
      "kubectl delete pod x --namespace prod",
      "kubectl delete pod/x -nprod",
    ],
    [
      "git push -f origin feat",
      "git push origin -f feat",
      "git push origin feat --force",
      "git push -qf origin feat",
      "git push origin +feat",
    ],
    [
      "psql -c 'drop table u'",
      "psql -c'drop table u'",
      "psql --command='drop table u'",
      "psql -Atc 'drop table u'",
      "psql --comm 'drop table u' -d x",
    ],
    [
      "curl -X DELETE https://x.y/a",
      "curl -XDELETE https://x.y/a",
      "curl https://x.y/a --request=DELETE",
      "curl -sXDELETE https://x.y/a",
    ],
  ];
  for (const [first = "", ...others] of groups)
    for (const other of others) expect([other, decide(other).verdict]).toEqual([other, decide(first).verdict]);
});

test("whatever a hole is filled with, the verdict is not stricter than with the hole", () => {
  const holed = [
    "rm -rf $X",
    "rm -rf build/$X",
    "cat $X",
    'cat "$X/README.md"',
    "cp $X $Y",
    "chmod 777 $X",
    "mv $X /tmp/y",
    "ls | xargs rm -rf",
    "sh -c $X",
    "$X -rf y",
    "git push origin $X",
    'git push origin "feat-$X"',
    "git reset $X",
    "git checkout $X",
    "kubectl get $X",
    "kubectl delete pod x -n $X",
    "kubectl $X pod x",
    "curl $X",
    'curl "https://x.y/$X"',
    "curl -X $X https://x.y",
    "psql -c $X",
    'psql -c "select $X"',
    "terraform $X",
    "aws s3 $X",
    "echo $X | sh",
    "echo $X > $Y",
    "cd $X && rm -rf y",
    "find $X -delete",
    "tar $X a.tgz",
    "sudo $X ls",
    "env $X ls",
    "ssh h $X",
    "docker run -v $X:/x alpine ls",
  ];
  const filling = fc.constantFrom(
    ...[
      "/srv",
      "x",
      "../x",
      ".env",
      "-rf",
      "a b",
      "*",
      "~",
      "",
      "main",
      "+feat",
      ":main",
      "x:main",
      "--force",
      "--hard",
    ],
    ...[
      "secrets",
      "prod",
      "delete",
      "-c rm",
      "destroy",
      "rm s3://b",
      "-u root rm /srv;",
      "rm -rf /srv",
      "drop table u",
      "/:",
    ],
  );
  fc.assert(
    fc.property(fc.constantFrom(...holed), filling, filling, (line, x, y) => {
      const before = strictness[decide(line, unforgiving).verdict];
      const after = strictness[decide(`X='${x}'; Y='${y}'; ${line}`, unforgiving).verdict];
      expect(after).toBeLessThanOrEqual(before);
    }),
    { numRuns: 3_000 },
  );
});
