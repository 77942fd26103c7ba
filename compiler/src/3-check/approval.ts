import type { Approvers, Path } from "../1-parse/ast.js";
import { pathText } from "../2-resolve/label-tree.js";
import { badApproval, unknownName, wrongKindOfName } from "../diagnostics/catalog.js";
import { limits } from "../source/limits.js";
import type { Approval } from "./checked.js";
import { lookUp } from "./operand.js";
import { type Place, report, suggest } from "./site.js";

/** Who may approve, by the identity provider's names: one entry a group, the greatest count where one is named twice. */
export function approvalOf(approvers: Approvers, place: Place): Approval {
  const counts = new Map<string, number>();
  for (const { group, count, span } of approvers.all) {
    if (count < 1 || count > limits.approvers_max)
      report(
        place.site,
        badApproval(span, { problem: `an approval takes 1 to ${limits.approvers_max} people of a group` }),
      );
    const provider = groupNamed(group, place);
    if (provider !== null) counts.set(provider, Math.max(count, counts.get(provider) ?? 0));
  }
  const { within_s } = approvers;
  if (!Number.isInteger(within_s) || within_s < 1 || within_s > limits.approval_within_s_max)
    report(place.site, badApproval(approvers.within, { problem: "people have 1s to 7d to answer, in whole seconds" }));
  const all = [...counts].map(([group, count]) => ({ group, count }));
  return { all: all.sort((a, b) => (a.group < b.group ? -1 : 1)), within_s };
}

/** The identity provider's name of a group; null, and reported, when `path` is no group. */
function groupNamed(path: Path, place: Place): string | null {
  const [head] = path.words;
  const name = pathText(path);
  const declaration = place.module.scope.get(head?.text ?? "");
  if (declaration === undefined) {
    const nearest = suggest(place.site, head?.text ?? "", place.module.scope.keys());
    report(place.site, unknownName(path.span, { name: head?.text ?? "", nearest }));
    return null;
  }
  const found = lookUp(declaration, path, place);
  if (found === null || found.declaration.kind === "Broken") return null;
  place.site.checker.usedNames.add(found.declaration);
  if (found.declaration.kind === "Group" && found.rest === 0) {
    const { provider, name: own } = found.declaration.item;
    return provider?.value ?? own.text;
  }
  const kinds = { Module: "a module", Let: "a `let`", Fixture: "a fixture", Group: "a group" };
  report(place.site, wrongKindOfName(path.span, { name, expected: "a group", found: kinds[found.declaration.kind] }));
  return null;
}
