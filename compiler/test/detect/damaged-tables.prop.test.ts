import fc from "fast-check";
import { expect, test } from "vitest";
import { openScanner } from "../../../runtime/src/detect/scanner.js";
import { readTables } from "../../../runtime/src/detect/tables.js";
import { detectSection } from "../../src/5-emit/detect/detect-section.js";

/** Tables that are not whole are refused, or harmless: no scan traps, and none goes on for ever. */
const section = detectSection([
  { patterns: ["AKIA[A-Z2-7]{4}", "ab?c"], checks: [{ name: "entropy" }], context: [] },
  { patterns: ["[a-z]+@[a-z]+"], checks: [], context: [] },
]);
const text = new TextEncoder().encode("AKIAABCD ann@corp abc ".repeat(20));

test("tables as they are written are whole", () => {
  expect(section && readTables(section)).toMatchObject({ detectors_count: 2 });
  expect(detectSection([])).toBeNull();
});

test("a damaged table is refused, or does no harm", () => {
  if (section === null) throw new Error("no section");
  const change = fc.record({ at: fc.nat(section.length - 1), byte: fc.nat(255) });
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
      const bytes = section.slice();
      for (const { at, byte } of changes) bytes[at] = byte;
      const tables = readTables(bytes);
      if (tables === null) return;
      openScanner(tables)(
        text,
        (output, start, end) => {
          expect(tables.outputs[output]).toBeDefined();
          expect(start >= 0 && start < end && end <= text.length).toBe(true);
        },
        () => {},
      );
    }),
    { numRuns: 400 },
  );
});

test("a section that is cut is refused", () => {
  if (section === null) throw new Error("no section");
  // Its last bytes only round its size up.
  for (let size = 0; size <= section.length - 16; size += 7) expect(readTables(section.subarray(0, size))).toBeNull();
});
