/**
 * Policies of Cedar, over an entity model of tables.
 *
 *   principal   User, Agent or Service, by what kind it is; in Group, Role or Team; attributes id, issuer, kind, mfa
 *   action      select (or read), insert, update, delete, merge, create, drop, alter, truncate
 *   resource    Table::"schema.name", or "name" in the schema public; in Schema, in Connection; attributes schema, name
 *   context     connection, env, mfa, client, in_transaction, sandboxed
 *
 * A type's name is its last part. Cedar is asked about one table; a statement of several is allowed where one permit covers all
 * of them, and refused where a forbid meets one. What cannot be expressed drops the permit, and of a forbid the condition.
 * Cedar's own parser reads the text: an optional package, so that nobody else installs 13 MB. Absent: templates, schemas.
 */
import type { PolicyJson } from "@cedar-policy/cedar-wasm/nodejs";
import { CommandFailure } from "../exit-code.js";
import { quote } from "../hpl-text.js";
import {
  type Entity,
  entityOf,
  formulaOf,
  type Groups,
  NotExpressible,
  principalIn,
  principalIs,
  principalIsEntity,
  resourceIn,
  resourceIs,
  resourceIsEntity,
} from "./cedar-conditions.js";
import { constant, type Formula, formulaText, join, splitByTable } from "./formula.js";
import { type Import, type ImportedRule, idMaker } from "./imported.js";

type Cedar = typeof import("@cedar-policy/cedar-wasm/nodejs");

async function loadCedar(): Promise<Cedar> {
  try {
    return await import("@cedar-policy/cedar-wasm/nodejs");
  } catch {
    throw new CommandFailure("reading Cedar takes its own parser: npm install @cedar-policy/cedar-wasm");
  }
}

/** Reads a policy set. */
export async function importCedar(text: string): Promise<Import> {
  const cedar = await loadCedar();
  const parts = cedar.policySetTextToParts(text);
  if (parts.type === "failure")
    return { ok: false, line: null, reason: parts.errors.map(({ message }) => message).join("; ") };
  const groups = collectGroups();
  const nextId = idMaker();
  const rules = parts.policies.map((original, i): ImportedRule => {
    const read = cedar.policyToJson(original);
    if (read.type === "failure") throw new Error(`HPL9001: Cedar does not read its own policy: ${original}`);
    return { line: null, original, ...itemsOf(read.json, `policy${i}`, groups, nextId) };
  });
  const templates = parts.policy_templates.map(
    (original): ImportedRule => ({
      line: null,
      original,
      items: [],
      left_out: ["a template: link it first"],
      gaps: [],
    }),
  );
  return { ok: true, head: [...head, ...groups.declarations()], rules: [...rules, ...templates] };
}

const head = [
  "# Imported from policies of Cedar, over tables. Read what was left out.",
  "policy imported.cedar governs sql",
  "default block",
];

function collectGroups(): Groups & { readonly declarations: () => readonly string[] } {
  const names = new Map<string, string>();
  const nextId = idMaker();
  return {
    nameOf: (group) => {
      const name = names.get(group) ?? `group_${nextId(group).replaceAll("-", "_")}`;
      names.set(group, name);
      return name;
    },
    declarations: () => [...names].map(([group, name]) => `group ${name} = ${quote(group)}`),
  };
}

type Items = Pick<ImportedRule, "items" | "left_out" | "gaps">;

function itemsOf(policy: PolicyJson, name: string, groups: Groups, nextId: (text: string) => string): Items {
  const given = policy.annotations?.id ?? name;
  const isPermit = policy.effect === "permit";
  const { formula, left_out } = conditionOf(policy, groups);
  const actions = actionsOf(policy);
  const unknown = actions.flatMap(({ action, id }) => (action === null ? [`the action ${id}`] : []));
  const notes = [...left_out, ...unknown];
  if (isPermit && left_out.length > 0) return { items: [], left_out: notes, gaps: [] };
  // A restriction on an action that is not known is one on all of them.
  const known = actions.flatMap(({ action }) => (action === null ? (isPermit ? [] : ["any" as const]) : [action]));
  const wanted = known.includes("any") ? (["any"] as const) : [...new Set(known)];
  const items = wanted.flatMap((action) => {
    const condition = isPermit ? permitCondition(action, formula) : forbidCondition(action, formula);
    if (condition === "false") return [];
    const id = nextId(wanted.length === 1 ? given : `${given}-${action}`);
    return [`${isPermit ? "allow" : "block"} "${id}" when ${condition}`];
  });
  return { items, left_out: notes, gaps: [] };
}

/** What a policy says of principal, resource and context. What cannot be said of it is true, and a reason. */
function conditionOf(
  policy: PolicyJson,
  groups: Groups,
): { readonly formula: Formula; readonly left_out: readonly string[] } {
  const left_out: string[] = [];
  const attempt = (make: () => Formula): Formula => {
    try {
      return make();
    } catch (error) {
      if (!(error instanceof NotExpressible)) throw error;
      left_out.push(error.message);
      return constant(true);
    }
  };
  const parts = [
    attempt(() => scopeOf(policy.principal, principalScope(groups))),
    attempt(() => scopeOf(policy.resource, resourceScope)),
    ...policy.conditions.map(({ kind, body }) => attempt(() => formulaOf(body, groups, kind === "when"))),
  ];
  return { formula: join("and", parts), left_out };
}

