import type { Approval, ApprovalBinding } from "../src/approvals/approval.js";

export const hash = "ab".repeat(32);

/** What an agent's statement is bound to. */
export const aBinding: ApprovalBinding = {
  principal: "svc-coder",
  issuer: "static",
  on_behalf_of: "carol",
  connection: "orders",
  session: "s1",
  rules: ["shop/change"],
  statement_sha256: hash,
  parameters_sha256: hash,
  shape_sha256: hash,
  policy_digest: "p1",
};

/** An approval that waits, with changes. */
export const anApproval = (more: Partial<Approval> = {}): Approval => ({
  id: "a1",
  state: "pending",
  binding: aBinding,
  statement: "UPDATE orders SET paid = true WHERE id = 7",
  facts: [{ kind: "update", effects: ["write"], relations: ["public.orders"], complete: true }],
  places: [{ rule: "shop/change", file: "shop.hpl", line: 7 }],
  message: "a change needs a second person",
  needs: [{ group: "dba", count: 1 }],
  requested_at: "2026-11-20T12:00:00.000Z",
  expires_at: "2026-11-20T12:30:00.000Z",
  decisions: [],
  scope: "statement",
  uses: 0,
  ...more,
});
