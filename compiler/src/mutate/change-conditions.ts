import type { Comparison, Condition, Constant, Glob } from "../3-check/checked.js";

/** One small change of a condition: what a slip of the author would have made of it. */
export interface ConditionChange {
  /** What became of the node, in words: "`==` became `!=`". */
  readonly text: string;
  readonly changed: Condition;
}

/** Members of one set that are left out one by one. Of longer lists, data mostly, the first ones stand for all. */
const members_max = 8;

/** The changes at `condition` itself, none below it. */
export function changesAt(condition: Condition): readonly ConditionChange[] {
  switch (condition.kind) {
    case "Compare":
    case "CompareFacts": {
      const operator = slips[condition.operator];
      return [change(`\`${condition.operator}\` became \`${operator}\``, { ...condition, operator })];
    }
    case "And":
    case "Or":
      return flipConnective(condition);
    case "Not":
      return [change("`not` was removed", condition.operand)];
    case "In":
    case "Only":
      return withoutEach(condition.values, (values) => ({ ...condition, values }));
    case "Has":
      return [...flipHas(condition), ...withoutEach(condition.values, (values) => ({ ...condition, values }))];
    case "Like":
      return [
        ...condition.globs.flatMap((glob, i) => widenGlob(glob, (wider) => replaceAt(condition, i, wider))),
        ...withoutEach(condition.globs, (globs) => ({ ...condition, globs }), textOfGlob),
      ];
    case "Quantified":
      return flipQuantifier(condition);
    default:
      return [];
  }
}

const change = (text: string, changed: Condition): ConditionChange => ({ text, changed });

const slips: Readonly<Record<Comparison, Comparison>> = {
  "==": "!=",
  "!=": "==",
  "<": "<=",
  "<=": "<",
  ">": ">=",
  ">=": ">",
};

function flipConnective(condition: Extract<Condition, { kind: "And" | "Or" }>): readonly ConditionChange[] {
  if (condition.operands.length < 2) return [];
  const kind = condition.kind === "And" ? "Or" : "And";
  return [change(`\`${condition.kind.toLowerCase()}\` became \`${kind.toLowerCase()}\``, { ...condition, kind })];
}

function flipHas(condition: Extract<Condition, { kind: "Has" }>): readonly ConditionChange[] {
  if (condition.values.length < 2) return [];
  const quantifier = condition.quantifier === "any" ? "all" : "any";
  return [change(`\`has ${condition.quantifier}\` became \`has ${quantifier}\``, { ...condition, quantifier })];
}

function flipQuantifier(condition: Extract<Condition, { kind: "Quantified" }>): readonly ConditionChange[] {
  const quantifier = condition.quantifier === "any" ? "all" : "any";
  return [change(`\`${condition.quantifier}\` became \`${quantifier}\``, { ...condition, quantifier })];
}

function withoutEach<T extends Constant | Glob>(
  values: readonly T[],
  rebuild: (values: readonly T[]) => Condition,
  textOf: (value: T) => string = String,
): readonly ConditionChange[] {
  if (values.length < 2) return [];
  return values
    .slice(0, members_max)
    .map((value, i) => change(`\`${textOf(value)}\` was left out`, rebuild(values.toSpliced(i, 1))));
}

const textOfGlob = (value: Constant | Glob): string => (typeof value === "object" ? value.text : String(value));

/** A star crosses separators; without one, the pattern goes on at its end. */
function widenGlob(glob: Glob, rebuild: (wider: Glob) => Condition): readonly ConditionChange[] {
  const crossing = glob.text.replace(/(?<![*\\])\*(?!\*)/, "**");
  const canCross = glob.separator !== null && crossing !== glob.text;
  const text = canCross ? crossing : /\*$/.test(glob.text) ? null : `${glob.text}*`;
  return text === null ? [] : [change(`\`${glob.text}\` became \`${text}\``, rebuild({ ...glob, text }))];
}

const replaceAt = (condition: Extract<Condition, { kind: "Like" }>, index: number, glob: Glob): Condition => ({
  ...condition,
  globs: condition.globs.toSpliced(index, 1, glob),
});

/** Conditions directly below `condition`. */
export function operandsOf(condition: Condition): readonly Condition[] {
  switch (condition.kind) {
    case "And":
    case "Or":
      return condition.operands;
    case "Not":
      return [condition.operand];
    case "Quantified":
      return [condition.body];
    default:
      return [];
  }
}

/** `condition` with `replace` done wherever it gives something; the very same object where it nowhere does. */
export function replaceIn(condition: Condition, replace: (condition: Condition) => Condition | null): Condition {
  const replaced = replace(condition);
  if (replaced !== null) return replaced;
  switch (condition.kind) {
    case "And":
    case "Or": {
      const operands = condition.operands.map((operand) => replaceIn(operand, replace));
      const isSame = operands.every((operand, i) => operand === condition.operands[i]);
      return isSame ? condition : { ...condition, operands };
    }
    case "Not": {
      const operand = replaceIn(condition.operand, replace);
      return operand === condition.operand ? condition : { ...condition, operand };
    }
    case "Quantified": {
      const body = replaceIn(condition.body, replace);
      return body === condition.body ? condition : { ...condition, body };
    }
    default:
      return condition;
  }
}
