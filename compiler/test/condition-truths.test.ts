import { loadPolicy } from "@hpl/runtime";
import type { Request } from "@hpl/runtime/facts";
import { expect, test } from "vitest";
import type { CheckedPolicy, CidrRange, Condition, Regex, Window } from "../src/3-check/checked.js";
import { compileRegex, newRegexCache } from "../src/3-check/regex/compile-regex.js";
import { lower } from "../src/4-lower/lower.js";
import { emit, semanticDigest } from "../src/5-emit/emit.js";
import { decide } from "../src/reference/evaluate.js";
import type { Truth } from "../src/reference/truth.js";

// Truths written out by hand, of the reference evaluator and of the compiled module at once.
const span = { file: 0, start: 0, end: 1 };

const policyOf = (condition: Condition): CheckedPolicy => ({
  sources: [{ path: "m.hpl", text: "policy m governs sql" }],
  modules: [
    {
      name: "m",
      families: ["sql"],
      scope: { kind: "Constant", value: true, span },
      default: { verdict: "allow", span },
      span,
    },
  ],
  rules: [
    {
      id: "m/b",
      module: 0,
      families: ["sql"],
      level: "soft",
      condition,
      effect: { kind: "block" },
      why: null,
      fix: null,
      controls: [],
      onUnknown: "restrict",
      audit: null,
      span,
    },
  ],
  labels: [],
  exceptions: [],
  attributes: [],
  grants: [],
  counters: [],
  detectors: [],
  zones: ["Europe/Berlin"],
  examples: [],
  tests: [],
  proofs: [],
  assumptions: [],
  comparisons: [],
});

/** What `condition` comes to over common facts: a block on it fires for certain, perhaps, or not at all. */
function truthOf(condition: Condition, context: object): Truth {
  const policy = policyOf(condition);
  const lowered = lower(policy);
  const loaded = loadPolicy(emit(lowered, policy));
  if (!loaded.ok) throw new Error(loaded.failure.message);
  const actions = [{ family: "sql", opaque: true, reasons: [] }];
  const request = { principal: {}, session: {}, connection: {}, ...context, actions } as unknown as Request;
  const decision = loaded.policy.decide(request);
  expect(decision).toEqual(decide(policy, request, semanticDigest(lowered)));
  const fired = decision.rules.find(({ id }) => id === "m/b");
  if (fired === undefined) return "false";
  return fired.certainty === "must" ? "true" : "unknown";
}

