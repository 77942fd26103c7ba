import { expect, test } from "vitest";
import { limits } from "../src/source/limits.js";
import { checkText, errorsIn, sqlPolicy } from "./check-text.js";
import { withoutExample } from "./without-example.js";

const repeat = (count: number, line: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => line(i)).join("");

interface LimitCase {
  readonly code: string;
  readonly limit: number;
  /** A policy that has exactly `size` of what is limited. */
  readonly policyOf: (size: number) => string;
}

const cases: readonly LimitCase[] = [
  { code: "HPL6001", limit: limits.source_bytes_max, policyOf: (size) => `${sqlPolicy.padEnd(size - 2, "#x")}é` },
  {
    code: "HPL6002",
    limit: limits.nesting_max,
    policyOf: (size) => `${sqlPolicy}block "b" on sql when ${"(".repeat(size)}principal.mfa${")".repeat(size)}`,
  },
  {
    code: "HPL6002",
    limit: limits.condition_depth_max,
    // `not` and a name are two levels, a comparison is one, and so is the name in the rule.
    policyOf: (size) => {
      const chain_count = Math.floor((size - 2) / 2);
      const chain = repeat(chain_count, (i) => `let a${i + 1} = not a${i}\n`);
      const last = size % 2 === 0 ? `a${chain_count}` : `not a${chain_count}`;
      return `${sqlPolicy}let a0 = principal.mfa == true\n${chain}block "b" on sql when ${last}`;
    },
  },
  {
    code: "HPL6003",
    limit: limits.rules_max,
    policyOf: (size) => `policy p governs sql\n${repeat(size, (i) => `block "b${i}" when always\n`)}`,
  },
  {
    code: "HPL6009",
    limit: limits.labels_max,
    policyOf: (size) => `${sqlPolicy}${repeat(size, (i) => `label l.n${i} on column "s.t.c${i}"\n`)}`,
  },
  {
    code: "HPL6004",
    limit: limits.set_members_max,
    policyOf: (size) =>
      `${sqlPolicy}block "b" on sql when principal.id in {${repeat(size, (i) => `"${i}",`).slice(0, -1)}}`,
  },
  {
    code: "HPL6005",
    limit: limits.glob_results_max,
    policyOf: (size) =>
      `${sqlPolicy}block "b" on sql when principal.id like "{${repeat(size, (i) => `${i},`).slice(0, -1)}}"`,
  },
  {
    code: "HPL6006",
    limit: limits.glob_length_max,
    policyOf: (size) => `${sqlPolicy}block "b" on sql when principal.id like "${"x".repeat(size)}"`,
  },
  {
    code: "HPL6010",
    limit: limits.regex_length_max,
    policyOf: (size) => `${sqlPolicy}block "b" on sql when principal.id matches "${"x".repeat(size - 1)}*"`,
  },
  {
    code: "HPL6010",
    limit: limits.regex_parts_max,
    // Each `a` is a part, and so are the choice and the end.
    policyOf: (size) => {
      const pattern = `${"a{1000}|".repeat(19)}a{${size - 19_002}}`;
      return `${sqlPolicy}block "b" on sql when principal.id matches "${pattern}"`;
    },
  },
  {
    code: "HPL6007",
    limit: limits.modules_max,
    policyOf: (size) => sqlPolicy + repeat(size - 1, (i) => `\n# file: ${i}.hpl\nlibrary m${i}\n`),
  },
  {
    code: "HPL6008",
    limit: limits.condition_tests_max,
    policyOf: (size) => `${sqlPolicy}block "b" on sql when ${repeat(size, () => "principal.mfa or ").slice(0, -4)}`,
  },
];

test.each(cases)("$code at $limit and one more", ({ code, limit, policyOf }) => {
  expect(errorsIn(policyOf(limit))).toEqual([]);
  expect(errorsIn(policyOf(limit + 1))).toEqual([code]);
});

test("every limit too large for a page is tested here", () => {
  const tested = new Set(cases.map(({ code }) => code));
  expect([...withoutExample].filter((code) => !tested.has(code))).toEqual(["HPL9001"]);
});

test.each([
  { what: "within", good: "from dba within 7d", bad: "from dba within 8d" },
  { what: "people", good: "from 100 of dba within 1s", bad: "from 101 of dba within 1s" },
])("an approval's $what", ({ good, bad }) => {
  const policyOf = (approvers: string) =>
    `${sqlPolicy}group dba\nallow "a" after approval ${approvers} on sql when always`;
  expect(errorsIn(policyOf(good))).toEqual([]);
  expect(errorsIn(policyOf(bad))).toEqual(["HPL3012"]);
});

test.each([
  {
    what: "a grant lasts",
    code: "HPL3018",
    lineOf: (time: string) => `grant g to dba lasting ${time}\nblock "b" on sql when granted g`,
  },
  {
    what: "a counter looks back",
    code: "HPL3022",
    lineOf: (time: string) => `counter c = rows per session over ${time}\nblock "b" on sql when counter.c > 1`,
  },
])("$what a week at most", ({ code, lineOf }) => {
  expect(errorsIn(`${sqlPolicy}group dba\n${lineOf("7d")}`)).toEqual([]);
  expect(errorsIn(`${sqlPolicy}group dba\n${lineOf("604801s")}`)).toEqual([code]);
});

test("a detector without a check has 4 fixed characters in each match, not 3", () => {
  const codesOf = (pattern: string) =>
    checkText(`${sqlPolicy}detector d { pattern '${pattern}' }\nmask "m" values d with redact`).diagnostics.map(
      ({ code }) => code,
    );
  expect([codesOf("ab[cdef]d[0-9]{9}"), codesOf("(?:abc|wxyz)[0-9]{9}")]).toEqual([[], ["HPL5007"]]);
});

test("partial keeps 16 characters at an end, not 17", () => {
  const policyOf = (kept: number) => `${sqlPolicy}label a on column "**.a"\nmask "m" a with partial(first: ${kept})`;
  expect(errorsIn(policyOf(16))).toEqual([]);
  expect(errorsIn(policyOf(17))).toEqual(["HPL3011"]);
});

test("no more diagnostics than anybody reads, and errors before warnings", () => {
  const warnings = repeat(5, (i) => `group unused${i}\n`);
  const { diagnostics, policy } = checkText(sqlPolicy + warnings + "; ".repeat(limits.diagnostics_max + 1));
  expect([diagnostics.length, policy]).toEqual([limits.diagnostics_max, null]);
  expect(new Set(diagnostics.map(({ code }) => code))).toEqual(new Set(["HPL1003"]));
});
