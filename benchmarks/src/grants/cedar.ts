import {
  type AuthorizationAnswer,
  type Entities,
  isAuthorized,
  preparsePolicySet,
  statefulIsAuthorized,
} from "@cedar-policy/cedar-wasm/nodejs";
import type { Grant, Grants, GrantsEngine, Question, User } from "./grants.js";

/** Cedar as its documentation shows it first: policies as text with every call. */
export function cedarPlainEngine(grants: Grants): GrantsEngine {
  const staticPolicies = policiesText(grants);
  return {
    name: "cedar, plain",
    prepare: (question) => {
      const call = { ...callOf(question), policies: { staticPolicies } };
      return () => isAllow(isAuthorized(call));
    },
  };
}

/** Cedar with the policies parsed once and kept inside. */
export function cedarPreparsedEngine(grants: Grants): GrantsEngine {
  const preparsedPolicySetId = `grants-${grants.rules.length}`;
  const parsed = preparsePolicySet(preparsedPolicySetId, { staticPolicies: policiesText(grants) });
  if (parsed.type !== "success") throw new Error(JSON.stringify(parsed.errors));
  return {
    name: "cedar, preparsed",
    prepare: (question) => {
      const call = { ...callOf(question), preparsedPolicySetId };
      return () => isAllow(statefulIsAuthorized(call));
    },
  };
}

const policiesText = ({ rules }: Grants): string => rules.map(policyText).join("\n");

const policyText = ({ group, verb, table }: Grant): string =>
  `permit(principal in Group::"${group}", action == Action::"${verb}", resource == Table::"${table}");`;

const callOf = ({ user, verb, table }: Question) => ({
  principal: { type: "User", id: user.id },
  action: { type: "Action", id: verb },
  resource: { type: "Table", id: table },
  context: {},
  entities: entitiesOf(user),
});

/** The least that `principal in Group` needs: one entity with its parents. */
const entitiesOf = ({ id, groups }: User): Entities => [
  { uid: { type: "User", id }, attrs: {}, parents: groups.map((group) => ({ type: "Group", id: group })) },
];

function isAllow(answer: AuthorizationAnswer): boolean {
  if (answer.type !== "success") throw new Error(JSON.stringify(answer.errors));
  return answer.response.decision === "allow";
}
