import { Ajv2020 } from "ajv/dist/2020.js";
import { type Approval, approvalScopes, isSatisfied } from "./approval.js";

const text = { type: "string" } as const;
const time = { type: "string", pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\\.[0-9]{3}Z$" } as const;
const hash = { type: "string", pattern: "^[0-9a-f]{64}$" } as const;
const listOf = (items: object) => ({ type: "array", items });
/** An object with exactly these fields. */
const record = (properties: Readonly<Record<string, object>>) => ({
  type: "object",
  additionalProperties: false,
  required: Object.keys(properties),
  properties,
});

const validate = new Ajv2020().compile<Approval>(
  record({
    id: { type: "string", pattern: "^[0-9a-f]{1,64}$" },
    state: { enum: ["pending", "approved", "rejected", "expired", "cancelled", "used", "revoked"] },
    binding: record({
      principal: text,
      issuer: text,
      on_behalf_of: { type: ["string", "null"] },
      connection: text,
      session: text,
      rules: listOf(text),
      statement_sha256: hash,
      parameters_sha256: hash,
      shape_sha256: hash,
      policy_digest: text,
    }),
    statement: text,
    facts: listOf(
      record({ kind: text, effects: listOf(text), relations: listOf(text), complete: { type: "boolean" } }),
    ),
    places: listOf(record({ rule: text, file: text, line: { type: "integer" } })),
    message: text,
    needs: { ...listOf(record({ group: text, count: { type: "integer", minimum: 1 } })), minItems: 1 },
    requested_at: time,
    expires_at: time,
    decisions: listOf(
      record({
        user: text,
        decision: { enum: ["approve", "reject"] },
        reason: text,
        at: time,
        groups: listOf(text),
        scope: { enum: approvalScopes },
      }),
    ),
    scope: { enum: approvalScopes },
    uses: { type: "integer", minimum: 0 },
  }),
);

/** An approval from its stored text; null when it is not one, or says it was given without the people it needs. */
export function readApproval(stored: string): Approval | null {
  const value = parse(stored);
  if (!validate(value)) return null;
  const isGiven = value.state === "approved" || value.state === "used";
  return isGiven && !isSatisfied(value.needs, value.decisions) ? null : value;
}

function parse(stored: string): unknown {
  try {
    return JSON.parse(stored);
  } catch {
    return null;
  }
}
