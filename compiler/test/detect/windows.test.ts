import { expect, test } from "vitest";
import { openPatterns } from "./open-patterns.js";

/** Texts longer than a window of the scan, matches longer than a match may be, more matches than there is room for at once. */
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const window_starts_count = 65_536;
const match_bytes_max = 8_192;

const detectors = openPatterns({
  key: { patterns: ["KEY-[0-9]{6}"] },
  email: { patterns: ["[a-z.]+@[a-z.]+"] },
  number: { patterns: ["\\d{3}-\\d{2}"], checks: ["whole_number"] },
  card: { patterns: ["4\\d{12,15}"], checks: ["luhn", "whole_number"] },
});

test.each(Array.from({ length: 40 }, (_, i) => window_starts_count - 30 + i))(
  "a match that starts at byte %i is whole, on either side of a window's end",
  (at) => {
    const found = [
      ["key", "KEY-123456"],
      ["email", "ann@corp.io"],
      ["number", "123-45"],
      ["card", "4012888888881881"],
    ] as const;
    for (const [type, text] of found)
      expect(detectors.detect(bytesOf(`${" ".repeat(at)}${text} .`))).toEqual([
        { type, start: at, end: at + text.length },
      ]);
    // What stands before a start is seen across the border too.
    expect(detectors.detect(bytesOf(`${"9".repeat(at)}123-45`))).toEqual([]);
  },
);

test("a match has at most so many bytes", () => {
  const [fits, longer] = [match_bytes_max, match_bytes_max + 1].map((size) => bytesOf(`${"a".repeat(size - 2)}@b`));
  expect(detectors.detect(fits ?? bytesOf(""))).toEqual([{ type: "email", start: 0, end: match_bytes_max }]);
  // One byte more: from its first byte on no match ends in time, and from its second on one does.
  expect(detectors.detect(longer ?? bytesOf(""))).toEqual([{ type: "email", start: 1, end: match_bytes_max + 1 }]);
});

test("a run that never ends costs one pass", () => {
  expect(detectors.detect(bytesOf(`x@${"a".repeat(300_000)}`))).toEqual([
    { type: "email", start: 0, end: match_bytes_max },
  ]);
  const size = 300_000;
  const last = { type: "email", start: size + 2 - match_bytes_max, end: size + 2 };
  expect(detectors.detect(bytesOf(`${"a".repeat(size)}@b`))).toEqual([last]);
});

test("however many there are, all are found", () => {
  const count = 30_000;
  const findings = detectors.detect(bytesOf("KEY-123456 a@b ".repeat(count)));
  expect(findings.filter(({ type }) => type === "key")).toHaveLength(count);
  expect(findings.filter(({ type }) => type === "email")).toHaveLength(count);
  expect(findings).toEqual(findings.toSorted((a, b) => a.start - b.start));
});

test("only what is asked for is found", () => {
  const text = bytesOf("KEY-123456 ann@corp.io");
  const at = detectors.types.indexOf("email");
  expect(detectors.detect(text, new Set([at])).map(({ type }) => type)).toEqual(["email"]);
  expect(detectors.detect(text, new Set())).toEqual([]);
});

test("a long false match hides no true one", () => {
  // All sixteen digits fail the sum; the first thirteen pass it, and with nothing asked of what stands behind, they count.
  const sums = openPatterns({ card: { patterns: ["4\\d{12,15}"], checks: ["luhn"] } });
  expect(sums.detect(bytesOf("4222222222222999"))).toEqual([{ type: "card", start: 0, end: 13 }]);
});

test("where checks would cost too much, a match counts as it is", () => {
  const costly = openPatterns({ number: { patterns: ["[0-9]+"], checks: ["luhn"] } });
  const zeros = bytesOf("0".repeat(20_000));
  expect(costly.detect(bytesOf("0".repeat(50)))).toEqual([]);
  expect(costly.detect(zeros).length).toBeGreaterThan(0);
});
