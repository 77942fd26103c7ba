import type { CheckedException, CheckedRule } from "../../3-check/checked.js";
import { voidException } from "../../diagnostics/catalog.js";
import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import { shortId } from "../short-id.js";
import { allOf, always, not } from "../verdicts.js";
import type { Study } from "./study.js";

/** Why an exception changes nothing: its rule never fires where it holds, or a hard block (by id) always does too. */
export interface VoidException {
  readonly blockedBy: string | null;
}

/** Exceptions that excuse nothing, at any time before they end. Of known facts, and only what is certain. */
export function findVoidException(study: Study, exception: CheckedException): VoidException | null {
  const { policy } = study;
  const rule = policy.rules.find(({ id, effect }) => id === exception.rule && effect.kind !== "allow");
  if (rule === undefined) return null;
  const scopeOf = (module: number) => policy.modules[module]?.scope ?? always;
  const excused = allOf([...[scopeOf(exception.module), exception.condition, scopeOf(rule.module), rule.condition]]);
  if (study.searchFor(rule, [excused]).kind === "none") return { blockedBy: null };
  const blocks = policy.rules.filter((other) => isHardBlock(other, rule));
  const by = blocks.find((block) => study.searchFor(rule, [excused, not(study.firingOf(block))]).kind === "none");
  return by === undefined ? null : { blockedBy: by.id };
}

const isHardBlock = (other: CheckedRule, { families }: CheckedRule): boolean =>
  other.effect.kind === "block" &&
  other.level === "hard" &&
  families.every((family) => other.families.includes(family));

export const reportVoidException = (exception: CheckedException, { blockedBy }: VoidException): Diagnostic =>
  voidException(exception.span, {
    exception: shortId(exception),
    rule: exception.rule,
    blockedBy,
  });
