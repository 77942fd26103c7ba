import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { reminding } from "./holds.js";
import { limits } from "./limits.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test.each([
  [limits.hold_reminder_ms - 1, 0],
  [limits.hold_reminder_ms, 1],
  [3 * limits.hold_reminder_ms, 3],
])("a client that waits for %i ms is reminded %i times, and not after the end", async (wait_ms, count) => {
  let reminders = 0;
  let settle = (_outcome: string): void => {};
  const outcome = new Promise<string>((resolve) => {
    settle = resolve;
  });
  const waited = reminding(outcome, () => {
    reminders += 1;
  });
  await vi.advanceTimersByTimeAsync(wait_ms);
  settle("approved");
  expect(await waited).toBe("approved");
  await vi.advanceTimersByTimeAsync(10 * limits.hold_reminder_ms);
  expect(reminders).toBe(count);
});
