import { expect, test } from "vitest";
import { readRequest } from "./request.js";

const request = (more: object) => ({ id: "1", action: { sql: { text: "SELECT 1" } }, ...more });
const problem = (more: object) => {
  const read = readRequest(request(more), null);
  return read.ok ? null : read.bad.field;
};

test("offsets of zones are whole minutes within 18 hours of UTC", () => {
  const zones = { "Europe/Berlin": 60, "America/St_Johns": -210, "Etc/East": 1_080, "Etc/West": -1_080 };
  const read = readRequest(request({ zones }), null);
  expect(read).toMatchObject({ ok: true, request: { context: { zones } } });
  expect(problem({ zones: { "Etc/East": 1_081 } })).toBe("zones.Etc/East");
  expect(problem({ zones: { "Etc/West": -1_081 } })).toBe("zones.Etc/West");
  expect(problem({ zones: { "Europe/Berlin": 60.5 } })).toBe("zones.Europe/Berlin");
  expect(problem({ zones: { "Europe/Berlin": "60" } })).toBe("zones.Europe/Berlin");
  expect(problem({ zones: { "Europe/Berlin": { "?": "x" } } })).toBe("zones.Europe/Berlin");
  for (const zones_ of [null, [], "UTC", 60]) expect(problem({ zones: zones_ })).toBe("zones");
});

test("grants are texts, counters are numbers by id, an environment is any text", () => {
  expect(
    problem({ session: { grants: ["m.glass"], counters: { "m.rows": 3 } }, connection: { env: "qa" } }),
  ).toBeNull();
  expect(problem({ session: { counters: { "m.rows": { "?": "not_counted" } } } })).toBeNull();
  expect(problem({ session: { counters: { "m.rows": "3" } } })).toBe("session.counters.m.rows");
  expect(problem({ session: { grants: [3] } })).toBe("session.grants[0]");
});
