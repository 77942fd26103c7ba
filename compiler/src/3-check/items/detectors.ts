import { detectorChecks } from "@hpl/runtime/abi";
import type { DetectorItem, MaskSubject, Path, Text } from "../../1-parse/ast.js";
import { pathText } from "../../2-resolve/label-tree.js";
import type { ResolvedModule } from "../../2-resolve/resolve.js";
import { badDetector, wideDetector, wrongKindOfName } from "../../diagnostics/catalog.js";
import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import { limits } from "../../source/limits.js";
import type { CheckedDetector } from "../checked.js";
import { isRightSize } from "../operands/constants.js";
import { lookUp } from "../operands/declared-operand.js";
import { describeOperand } from "../operands/describe.js";
import { memberOperand, nameOperand, type Operand } from "../operands/operand.js";
import { compileRegex, readRegex } from "../regex/compile-regex.js";
import { fixedCharacters, matchesEmpty } from "../regex/regex-tree.js";
import { type Place, report, suggest } from "../site.js";

const checks: ReadonlyMap<string, number> = new Map(Object.entries(detectorChecks));

/** A `detector`. Reports HPL3013, HPL3023 and HPL6010. */
export function detectorOf(item: DetectorItem, module: ResolvedModule, place: Place): CheckedDetector {
  const name = item.name.text;
  for (const pattern of item.patterns) reportPattern(pattern, name, place);
  for (const { name: check, arguments: numbers, span } of item.checks) {
    const needed = checks.get(check.text);
    const known = [...checks.keys()];
    const nearest = suggest(place.site, check.text, known);
    const problem =
      needed === undefined
        ? `has the unknown check \`${check.text}\``
        : `gives \`${check.text}\` ${numbers.length} numbers`;
    const help =
      needed === undefined
        ? unknownCheckHelp(nearest, known)
        : `it takes ${needed}: \`check entropy(3)\`, \`check luhn\``;
    if (needed !== numbers.length) report(place.site, badDetector(span, { name, problem, help }));
  }
  for (const { value, span } of item.context)
    if (value === "")
      report(
        place.site,
        badDetector(span, { name, problem: "looks for empty text near a match", help: "write a word" }),
      );
  return {
    id: `${module.name}.${name}`,
    patterns: item.patterns.map((pattern) => pattern.value),
    checks: item.checks.map((check) => ({ name: check.name.text, arguments: check.arguments })),
    context: item.context.map((word) => word.value),
    span: item.span,
  };
}

const unknownCheckHelp = (nearest: string | null, known: readonly string[]): string =>
  nearest === null ? `there are ${known.map((found) => `\`${found}\``).join(", ")}` : `did you mean \`${nearest}\`?`;

function reportPattern({ value, span }: Text, name: string, place: Place): void {
  const output = readRegex(value, span);
  if (output.kind === "problem") report(place.site, output.diagnostic);
  else if (matchesEmpty(output.tree))
    report(
      place.site,
      badDetector(span, { name, problem: "finds empty text, which is everywhere", help: "use `+` for `*`" }),
    );
  else if (place.module.isSource) {
    // What a pattern costs is for its author to hear: those of the standard library are known to have automata.
    const compiled = compileRegex(value, span, place.site.checker.regexes);
    if (compiled.kind === "problem") report(place.site, compiled.diagnostic);
  }
}

/** Warns of a detector that finds too much: short fixed text, and nothing else to tell a match by (HPL5007). */
export function wideDetectors({ patterns, checks: own, context, name }: DetectorItem): readonly Diagnostic[] {
  if (own.length > 0 || context.length > 0) return [];
  return patterns.flatMap(({ value, span }) => {
    const output = readRegex(value, span);
    const characters_min = limits.detector_characters_min;
    if (output.kind === "problem" || fixedCharacters(output.tree) >= characters_min) return [];
    return [wideDetector(span, { detector: name.text, pattern: value.slice(0, 64), characters_min })];
  });
}

/** The detectors of `mask .. values SET`, by id: one, or those of a `let`. */
export interface DetectorSet {
  /** `module.name`. */
  readonly id: string;
  readonly detectors: readonly string[];
}

/** Null, and reported, when `subject` names no detectors. The full name of a module's set needs no `use`. */
export function detectorSetOf(
  subject: Extract<MaskSubject, { readonly kind: "values" }>,
  place: Place,
): DetectorSet | null {
  const { path, at } = withoutModuleName(subject.detectors, place);
  const operand = nameOperand(path, at);
  const detectors = detectorsIn(operand, path.span, at);
  const declaration = at.module.scope.get(path.words[0]?.text ?? "");
  const found = declaration === undefined ? null : lookUp(declaration, path, at);
  if (detectors === null || found === null) return null;
  return { id: `${found.module.name}.${path.words.at(-1)?.text ?? ""}`, detectors };
}

/** `std.detect.secrets` is `secrets` of the module `std.detect`, where no shorter name of this module is meant. */
function withoutModuleName(path: Path, place: Place): { readonly path: Path; readonly at: Place } {
  const own = place.module.scope.has(path.words[0]?.text ?? "");
  const prefix = pathText({ ...path, words: path.words.slice(0, -1) });
  const module = own ? undefined : place.site.checker.policy.modules.find(({ name }) => name === prefix);
  return module === undefined
    ? { path, at: place }
    : { path: { ...path, words: path.words.slice(-1) }, at: { ...place, module } };
}

function detectorsIn(operand: Operand | null, span: Path["span"], place: Place): readonly string[] | null {
  if (operand?.kind === "Broken") return null;
  if (operand?.kind === "Detector") return [operand.id];
  if (operand?.kind === "Set") {
    if (!isRightSize(operand, place)) return null;
    const members = operand.members.map((member) => detectorsIn(memberOperand(member), member.span, place));
    return members.includes(null) ? null : [...new Set(members.flatMap((ids) => ids ?? []))];
  }
  const found = operand === null ? "a condition" : operand.kind === "Word" ? "no name" : describeOperand(operand);
  const name = operand?.kind === "Word" ? operand.text : "this";
  const hint = "declare one: `detector token { pattern 'tok_[a-z0-9]{20}' }`, and sets of them with `let`";
  report(place.site, wrongKindOfName(span, { name, expected: "a detector or a set of them", found, hint }));
  return null;
}
