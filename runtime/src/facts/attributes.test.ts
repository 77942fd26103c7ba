import { expect, test } from "vitest";
import type { RequestContext } from "./action.js";
import { type Attribute, declareAttributes } from "./attributes.js";

const env: Attribute = { path: ["connection", "env"], members: ["prod", "dev"], optional: false };
const tier: Attribute = { path: ["connection", "labels", "tier"], members: ["gold", "iron"], optional: false };
const team: Attribute = { path: ["principal", "claims", "team"], members: null, optional: true };

const context = (principal: unknown, connection: unknown): RequestContext =>
  ({ principal, session: {}, connection }) as unknown as RequestContext;

const unknownOf = (path: string) => ({ "?": `attribute:${path}` });

test("a context in which everything is declared is the same object", () => {
  const given = context({ claims: { team: "x" } }, { env: "prod", labels: { tier: "gold", other: "y" } });
  expect(declareAttributes(given, [env, tier, team])).toBe(given);
});

test("a text that is not a member is unknown, and says which attribute", () => {
  const { connection } = declareAttributes(context({}, { env: "prd", labels: { tier: "Gold" } }), [env, tier]);
  expect(connection).toEqual({
    env: unknownOf("connection.env"),
    labels: { tier: unknownOf("connection.labels.tier") },
  });
});

test("a required one that is missing is unknown, even where its map or its root is missing; an optional one is absent", () => {
  const missing = { env: unknownOf("connection.env"), labels: { tier: unknownOf("connection.labels.tier") } };
  expect(declareAttributes(context({}, {}), [env, tier, team])).toEqual(context({}, missing));
  expect(declareAttributes({} as RequestContext, [env, tier, team]).connection).toEqual(missing);
});

test("a name that objects have from the start is no value", () => {
  const inherited: Attribute = { path: ["connection", "labels", "constructor"], members: null, optional: false };
  const { connection } = declareAttributes(context({}, { labels: {} }), [inherited]);
  expect(connection).toEqual({ labels: { constructor: unknownOf("connection.labels.constructor") } });
});

test("what is unknown stays as it is", () => {
  const given = context({ "?": "no_token" }, { env: { "?": "not_set" }, labels: { "?": "not_read" } });
  expect(declareAttributes(given, [env, tier, team])).toBe(given);
});

test("a value of another type than text is left to be unknown by its schema", () => {
  const given = context({ claims: 7 }, { env: 1, labels: ["gold"] });
  expect(declareAttributes(given, [env, tier, team])).toBe(given);
});
