import { expect, test } from "vitest";
import { workloads } from "./gateway/workloads.js";
import { gatewayRoundTrip } from "./gateway-round-trip.js";

test("answers through the gateway are the server's own, but for the masked column", async () => {
  const { tables, notes } = await gatewayRoundTrip.run("tiny");
  const isServed = !notes.includes("not measured: no real PostgreSQL runs here");
  expect(tables[0]?.rows.map(([name]) => name)).toEqual(isServed ? workloads.map(({ name }) => name) : undefined);
});
