import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compile } from "@hpl/compiler";
import { type FrontEnds, judge, loadPolicy, type Policy, readRequest } from "@hpl/runtime";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadFrontEnds } from "../src/front-ends.js";
import { CHOICES_MAX, importCodexRules } from "../src/import/codex-rules.js";
import { importGuardrails } from "../src/import/hoop-guardrails.js";
import type { Import } from "../src/import/imported.js";
import { writePolicy } from "../src/import/write-policy.js";
import { readLibraries } from "../src/policy-files.js";

/** `hpl import` of what Codex and hoop have. Cedar stands beside it, with Cedar's own answers. */
let frontEnds: FrontEnds;
beforeAll(async () => {
  frontEnds = await loadFrontEnds();
});

const libraries = readLibraries();
const policies = new Map<string, Policy>();

/** The policy an import amounts to. Compiled once. */
function policyOf(read: Import): Policy {
  if (!read.ok) throw new Error(read.reason);
  const text = writePolicy(read);
  const known = policies.get(text);
  if (known !== undefined) return known;
  const { module, diagnostics } = compile({ sources: [{ path: "i.hpl", text }], libraries });
  const loaded = module === null ? null : loadPolicy(module);
  if (!loaded?.ok) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
  policies.set(text, loaded.policy);
  return loaded.policy;
}

function decide(policy: Policy, action: object): string {
  const principal = { id: "a", kind: "agent", groups: [] };
  const read = readRequest({ principal, connection: { name: "c", kind: "host", env: "dev" }, action }, null);
  if (!read.ok) throw new Error(read.bad.field);
  return judge(policy, frontEnds, read.request).decision.verdict;
}

const shell = (policy: Policy, text: string): string =>
  decide(policy, { shell: { text, cwd: "/workspace", env: { HOME: "/home/agent" } } });

const rules = `
prefix_rule(pattern = ["git", ["status", "log"]], match = ["git status -s"], not_match = ["git push"])
prefix_rule(pattern = ["git", "push"], decision = "prompt")
prefix_rule(pattern = ["rm", ["-rf", "-fr"]], decision = "forbidden", justification = "Use \\"trash\\".")
prefix_rule(pattern = [["sudo", "doas"]], decision = "forbidden")
prefix_rule(pattern = ["ls"])
prefix_rule(pattern = ["gh", "pr", ["view", "list"]])
prefix_rule(pattern = ["npm", "run", "build"])
prefix_rule(pattern = ["/usr/bin/make"], decision = "forbidden")
`;

test.each([
  ["git status", "allow"],
  ["git log --oneline -n 3", "allow"],
  ["git status && ls -la", "allow"],
  ["git push", "approve"],
  ["git -C . push", "approve"],
  ["rm -rf build", "block"],
  ["rm build -rf", "block"],
  ["sudo ls", "block"],
  ["make all", "block"],
  ["rm build", "approve"],
  ["git -C /x status", "approve"],
  ["git --no-pager log", "approve"],
  ["git -c core.pager=x log", "approve"],
  ["GIT_DIR=/x git status", "approve"],
  ["git status > /etc/passwd", "approve"],
  ["env git status", "approve"],
  ["timeout 3 ls", "approve"],
  ["/tmp/ls", "approve"],
  ["ls $(cat x)", "approve"],
  ["ls $X", "approve"],
  ["ls <<< x", "approve"],
  ["ls; rm x", "approve"],
  ["docker run x ls", "approve"],
  ["time git status", "allow"],
  ["command git status", "allow"],
  ["(git status)", "allow"],
  ["PATH=/tmp; git status", "approve"],
  ["git() { rm x; }; git status", "approve"],
  ["time git push", "approve"],
  ["npm run build", "approve"],
  ["npm run run build", "approve"],
])("Codex: %s -> %s", (line, verdict) => {
  expect([line, shell(policyOf(importCodexRules(rules)), line)]).toEqual([line, verdict]);
});

/** What Codex says of a list of words: the strictest of the rules whose pattern it begins with. */
function codex(patterns: readonly (readonly [readonly string[], string])[], words: readonly string[]): string {
  const order = ["allow", "prompt", "forbidden"];
  const matching = patterns.filter(([pattern]) => pattern.every((word, i) => words[i] === word));
  const strictest = Math.max(-1, ...matching.map(([, decision]) => order.indexOf(decision)));
  return ["approve", "allow", "approve", "block"][strictest + 1] ?? "";
}

const word = fc.constantFrom(
  "git",
  "status",
  "push",
  "-C",
  "-s",
  "-rf",
  "rm",
  "ls",
  "sudo",
  "gh",
  "pr",
  "view",
  "--no-pager",
  "--debug=false",
  "kubectl",
  "env",
  "xargs",
  "bash",
  "cd",
  "get",
  "-n",
  "x",
);

