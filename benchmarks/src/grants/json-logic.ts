/** json-logic-engine, each rule compiled to JavaScript: faster here than one tree of all rules. */
import { LogicEngine } from "json-logic-engine";
import { type Engine, textOf } from "./engine.js";
import type { Grants, Pattern, Rule } from "./grants.js";

/** Whether it grants, and its logic as JSON. */
interface RuleLogic {
  readonly grants: boolean;
  readonly logic: object;
}

export const makeArtefact = ({ rules }: Grants): string => JSON.stringify(rules.map(logicOf));

export async function openEngine(artefact: string | Uint8Array): Promise<Engine> {
  const engine = new LogicEngine();
  // `in` finds a text in a text; nothing it comes with looks at the start alone.
  engine.addMethod("starts_with", ([text, start]: [string, string]) => text.startsWith(start), { deterministic: true });
  const rules: readonly RuleLogic[] = JSON.parse(textOf(artefact));
  const built = rules.map(({ grants, logic }) => ({
    grants,
    test: engine.build(logic) as (data: object) => unknown,
  }));
  const forbidding = built.filter(({ grants }) => !grants);
  const granting = built.filter(({ grants }) => grants);
  return {
    prepare: ({ user, verb, tables, targets }) => {
      const data = { groups: user.groups, verb, tables, targets };
      return () =>
        !forbidding.some(({ test }) => test(data) === true) && granting.some(({ test }) => test(data) === true);
    },
  };
}

function logicOf(rule: Rule): RuleLogic {
  switch (rule.kind) {
    case "grant":
      return {
        grants: true,
        logic: {
          and: [
            { "===": [{ var: "verb" }, rule.verb] },
            { in: [rule.group, { var: "groups" }] },
            { all: [{ var: "tables" }, matchOf(rule.pattern)] },
          ],
        },
      };
    case "hidden":
      return {
        grants: false,
        logic: {
          and: [
            { some: [{ var: "tables" }, matchOf(rule.pattern)] },
            { "!": [{ in: [rule.except, { var: "groups" }] }] },
          ],
        },
      };
    case "unbounded": {
      const isTarget = { "===": [{ var: "table" }, rule.table] };
      const isWide = { and: [{ in: [{ var: "change" }, ["update", "delete"]] }, { "!": [{ var: "restricted" }] }] };
      return { grants: false, logic: { some: [{ var: "targets" }, { and: [isTarget, isWide] }] } };
    }
  }
}

function matchOf({ kind, text }: Pattern): object {
  if (kind === "exact") return { "===": [{ var: "" }, text] };
  return kind === "prefix" ? { starts_with: [{ var: "" }, text] } : { in: [text, { var: "" }] };
}