const range = (prefix: number, ...address: number[]): CidrRange => ({ prefix, address });
const tenNet = range(8, 10, 0, 0, 0);
const odd = range(23, 10, 20, 30, 0);
const documentation = range(32, 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
const host = range(128, ...Array.from({ length: 15 }, () => 0), 1);
const inCidr = (ip: unknown, ...ranges: CidrRange[]) =>
  truthOf({ kind: "InCidr", path: { root: "session", steps: ["ip"] }, ranges, span }, { session: { ip } });

test.each([
  ["10.0.0.0", "true"],
  ["10.255.255.255", "true"],
  ["11.0.0.0", "false"],
  ["::ffff:10.1.2.3", "true"],
  ["::FFFF:0a01:0203", "true"],
  ["0:0:0:0:0:ffff:10.1.2.3", "true"],
  ["::10.1.2.3", "false"],
  ["::1", "false"],
  ["10.1.2", "unknown"],
  ["10.1.2.3.4", "unknown"],
  ["10.1.2.256", "unknown"],
  ["010.1.2.3", "unknown"],
  ["10.1.2.03", "unknown"],
  ["10.1.2.3 ", "unknown"],
  ["10.1.2.", "unknown"],
  ["0xa.1.2.3", "unknown"],
  ["167772161", "unknown"],
  ["", "unknown"],
  ["localhost", "unknown"],
  ["::ffff:10.1.2.3%eth0", "unknown"],
  ["fe80::1%eth0", "unknown"],
  [":", "unknown"],
  [":::", "unknown"],
  ["1::2::3", "unknown"],
  ["1:2:3:4:5:6:7", "unknown"],
  ["1:2:3:4:5:6:7:8:9", "unknown"],
  ["1:2:3:4:5:6:7::8", "unknown"],
  ["1:2:3:4:5:6:7:", "unknown"],
  [":1:2:3:4:5:6:7", "unknown"],
  ["12345::", "unknown"],
  ["g::", "unknown"],
  ["::1.2.3.4.5", "unknown"],
  ["1.2.3.4::", "unknown"],
  ["1:2:3:4:5:6:7:1.2.3.4", "unknown"],
  ["[::1]", "unknown"],
  [{ "?": "hidden" }, "unknown"],
  [undefined, "unknown"],
])("%j in 10.0.0.0/8 is %s", (ip, truth) => {
  expect(inCidr(ip, tenNet)).toBe(truth);
});

test("prefixes that end inside a byte, IPv6, single addresses, and several ranges", () => {
  expect(inCidr("10.20.31.255", odd)).toBe("true");
  expect(inCidr("10.20.32.0", odd)).toBe("false");
  expect(inCidr("2001:db8:ffff::", documentation)).toBe("true");
  expect(inCidr("2001:db9::", documentation)).toBe("false");
  expect(inCidr("10.1.1.1", documentation)).toBe("false");
  expect(inCidr("::1", host)).toBe("true");
  expect(inCidr("0:0:0:0:0:0:0:1", host)).toBe("true");
  expect(inCidr("::2", host)).toBe("false");
  expect(inCidr("::1", tenNet, host)).toBe("true");
  expect(inCidr("2001:db8::1", range(0, 0, 0, 0, 0))).toBe("false");
});

const office: Window = { kind: "weekly", days: [0, 1, 2, 3, 4], from_min: 540, to_min: 1_020, zone: "Europe/Berlin" };
const night: Window = { kind: "weekly", days: [6], from_min: 1_320, to_min: 360, zone: "UTC" };
const sundays: Window = { kind: "weekly", days: [6], from_min: 0, to_min: 1_440, zone: "UTC" };
const freeze: Window = {
  kind: "range",
  from_ms: Date.parse("2026-12-20T00:00Z"),
  to_ms: Date.parse("2027-01-02T00:00Z"),
};
const inWindow = (time: string | undefined, zones: Record<string, number>, ...windows: Window[]) =>
  truthOf({ kind: "InWindow", windows, span }, { zones, ...(time === undefined ? {} : { now: Date.parse(time) }) });
const berlin = { "Europe/Berlin": 60 };

test.each([
  ["2026-11-20T08:00Z", office, "true"],
  ["2026-11-20T07:59:59Z", office, "false"],
  ["2026-11-20T15:59:59Z", office, "true"],
  ["2026-11-20T16:00Z", office, "false"],
  ["2026-11-21T10:00Z", office, "false"],
  ["2026-11-22T21:59Z", night, "false"],
  ["2026-11-22T22:00Z", night, "true"],
  ["2026-11-23T05:59Z", night, "true"],
  ["2026-11-23T06:00Z", night, "false"],
  ["1969-12-28T22:30Z", night, "true"],
  ["1969-12-29T06:00Z", night, "false"],
  ["2026-11-22T00:00Z", sundays, "true"],
  ["2026-11-22T23:59:59Z", sundays, "true"],
  ["2026-11-23T00:00Z", sundays, "false"],
  ["2026-12-20T00:00Z", freeze, "true"],
  ["2027-01-02T00:00Z", freeze, "false"],
])("%s in %j is %s", (time, window, truth) => {
  expect(inWindow(time, berlin, window)).toBe(truth);
});

test("what is not known of the time matters only where it is asked for", () => {
  expect(inWindow("2026-11-20T08:00Z", {}, office)).toBe("unknown");
  expect(inWindow("2026-12-24T08:00Z", {}, office, freeze)).toBe("true");
  expect(inWindow("2026-11-20T08:00Z", {}, night)).toBe("false");
  expect(inWindow(undefined, berlin, office)).toBe("unknown");
  expect(inWindow(undefined, berlin, freeze)).toBe("unknown");
});

function patternOf(text: string): Regex {
  const output = compileRegex(text, span, newRegexCache());
  if (output.kind !== "regex") throw new Error(text);
  return output.regex;
}

const matches = (text: unknown, ...patterns: string[]) => {
  const path = { root: "session", steps: ["client"] };
  const condition: Condition = { kind: "Matches", path, patterns: patterns.map(patternOf), span };
  return truthOf(condition, { session: { client: text } });
};

test.each([
  ["psql", "psql", "true"],
  ["psql 16", "psql", "false"],
  ["a\nb", "a.b", "true"],
  ["PSQL", "(?i)psql", "true"],
  ["\u017f", "(?i)s", "false"],
  ["\u212a", "(?i)[k]", "false"],
  ["é", "\\w", "false"],
  ["\u00a0", "\\s", "false"],
  ["\u00a0", "\\S", "true"],
  ["😀", ".", "true"],
  ["😀", "\\x{1F600}", "true"],
  ["a-b", "[a-z]+[-.][a-z]+", "true"],
  ["A", "(?i)[^a]", "false"],
  ["x/y", "x/y|z", "true"],
  ["", "a*", "true"],
  [{ "?": "hidden" }, ".*", "unknown"],
])("%j matches %s is %s", (text, pattern, truth) => {
  expect(matches(text, pattern)).toBe(truth);
});

test("a count that is missing is unknown, and no other key that is missing is", () => {
  const below: Condition = {
    kind: "Compare",
    operator: "<",
    path: { root: "session", steps: ["counters", "m.rows"] },
    value: 10,
    span,
  };
  const present: Condition = { kind: "IsPresent", path: below.path, span };
  expect(truthOf(below, { session: { counters: { "m.rows": 9 } } })).toBe("true");
  expect(truthOf(below, { session: { counters: {} } })).toBe("unknown");
  expect(truthOf(present, { session: { counters: {} } })).toBe("unknown");
  const label: Condition = { kind: "IsPresent", path: { root: "connection", steps: ["labels", "tier"] }, span };
  expect(truthOf(label, { connection: { labels: {} } })).toBe("false");
});
