import { expect, test } from "vitest";
import { analyse } from "../../src/analysis/analyse.js";
import type { AnalysisCache } from "../../src/analysis/cache.js";
import { checkText } from "../check-text.js";

// One cache over many versions of a policy: what an edit does not touch is not worked out again.
const orders = `policy orders governs sql
default block
group dba
allow "reads" when statement.effects only {read}
block "no-drops" when statement.effects has drop and any t in statement.targets where (t.relation == "only.orders")
require approval "changes" from dba within 30m when statement.effects has write
`;
const agents = (program: string) => `
# file: agents.hpl
policy agents governs shell for principal.kind == agent
default block
allow "build" when command.program == "${program}"
block "never" when command.program == "${program}" and command.effects has delete
block "twice" when command.effects has delete and command.privileged
`;

/** A cache that notes what was worked out, by what it depends on. */
function noting(): { cache: AnalysisCache; made: string[] } {
  const made: string[] = [];
  const cache: AnalysisCache = new Map();
  const set = cache.set.bind(cache);
  cache.set = (key, value) => {
    made.push(key);
    return set(key, value);
  };
  return { cache, made };
}

function findingsOf(text: string, cache?: AnalysisCache) {
  const { policy, diagnostics } = checkText(text);
  if (policy === null) throw new Error(diagnostics.map(({ message }) => message).join("; "));
  return analyse(policy, () => null, cache === undefined ? {} : { cache });
}

const worked = (made: readonly string[]) =>
  made.filter((key) => !key.startsWith("id ")).map((key) => key.split(" ")[0]);

test("the same policy again takes nothing, and says the same", () => {
  const { cache, made } = noting();
  const first = findingsOf(orders + agents("npm"), cache);
  made.length = 0;
  expect(findingsOf(orders + agents("npm"), cache)).toEqual(first);
  expect(made).toEqual([]);
  expect(first.map(({ code }) => code)).toContain("HPL4003");
});

test("white space and comments move findings, and nothing is worked out again", () => {
  const { cache, made } = noting();
  const [before] = findingsOf(orders, cache);
  made.length = 0;
  const [after] = findingsOf(`# moved\n\n${orders}`, cache);
  expect(made).toEqual([]);
  expect(after?.span.start).toBe((before?.span.start ?? 0) + "# moved\n\n".length);
});

test("an edit of one module works out its own rules alone", () => {
  const { cache, made } = noting();
  findingsOf(orders + agents("npm"), cache);
  made.length = 0;
  findingsOf(orders + agents("cargo"), cache);
  expect(worked(made)).toEqual(["rule", "rule", "shadows", "shadows", "approvals"]);
  expect(made.filter((key) => key.includes("only.orders"))).toEqual([]);
});

test("with a cache of another version the findings are those without one", () => {
  const { cache } = noting();
  const versions = ["npm", "cargo", "npm", "go"].map((program) => orders + agents(program));
  for (const text of versions) expect(findingsOf(text, cache)).toEqual(findingsOf(text));
});
