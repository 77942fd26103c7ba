import { loadPolicy } from "@hpl/runtime";
import { expect, test } from "vitest";
import { compile } from "../../src/index.js";
import { decideNative } from "./decide-native.js";
import { decideOpa, sdk } from "./decide-opa.js";
import { allowed } from "./example-policy.js";

/** An hour that begins at midnight between Wednesday and Thursday, in two zones: 1970 began with such a Thursday. */
const text = `policy week governs sql
default allow
window utc = thu 00:00 to 01:00 in "UTC"
window kolkata = thu 00:00 to 01:00 in "Asia/Kolkata"
block "utc" when now in utc
block "kolkata" when now in kolkata
`;
const built = (target: "native" | "opa") => {
  const { module } = compile({ sources: [{ path: "week.hpl", text }], libraries: [] }, target);
  if (module === null) throw new Error("the policy has errors");
  return module;
};
const native = loadPolicy(built("native"));
const opa = sdk.loadPolicySync(built("opa"));

const half_hours = Array.from({ length: 10 }, (_, i) => (i - 5) * 1_800_000);
const offsets_min = [-330, 0, 330, 1_080, -1_080];

test.each([0, Date.UTC(2026, 10, 26)])("the minute of the week is the same for both targets, around %i", (thursday) => {
  if (!native.ok) throw new Error(native.failure.message);
  const blocks = new Set<string>();
  for (const offset_min of offsets_min) {
    const zones = { "Asia/Kolkata": offset_min };
    for (const edge of half_hours.flatMap((part) => [part - 1, part, part + 1])) {
      const input = { ...allowed, zones, now: thursday + edge - offset_min * 60_000 };
      const decision = decideOpa(opa, input);
      expect(decision).toEqual(decideNative(native.policy, input));
      for (const { id } of decision.rules) blocks.add(id);
    }
  }
  expect([...blocks].toSorted()).toEqual(["week/default", "week/kolkata", "week/utc"]);
});
