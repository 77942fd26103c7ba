import { expect, test } from "vitest";
import type { ResolvedIdentity } from "../config/resolve-config.js";
import { openStaticIdentities } from "./static-identities.js";

const login = (user: string, id: string, more: Partial<ResolvedIdentity["principal"]> = {}): ResolvedIdentity => ({
  user,
  password: `${user}-pw`,
  principal: { id, kind: "human", groups: ["dba"], ...more },
});
const identities = openStaticIdentities([
  login("alice", "u-1", { email: "alice@corp.io" }),
  login("alice-admin", "u-1"),
  login("coder", "svc", { kind: "agent", on_behalf_of: "alice" }),
]);

test("an approver comes with every name of theirs", () => {
  const names = ["alice", "alice@corp.io", "alice-admin"];
  const expected = { user: "u-1", issuer: "static", on_behalf_of: null, names, kind: "human", groups: ["dba"] };
  expect(identities.authenticate("alice", "alice-pw")).toEqual(expected);
  expect(identities.authenticate("alice-admin", "alice-admin-pw")).toEqual(expected);
  expect(identities.authenticate("coder", "coder-pw")).toMatchObject({ kind: "agent", names: ["coder", "alice"] });
});

test.each([
  ["alice", "coder-pw"],
  ["alice", ""],
  ["Alice", "alice-pw"],
  ["nobody", "nobody-pw"],
  ["__proto__", "x"],
])("%s with %j is nobody", (user, password) => expect(identities.authenticate(user, password)).toBe(null));
