import { expect, test } from "vitest";
import { anApproval } from "../../test/approval-fixture.js";
import { approvalAnnouncement, bodyOf, grantAnnouncement } from "./announcement.js";

const now = new Date("2026-11-20T12:00:00Z");
const slack = (statement: string, principal = "svc-coder") => {
  const approval = anApproval({ statement });
  const asked = { ...approval, binding: { ...approval.binding, principal } };
  return JSON.parse(bodyOf(approvalAnnouncement("approval.requested", asked), "slack", now));
};

test("a message for a chat has a line, the statement, and what to do", () => {
  const { text, blocks } = slack("UPDATE orders SET paid = true");
  expect(text).toBe("svc-coder on orders: pending");
  expect(blocks.map(({ type }: { type: string }) => type)).toEqual(["section", "section", "context"]);
  expect(blocks[1].text.text).toBe("```UPDATE orders SET paid = true```");
  expect(blocks[2].elements[0].text).toMatch(/needs 1 of dba, until .*\nhpl approvals approve a1$/);
});

test.each([
  ["a mention", "SELECT '<!channel> <@U1>'", "SELECT '&lt;!channel&gt; &lt;@U1&gt;'"],
  ["a link", "SELECT '<https://evil|here>'", "SELECT '&lt;https://evil|here&gt;'"],
  ["the end of the quote", "SELECT '``` *bold*'", "SELECT '\u02cb\u02cb\u02cb *bold*'"],
  ["what hides text", "SELECT '\u202e'", "SELECT '\\u{202e}'"],
])("%s in a statement is text", (_name, statement, expected) => {
  expect(slack(statement).blocks[1].text.text).toBe(`\`\`\`${expected}\`\`\``);
});

test("a name can format nothing, and a long statement stays within what a chat takes", () => {
  expect(slack("x", "*a* <@U1> `b`").blocks[0].text.text).toBe("* a  &lt;@U1&gt;  b  on orders: pending*");
  expect(slack("<".repeat(100_000)).blocks[1].text.text.length).toBeLessThanOrEqual(3_000);
});

test("who is told of a grant learns whether anybody agreed", () => {
  const grant = {
    id: "g1",
    grant: "m.glass",
    principal: "ann",
    issuer: "static",
    reason: "INC-1",
    given_at: now.toISOString(),
    expires_at: now.toISOString(),
    approval: null,
    telling: ["security"],
  };
  expect(JSON.parse(bodyOf(grantAnnouncement("grant.given", grant), "hpl", now))).toMatchObject({
    type: "grant.given",
    data: { grant: "m.glass", without_approval: true, telling: ["security"] },
  });
  const message = JSON.parse(bodyOf(grantAnnouncement("grant.given", grant), "slack", now));
  expect(message.blocks[2].elements[0].text).toContain("without anybody's consent");
});