// Words of the shell itself (`time`, `exec`, `command`) are not among them: what they stand in front of is judged, as in a loop.
test("no list of words is judged more weakly than by Codex", () => {
  const rule = fc.tuple(
    fc.array(word, { minLength: 1, maxLength: 3 }),
    fc.constantFrom("allow", "allow", "prompt", "forbidden"),
  );
  const strictness = ["allow", "approve", "block"];
  fc.assert(
    fc.property(
      fc.array(rule, { minLength: 1, maxLength: 4 }),
      fc.array(fc.array(word, { maxLength: 3 }), { minLength: 1, maxLength: 8 }),
      (patterns, tails) => {
        const text = patterns
          .map(([pattern, decision]) => `prefix_rule(pattern = ${JSON.stringify(pattern)}, decision = "${decision}")`)
          .join("\n");
        const read = importCodexRules(text);
        // With a gap the command writes nothing.
        if (read.ok && read.rules.some(({ gaps }) => gaps.length > 0)) return;
        const policy = policyOf(read);
        for (const [i, tail] of tails.entries()) {
          const words = [...(patterns[i % patterns.length]?.[0] ?? []).slice(0, 1 + (i % 3)), ...tail];
          const line = words.join(" ");
          const [theirs, ours] = [codex(patterns, words), shell(policy, line)];
          expect([text, line, theirs, ours, strictness.indexOf(ours) >= strictness.indexOf(theirs)]).toEqual([
            text,
            line,
            theirs,
            ours,
            true,
          ]);
        }
      },
    ),
    { numRuns: process.env.LONG ? 6_000 : 100 },
  );
});

test("a grant of too many choices is left out", () => {
  const read = (count: number) => {
    const slot = JSON.stringify(Array.from({ length: count }, (_, i) => `p${i}`));
    const imported = importCodexRules(`prefix_rule(pattern = [${slot}])`);
    return imported.ok ? imported.rules[0]?.left_out[0] : null;
  };
  expect([read(CHOICES_MAX), read(CHOICES_MAX + 1)]).toEqual([
    expect.not.stringContaining("too many"),
    expect.stringContaining("too many"),
  ]);
});

test.each([
  ["prefix_rule()", "a pattern is"],
  ["prefix_rule(pattern = [])", "a pattern is"],
  ["prefix_rule(pattern = [[]])", "a pattern is"],
  ['prefix_rule(pattern = ["a"], decision = "maybe")', "a decision is"],
  ['prefix_rule(pattern = ["a"], other = "x")', "no argument `other`"],
  ['prefix_rule(pattern = ["a"], match = "a")', "match and not_match"],
  ['my_rule(pattern = ["a"])', "`my_rule` is no rule"],
])("%s is refused", (text, reason) => {
  expect(importCodexRules(`\n${text}`)).toEqual({ ok: false, line: 2, reason: expect.stringContaining(reason) });
});

test.each(["exec", "eval"])("%s leaves no trace in front of what it starts: a gap", (program) => {
  const read = importCodexRules(`prefix_rule(pattern = ["${program}"], decision = "forbidden")`);
  expect(read.ok && read.rules[0]).toMatchObject({ items: [], gaps: [expect.stringContaining(program)] });
});

test("restrictions that cannot be said are gaps, grants are not", () => {
  const read = importCodexRules(
    'network_rule(host = "x.test", protocol = "https", decision = "deny")\nnetwork_rule(host = "y.test", decision = "allow")',
  );
  expect(read.ok && read.rules.map(({ gaps, left_out }) => [gaps.length, left_out.length])).toEqual([
    [1, 0],
    [0, 1],
  ]);
});

const guardrails = JSON.stringify([
  {
    name: "no drops",
    input: {
      rules: [
        { type: "deny_words_list", words: ["DROP TABLE", "truncate", ""], pattern_regex: "" },
        { type: "pattern_match", words: [], pattern_regex: "(?i)\\bDELETE\\s+FROM\\s+(users|orders)\\b" },
      ],
    },
    output: { rules: [] },
  },
  {
    rules: [
      { type: "pattern_match", pattern_regex: "pg_sleep" },
      { type: "pattern_match", pattern_regex: "" },
    ],
  },
]);

