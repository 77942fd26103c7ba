/** Plain JavaScript: what a programmer without a policy engine writes. Each rule is a function made for it. */
import { type Engine, textOf } from "./engine.js";
import type { Grants, Pattern, Question, Rule } from "./grants.js";

type Test = (question: Question, groups: ReadonlySet<string>) => boolean;

export const makeArtefact = ({ rules }: Grants): string => JSON.stringify(rules);

export async function openEngine(artefact: string | Uint8Array): Promise<Engine> {
  const rules: readonly Rule[] = JSON.parse(textOf(artefact));
  const forbidding = rules.flatMap((rule) => makeForbidding(rule) ?? []);
  const granting = rules.flatMap((rule) => makeGranting(rule) ?? []);
  return {
    prepare: (question) => {
      const groups = new Set(question.user.groups);
      return () =>
        !forbidding.some((test) => test(question, groups)) && granting.some((test) => test(question, groups));
    },
  };
}

function makeGranting(rule: Rule): Test | null {
  if (rule.kind !== "grant") return null;
  const { group, verb, pattern } = rule;
  const isMatch = makeMatcher(pattern);
  return (question, groups) => question.verb === verb && groups.has(group) && question.tables.every(isMatch);
}

function makeForbidding(rule: Rule): Test | null {
  if (rule.kind === "hidden") {
    const isMatch = makeMatcher(rule.pattern);
    return ({ tables }, groups) => tables.some(isMatch) && !groups.has(rule.except);
  }
  if (rule.kind === "grant") return null;
  return ({ targets }) =>
    targets.some(({ table, change, restricted }) => table === rule.table && change !== "insert" && !restricted);
}

function makeMatcher({ kind, text }: Pattern): (name: string) => boolean {
  if (kind === "exact") return (name) => name === text;
  return kind === "prefix" ? (name) => name.startsWith(text) : (name) => name.includes(text);
}
