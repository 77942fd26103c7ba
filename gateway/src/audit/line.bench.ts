import { bench, describe } from "vitest";
import { readLine, writeLine } from "./line.js";
import { emptyTree, growTree, prefixedLeafHash } from "./merkle.js";

// Question: what does it cost to hash an event, and to make its line? Goal: 3 µs for all hashes (reported, never a timed test).
const place = { index: 1, prev: "0".repeat(64) };
const rule = { id: "module/rule", effect: "allow", certainty: "must", file: "policy.hpl", line: 3 };
const event = {
  kind: "decision",
  detail: {
    decision_id: "d".repeat(22),
    session: "s".repeat(36),
    principal: { id: "svc", kind: "agent", groups: ["engineers"], on_behalf_of: null },
    statement: { statement_sha256: "a".repeat(64), parameters_sha256: "b".repeat(64), text: "SELECT $1" },
    decision: { verdict: "allow", rules: [rule], masks: [], complete: true, reasons: [], message: "allowed" },
  },
} as const;
const now = new Date(0);
const { bytes } = writeLine(place, now, event);
if (!readLine(bytes.subarray(0, -1), place).ok) throw new Error("the bench writes a wrong line");
const prefixed = Buffer.concat([Uint8Array.of(0), bytes.subarray(0, -1)]);
const tree = growTree(emptyTree, () => {});

describe(`an event of ${bytes.length} bytes`, () => {
  bench("JSON alone", () => void JSON.stringify(event));
  bench("its line, with both hashes", () => void writeLine(place, now, event));
  bench("leaf hash and tree", () => tree.push(prefixedLeafHash(prefixed)));
});
