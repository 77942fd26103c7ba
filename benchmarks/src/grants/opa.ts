import { readFileSync } from "node:fs";
import { loadPolicy } from "@open-policy-agent/opa-wasm";
import type { Grants, GrantsEngine, Question } from "./grants.js";

/** Names the compiled policy: entrypoint `authz/allow`, data and input as below. `benchmarks/README.md` says how to make one. */
export const OPA_WASM_VARIABLE = "HPL_OPA_WASM";

/** OPA with the rules as its data; null when no compiled policy is named. Rego cannot be compiled from npm. */
export async function opaEngine(grants: Grants): Promise<GrantsEngine | null> {
  const path = process.env[OPA_WASM_VARIABLE];
  if (path === undefined || path === "") return null;
  const policy = await loadPolicy(readFileSync(path), { initial: 50, maximum: 1_000 });
  policy.setData(dataOf(grants));
  return {
    name: "opa",
    prepare: (question) => {
      const input = inputOf(question);
      return () => isAllow(policy.evaluate(input, "authz/allow"));
    },
  };
}

/**
 * Roles of each user, permissions of each role, and what each entry point needs. An entry point is found by key; a role's
 * permissions are searched one by one.
 */
export function dataOf({ rules, users }: Grants): object {
  const groups = [...new Set(rules.map(({ group }) => group))];
  const permissionsOf = (group: string) =>
    rules.filter((rule) => rule.group === group).map(({ table, verb }) => ({ resources: [table], verbs: [verb] }));
  const verbsOf = (resource: string) => ({
    read: { resource, verb: "read" },
    write: { resource, verb: "write" },
  });
  return {
    permissions: {
      user_roles: Object.fromEntries(users.map((user) => [user.id, user.groups])),
      role_permissions: Object.fromEntries(groups.map((group) => [group, permissionsOf(group)])),
      public_permissions: [],
      owner_permissions: [],
    },
    entrypointSetting: {
      type: "GraphQL",
      graphqlEntrypoints: Object.fromEntries(rules.map(({ table }) => [table, verbsOf(table)])),
    },
  };
}

const inputOf = ({ user, verb, table }: Question) => ({ who: user.id, parentType: table, fieldName: verb });

function isAllow(results: unknown): boolean {
  const [first] = results as readonly { readonly result?: unknown }[];
  if (typeof first?.result !== "boolean") throw new Error(`not a decision: ${JSON.stringify(results)}`);
  return first.result;
}
