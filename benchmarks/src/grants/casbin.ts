/** casbin: its own textbook model where rules are plain; else one with functions over lists, which it has no words for. */
import { newEnforcer, newModelFromString, StringAdapter } from "casbin";
import { type Engine, textOf } from "./engine.js";
import { type Grants, matches, type Pattern, type Question, type Rule } from "./grants.js";

const plainModel = `
[request_definition]
r = sub, obj, act
[policy_definition]
p = sub, obj, act
[role_definition]
g = _, _
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = r.obj == p.obj && r.act == p.act && g(r.sub, p.sub)
`;

/** \`kind\` and \`text\` say which tables; the group of a deny is who is excepted. */
const listModel = `
[request_definition]
r = sub, act, tables, targets
[policy_definition]
p = sub, act, kind, text, eft
[role_definition]
g = _, _
[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))
[matchers]
m = (p.eft == "allow" && r.act == p.act && g(r.sub, p.sub) && all_match(r.tables, p.kind, p.text)) || (p.eft == "deny" && touches(r.tables, r.targets, p.kind, p.text) && !g(r.sub, p.sub))
`;

export function makeArtefact({ sort, rules, users }: Grants): string {
  const lines = rules.map(sort === "plain" ? plainLine : listLine);
  const roles = users.flatMap(({ id, groups }) => groups.map((group) => `g, ${id}, ${group}`));
  return [...lines, ...roles].join("\n");
}

function plainLine(rule: Rule): string {
  if (rule.kind !== "grant") throw new Error("not a plain rule");
  return `p, ${rule.group}, ${rule.pattern.text}, ${rule.verb}`;
}

function listLine(rule: Rule): string {
  switch (rule.kind) {
    case "grant":
      return `p, ${rule.group}, ${rule.verb}, ${rule.pattern.kind}, ${rule.pattern.text}, allow`;
    case "hidden":
      return `p, ${rule.except}, any, ${rule.pattern.kind}, ${rule.pattern.text}, deny`;
    case "unbounded":
      return `p, nobody, any, unbounded, ${rule.table}, deny`;
  }
}

const allMatch = (tables: readonly string[], kind: Pattern["kind"], text: string): boolean =>
  tables.every((table) => matches({ kind, text }, table));

function touches(
  tables: readonly string[],
  targets: Question["targets"],
  kind: Pattern["kind"] | "unbounded",
  text: string,
): boolean {
  if (kind !== "unbounded") return tables.some((table) => matches({ kind, text }, table));
  return targets.some(({ table, change, restricted }) => table === text && change !== "insert" && !restricted);
}

export async function openEngine(artefact: string | Uint8Array, { sort }: Grants): Promise<Engine> {
  const isPlain = sort === "plain";
  const model = newModelFromString(isPlain ? plainModel : listModel);
  const enforcer = await newEnforcer(model, new StringAdapter(textOf(artefact)));
  await enforcer.addFunction("all_match", allMatch);
  await enforcer.addFunction("touches", touches);
  return {
    prepare: ({ user, verb, tables, targets }) => {
      const [table = ""] = tables;
      return isPlain
        ? () => enforcer.enforceSync(user.id, table, verb)
        : () => enforcer.enforceSync(user.id, verb, tables, targets);
    },
  };
}
