/**
 * The rules as Cedar policies, and a question as Cedar calls. Cedar asks about one resource, and has no patterns over the items
 * of a set: a question about several tables is one call a table, and allowed when every call is.
 */
import type { AuthorizationAnswer, Entities } from "@cedar-policy/cedar-wasm/nodejs";
import type { Grants, Pattern, Question, Rule, User } from "./grants.js";

export const makeArtefact = ({ rules }: Grants): string => rules.map(policyText).join("\n");

function policyText(rule: Rule): string {
  switch (rule.kind) {
    case "grant": {
      const who = `principal in Group::"${rule.group}", action == Action::"${rule.verb}"`;
      return rule.pattern.kind === "exact"
        ? `permit(${who}, resource == Table::"${rule.pattern.text}");`
        : `permit(${who}, resource) when { ${matchText(rule.pattern)} };`;
    }
    case "hidden":
      return `forbid(principal, action, resource) when { ${matchText(rule.pattern)} } unless { principal in Group::"${rule.except}" };`;
    case "unbounded":
      return `forbid(principal, action, resource == Table::"${rule.table}") when { ["update", "delete"].contains(context.change) && !context.restricted };`;
  }
}

const matchText = ({ kind, text }: Pattern): string =>
  kind === "prefix" ? `resource.name like "${text}*"` : `resource.name like "*${text}*"`;

export const callsOf = ({ user, verb, tables, targets }: Question) =>
  tables.map((table) => {
    const target = targets.find((each) => each.table === table);
    return {
      principal: { type: "User", id: user.id },
      action: { type: "Action", id: verb },
      resource: { type: "Table", id: table },
      context: { change: target?.change ?? "none", restricted: target?.restricted ?? true },
      entities: entitiesOf(user, table),
    };
  });

/** The least that `principal in Group` and `resource.name` need. */
const entitiesOf = ({ id, groups }: User, table: string): Entities => [
  { uid: { type: "User", id }, attrs: {}, parents: groups.map((group) => ({ type: "Group", id: group })) },
  { uid: { type: "Table", id: table }, attrs: { name: table }, parents: [] },
];

export function isAllow(answer: AuthorizationAnswer): boolean {
  if (answer.type !== "success") throw new Error(JSON.stringify(answer.errors));
  if (answer.response.diagnostics.errors.length > 0) throw new Error(JSON.stringify(answer.response.diagnostics));
  return answer.response.decision === "allow";
}
