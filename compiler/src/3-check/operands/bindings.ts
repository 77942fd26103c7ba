import type { Expr, Path } from "../../1-parse/ast.js";
import type { Binding, ParameterType, Place, Variable } from "../site.js";
import { factOperand } from "./fact-operand.js";
import { nameOperand, type Operand, operandOf, reportUnknown } from "./operand.js";

/**
 * Parameters of a `define`, where its body names them. An argument is read where the caller wrote it: its names are those of
 * the caller's module, its variables those of the caller's quantifiers, which by now may lie further out.
 */

/** What the parameter called `name` stands for; null when there is none. Variables of the body come before it. */
export function bindingAt(name: string, place: Place): Binding | null {
  if (place.variables.some((variable) => variable.name === name)) return null;
  return place.bindings.get(name) ?? null;
}

/** An expression and where it is to be read, once parameters that stand for a single word are followed; or the sample. */
export type Followed =
  | { readonly kind: "written"; readonly expr: Expr; readonly place: Place }
  | { readonly kind: "sample"; readonly type: ParameterType };

/** What `expr` says once parameters are replaced by what the caller wrote. At most one step for each call around it. */
export function follow(expr: Expr, place: Place): Followed {
  const head = expr.kind === "Name" && expr.path.words.length === 1 ? expr.path.words[0] : undefined;
  const binding = head === undefined ? null : bindingAt(head.text, place);
  if (binding === null) return { kind: "written", expr, place };
  return binding.kind === "sample" ? binding : follow(binding.expr, callerPlace(binding.place, place));
}

/** Where to point when `expr` is wrong: at what the caller wrote, where it stands for that. */
export function blamedSpan(expr: Expr, place: Place): Expr["span"] {
  const followed = follow(expr, place);
  return followed.kind === "written" ? followed.expr.span : expr.span;
}

/** `path` starts with a parameter, which stands for `binding`. */
export function boundOperand(binding: Binding, path: Path, place: Place): Operand {
  const { span } = path;
  if (binding.kind === "sample") return sampleOperand(binding.type, path, place);
  const rest = path.words.slice(1);
  const inside = callerPlace(binding.place, place);
  if (rest.length === 0) {
    const operand = operandOf(binding.expr, inside);
    return operand === null ? { kind: "Broken", span } : { ...operand, span };
  }
  if (binding.expr.kind !== "Name") return reportUnknown(path.words[0]?.text ?? "", span, place);
  return nameOperand({ words: [...binding.expr.path.words, ...rest], span }, inside);
}

function sampleOperand(type: ParameterType, path: Path, place: Place): Operand {
  const { span } = path;
  if (type.kind !== "Set") {
    const start = { type, optional: false, knowledge: false };
    const operand = factOperand(path, start, { root: "parameter", steps: [] }, null, place);
    return operand.kind === "Fact" ? { ...operand, isSample: true } : operand;
  }
  const member = sampleOperand(type.of, { words: path.words.slice(0, 1), span }, place);
  return { kind: "Set", members: [{ kind: "operand", operand: member, span }], span };
}

/** The caller's place as it is seen from further in: as deep as we are, and with as many variables. */
function callerPlace(caller: Place, place: Place): Place {
  const nameless = place.variables.slice(caller.variables.length).map(({ type }): Variable => ({ name: "", type }));
  const { site, present, depth } = place;
  return { ...caller, site, present, depth, variables: [...caller.variables, ...nameless] };
}
