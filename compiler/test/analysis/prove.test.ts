import { expect, test } from "vitest";
import { decideProof } from "../../src/analysis/prove.js";
import { checkText } from "../check-text.js";

// Proofs about one policy, and what analysis must say of each.
const policyText = `policy prod.databases governs sql for connection.env == prod
default block
group engineers
group dba
label pii.email on column "**.email"
allow "reads" when statement.effects only {read} and principal in engineers
allow "changes" after approval from 2 of dba within 30m
  when statement.effects has write and statement.effects only {read, write} and principal in engineers
block "no-ddl" hard when statement.effects has any {create, drop, alter, truncate, grant}
block "unbounded" when any t in statement.targets where (t.change in {update, delete} and not t.restricted)
mask "emails" pii with redact
`;

const result = (proof: string) => {
  const { policy, diagnostics } = checkText(`${policyText}prove "p" ${proof}\n`);
  const [found] = policy?.proofs ?? [];
  if (policy === null || found === undefined) throw new Error(diagnostics.map(({ message }) => message).join("; "));
  return decideProof(policy, found, []);
};

test.each([
  ["never decision in {allow, approve} when statement.kind == drop", "true"],
  ["never decision == allow when statement.effects has write", "true"],
  ["always decision == block when connection.env == dev", "true"],
  ["never decision == allow when any t in statement.targets where (t.change == delete and not t.restricted)", "true"],
  ["never decision != block when not principal in engineers", "true"],
  ["never decision == allow when principal.kind == agent", "false"],
  ['never decision == allow when connection.name like "x*"', "false"],
  ["always decision == allow when principal in engineers and connection.env == prod", "false"],
  ["never decision == approve when principal in engineers and connection.env == prod", "false"],
  ["never approvals.quorum == 2 when principal in engineers", "false"],
  ["always approvals.groups has dba when principal.kind == agent", "false"],
  ["always masks has pii.email when statement.output_labels has pii.email", "false"],
  [
    "always (decision != allow or masks has pii.email) when statement.output_labels has pii.email and principal in engineers",
    "cannot tell",
  ],
  ["never masks has pii.email when statement.output_labels has pii.email", "false"],
  ["always (decision == block or approvals.quorum >= 2) when statement.effects has write", "true"],
  ["always (decision == block or approvals.quorum >= 3) when statement.effects has write", "false"],
  ["always (decision == block or approvals.groups has dba) when statement.effects has write", "true"],
  ["always (decision == block or approvals.groups has engineers) when statement.effects has write", "false"],
  ["never approvals.quorum > 0 when statement.effects only {read}", "true"],
  ["never approvals.quorum == 1 when statement.effects has write", "true"],
  // What a mask refuses besides is not part of the verdict that is searched.
  [
    "always decision == allow when statement.effects only {read} and principal in engineers and connection.env == prod",
    "false",
  ],
])("%s: %s", (proof, expected) => {
  expect(result(proof).kind).toBe(expected);
});

test("a counterexample is a request of the policy's own world", () => {
  const found = result("never decision == allow when principal.kind == agent");
  expect(found).toMatchObject({
    kind: "false",
    counterexample: {
      text: null,
      decision: { verdict: "allow" },
      request: { principal: { kind: "agent", groups: ["engineers"] }, connection: { env: "prod" } },
    },
  });
});
