/** OPA with the rules as its data. The compiled policy is named by a variable: Rego cannot be compiled from npm. */
import { readFileSync } from "node:fs";
import { loadPolicy } from "@open-policy-agent/opa-wasm";
import { type Engine, textOf } from "./engine.js";
import { OPA_WASM_VARIABLE } from "./engines.js";
import type { Grants } from "./grants.js";

/** Roles of each user, and what each role may do. Roles are found by key; what a role may do is searched one by one. */
export function makeArtefact({ rules, users }: Grants): string {
  const groups = [...new Set(rules.flatMap((rule) => (rule.kind === "grant" ? [rule.group] : [])))];
  const permissionsOf = (group: string) =>
    rules.flatMap((rule) =>
      rule.kind === "grant" && rule.group === group ? [{ action: rule.verb, object: rule.pattern.text }] : [],
    );
  return JSON.stringify({
    user_roles: Object.fromEntries(users.map((user) => [user.id, user.groups])),
    role_permissions: Object.fromEntries(groups.map((group) => [group, permissionsOf(group)])),
  });
}

export async function openEngine(artefact: string | Uint8Array): Promise<Engine> {
  const policy = await loadPolicy(readFileSync(process.env[OPA_WASM_VARIABLE] ?? ""), { initial: 50, maximum: 1_000 });
  policy.setData(JSON.parse(textOf(artefact)));
  return {
    prepare: ({ user, verb, tables }) => {
      const input = { user: user.id, action: verb, object: tables[0] };
      return () => isAllow(policy.evaluate(input));
    },
  };
}

function isAllow(results: unknown): boolean {
  const [first] = results as readonly { readonly result?: unknown }[];
  if (typeof first?.result !== "boolean") throw new Error(`not a decision: ${JSON.stringify(results)}`);
  return first.result;
}