interface ScopeReader {
  readonly is: (type: string) => Formula;
  readonly equals: (entity: Entity) => Formula;
  readonly inside: (entity: Entity) => Formula;
}

const principalScope = (groups: Groups): ScopeReader => ({
  is: (type) => principalIs(type, true),
  equals: (entity) => principalIsEntity(entity, true),
  inside: (entity) => principalIn(entity, groups, true),
});

const resourceScope: ScopeReader = {
  is: (type) => resourceIs(type, true),
  equals: (entity) => resourceIsEntity(entity, true),
  inside: (entity) => resourceIn(entity, true),
};

function scopeOf(scope: PolicyJson["principal"] | PolicyJson["resource"], reader: ScopeReader): Formula {
  const named = (json: unknown): Entity => {
    const entity = entityOf((json as { readonly entity?: unknown }).entity);
    if (entity === null) throw new NotExpressible("a slot of a template");
    return entity;
  };
  switch (scope.op) {
    case "All":
      return constant(true);
    case "==":
      return reader.equals(named(scope));
    case "in":
      return reader.inside(named(scope));
    case "is": {
      const type = reader.is(scope.entity_type);
      return scope.in === undefined ? type : join("and", [type, reader.inside(named(scope.in))]);
    }
  }
}

const changes = ["insert", "update", "delete", "merge"] as const;
const objects = ["create", "drop", "alter", "truncate"] as const;
type Action = "any" | "select" | (typeof changes)[number] | (typeof objects)[number];

const actionsByName: ReadonlyMap<string, Action> = new Map<string, Action>([
  ["select", "select"],
  ["read", "select"],
  ...[...changes, ...objects].map((each) => [each, each] as const),
]);

/** The actions a policy is about; null for one the model does not have. */
function actionsOf({ action }: PolicyJson): readonly { readonly action: Action | null; readonly id: string }[] {
  if (action.op === "All") return [{ action: "any", id: "any" }];
  const listed = "entities" in action ? action.entities : "entity" in action ? [action.entity] : [null];
  return listed.map((json) => {
    const entity = entityOf(json);
    const known = entity?.type === "Action" ? actionsByName.get(entity.id.toLowerCase()) : undefined;
    return { action: known ?? null, id: entity === null ? "of a slot" : `${entity.type}::${quote(entity.id)}` };
  });
}

const isIn = <T extends string>(all: readonly T[], one: string): one is T => (all as readonly string[]).includes(one);

/** One permit must cover every table of a statement, and everything the statement does. */
function permitCondition(action: Action, formula: Formula): string {
  const { request, table } = splitByTable(formula);
  if ([request, table].some((part) => part.kind === "constant" && !part.value)) return "false";
  const tables = table.kind === "constant" ? 'r.name like "**"' : formulaText(table, "r");
  return conjunction([
    request,
    `statement.effects only {${effectsOf(action).join(", ")}}`,
    ...(isIn(changes, action) ? [`all t in statement.targets where (t.change == ${action})`] : []),
    `all r in statement.relations where (${tables})`,
  ]);
}

function effectsOf(action: Action): readonly string[] {
  if (action === "any") return ["read", "write", ...objects];
  if (action === "select") return ["read"];
  return isIn(changes, action) ? ["write"] : [action];
}

/** A forbid counts when it meets one table of a statement. */
function forbidCondition(action: Action, formula: Formula): string {
  const { request, table } = splitByTable(formula);
  if ([request, table].some((part) => part.kind === "constant" && !part.value)) return "false";
  if (action === "any" && table.kind === "constant") return conjunction([request]);
  const variable = isIn(changes, action) ? "t" : "r";
  const list = variable === "t" ? "statement.targets" : "statement.relations";
  const done = { t: `t.change == ${action}`, r: `r.access == ${action === "select" ? "read" : action}` }[variable];
  const isDone = action === "any" ? [] : [done];
  const isTable = table.kind === "constant" ? [] : [table];
  const tests = isTable.map((each) =>
    isDone.length === 0 ? formulaText(each, variable) : operandText(each, variable),
  );
  return conjunction([request, `any ${variable} in ${list} where (${[...isDone, ...tests].join(" and ")})`]);
}

const operandText = (formula: Formula, table: string): string =>
  formula.kind === "or" ? `(${formulaText(formula, table)})` : formulaText(formula, table);

function conjunction(parts: readonly (Formula | string)[]): string {
  const texts = parts.flatMap((part) => {
    if (typeof part === "string") return [part];
    return part.kind === "constant" ? [] : [operandText(part, "")];
  });
  return texts.length === 0 ? "always" : texts.join(" and ");
}