test.each([
  ["DROP TABLE x", "block"],
  ["drop /* hi */\n table x", "block"],
  ["TrUnCaTe x", "block"],
  ["DELETE FROM users WHERE id = 1", "block"],
  ["DELETE FROM hr.orders", "block"],
  ["SELECT pg_sleep(10)", "block"],
  ["DO $$ BEGIN EXECUTE 'DRO' || 'P TABLE x'; END $$", "block"],
  ["not SQL at all", "block"],
  ["DELETE FROM carts", "allow"],
  ["SELECT * FROM users", "allow"],
  ["SELECT 'DROP TABLE x'", "allow"],
])("hoop: %s -> %s", (sql, verdict) => {
  const read = importGuardrails(guardrails);
  // Guardrails restrict. Something else must grant, here everything that is understood.
  const open = read.ok ? { ...read, head: [...read.head, "default allow"] } : read;
  expect([sql, decide(policyOf(open), { sql: { dialect: "postgres", text: sql } })]).toEqual([sql, verdict]);
});

test.each([
  [{ type: "deny_words_list", words: ["4111"] }, 1],
  [{ type: "pattern_match", pattern_regex: "\\d{16}" }, 1],
  [{ type: "pattern_match", pattern_regex: "(drop" }, 1],
  [{ type: "other" }, 1],
  [{ type: "deny_words_list", words: "drop" }, 1],
  [{ type: "deny_words_list", words: ["a", "1", "2"] }, 2],
  [{ type: "deny_words_list", words: [] }, 0],
])("guardrail %j has %i gaps", (rule, count) => {
  const read = importGuardrails(JSON.stringify({ input: { rules: [rule] } }));
  expect(read.ok && read.rules.flatMap(({ gaps }) => gaps).length).toBe(count);
});

const folder = mkdtempSync(join(tmpdir(), "hpl-import-"));
afterAll(() => rmSync(folder, { recursive: true }));

function hpl(words: readonly string[], input = "") {
  const bin = fileURLToPath(new URL("../bin/hpl.mjs", import.meta.url));
  const env = { ...process.env, NO_COLOR: "1" };
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...words], {
    cwd: folder,
    encoding: "utf8",
    input,
    env,
  });
  return { code: status, out: stdout, err: stderr };
}

test("the command writes a policy that the other commands take", () => {
  writeFileSync(join(folder, "x.rules"), rules);
  const { code, err } = hpl(["import", "codex-rules", "x.rules", "-o", "x.hpl"]);
  expect(code).toBe(0);
  expect(err).toContain("x.rules:8: left out: the grant of `npm run build`: its words are no subcommand");
  expect(readFileSync(join(folder, "x.hpl"), "utf8")).toContain(
    '# prefix_rule(pattern = ["npm", "run", "build"])\n# left out: ',
  );
  expect(hpl(["check", "x.hpl"])).toMatchObject({ code: 0 });
  expect(hpl(["fmt", "--check", "x.hpl"])).toMatchObject({ code: 0 });
  expect(hpl(["import", "hoop-guardrails", "-"], guardrails)).toMatchObject({
    code: 0,
    out: expect.stringContaining('block "no-drops"'),
  });
});

test("an example that does not hold becomes a comment, and is told", () => {
  const text = 'prefix_rule(pattern = ["git", "push"], decision = "prompt", not_match = ["git -C . push"])';
  const { code, out, err } = hpl(["import", "codex-rules", "-"], text);
  expect([code, err]).toEqual([0, expect.stringContaining('not so here: miss shell "git -C . push"')]);
  expect(out).toContain('# not so here: miss shell "git -C . push"');
});

test("with a gap nothing is written, unless that is said", () => {
  const text = JSON.stringify({ output: { rules: [{ type: "deny_words_list", words: ["secret"] }] } });
  expect(hpl(["import", "hoop-guardrails", "-", "-o", "g.hpl"], text)).toMatchObject({ code: 1, out: "" });
  expect(() => readFileSync(join(folder, "g.hpl"))).toThrow();
  expect(hpl(["import", "hoop-guardrails", "-", "--allow-gaps"], text)).toMatchObject({
    code: 0,
    out: expect.stringContaining("# NOT IMPORTED, and nothing refuses it: a rule on output"),
  });
});

test("mistakes", () => {
  expect(hpl(["import", "codex-rules", "-"], "x = 1")).toMatchObject({
    code: 1,
    out: "",
    err: expect.stringContaining("standard input:1: "),
  });
  expect(hpl(["import", "hoop-guardrails", "-"], "{")).toMatchObject({ code: 1, out: "" });
  expect(hpl(["import", "cedar", "-"], "permit(")).toMatchObject({ code: 1, out: "" });
  expect(hpl(["import", "rego", "-"], "")).toMatchObject({ code: 2 });
  expect(hpl(["import", "cedar", "missing.cedar"])).toMatchObject({ code: 2 });
});
