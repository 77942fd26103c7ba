import { expect, test } from "vitest";
import { type ClaimNames, type Claims, claims_max, groups_max, principalOf } from "./claims.js";

const names: ClaimNames = { id: "sub", groups: "groups", kind: null, on_behalf_of: null };
const of = (claims: Claims, more: Partial<ClaimNames> = {}) => {
  const claimed = principalOf({ sub: "ann", groups: ["dba"], ...claims }, { ...names, ...more }, "https://i.example");
  return claimed.ok ? claimed : { why: claimed.why };
};
const list = (length: number): readonly string[] => Array.from({ length }, (_, i) => `g${i}`);

test.each<readonly [string, Claims, Partial<ClaimNames>, object]>([
  ["a person", {}, {}, { principal: { id: "ann", kind: "human", groups: ["dba"], mfa: false } }],
  ["an e-mail that is not verified", { email: "ann@corp.io", email_verified: false }, {}, { person: { user: "ann" } }],
  [
    "another claim for the id",
    { oid: "o-1" },
    { id: "oid" },
    { principal: { id: "o-1" }, person: { names: ["ann", "o-1"] } },
  ],
  [
    "an agent by its claim",
    { what: "agent", boss: "ann" },
    { kind: "what", on_behalf_of: "boss" },
    { principal: { kind: "agent", on_behalf_of: "ann" } },
  ],
  [
    "a kind that is none",
    { what: "robot" },
    { kind: "what" },
    { why: "the claim what is not human, agent or service" },
  ],
  ["a kind that is missing", {}, { kind: "what" }, { why: "the claim what is not human, agent or service" }],
  [
    "an actor: none of the person's groups, and on the person's behalf",
    { act: { sub: "svc-coder" }, email: "ann@corp.io" },
    {},
    {
      principal: { id: "svc-coder", kind: "agent", groups: { "?": "no_groups_claim" }, on_behalf_of: "ann" },
      person: { user: "svc-coder", groups: [], names: ["ann", "ann@corp.io", "ann", "ann"] },
    },
  ],
  [
    "an actor with groups of its own",
    { act: { sub: "svc", groups: ["agents"] } },
    {},
    { principal: { groups: ["agents"] } },
  ],
  ["an actor without a name", { act: {} }, {}, { why: "the token has no act.sub" }],
  [
    "an actor that calls itself a person",
    { act: { sub: "svc" }, what: "human" },
    { kind: "what" },
    { principal: { kind: "agent" } },
  ],
  ["no groups claim: unknown", { groups: undefined }, {}, { principal: { groups: { "?": "no_groups_claim" } } }],
  [
    "groups elsewhere: unknown",
    { groups: undefined, _claim_names: { groups: "src1" } },
    {},
    { principal: { groups: { "?": "groups_not_in_token" } } },
  ],
  [
    "groups that are no texts: there may be more",
    { groups: ["dba", 7] },
    {},
    { principal: { groups: { items: ["dba"], open: true } } },
  ],
  ["a text for groups", { groups: "dba" }, {}, { principal: { groups: { "?": "no_groups_claim" } } }],
])("%s", (_name, claims, more, expected) => {
  expect(of(claims, more)).toMatchObject(expected);
});

test("limits: groups past the limit are unknown, claims past it are left out", () => {
  expect(of({ groups: list(groups_max) })).toMatchObject({ principal: { groups: list(groups_max) } });
  expect(of({ groups: list(groups_max + 1) })).toMatchObject({
    principal: { groups: { items: list(groups_max), open: true } },
  });
  const many = Object.fromEntries(list(claims_max + 1).map((name) => [name, "x"]));
  const claimed = of(many);
  expect("principal" in claimed && Object.keys(claimed.principal.claims ?? {}).length).toBe(claims_max);
});
