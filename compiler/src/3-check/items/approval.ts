import type { Approvers, Path } from "../../1-parse/ast.js";
import { badApproval } from "../../diagnostics/catalog.js";
import { limits } from "../../source/limits.js";
import type { Approval } from "../checked.js";
import { declarationNamed } from "../operands/declared-operand.js";
import { type Place, report } from "../site.js";

/** Who may approve, by the identity provider's names, and how long people have to answer. */
export function approvalOf(approvers: Approvers, place: Place): Approval {
  const all = peopleOf(approvers.all, place);
  const { within_s } = approvers;
  if (!Number.isInteger(within_s) || within_s < 1 || within_s > limits.approval_within_s_max)
    report(place.site, badApproval(approvers.within, { problem: "people have 1s to 7d to answer, in whole seconds" }));
  return { all, within_s };
}

/** One entry a group, sorted: the greatest count where a group is named twice. */
export function peopleOf(all: Approvers["all"], place: Place): Approval["all"] {
  const counts = new Map<string, number>();
  for (const { group, count, span } of all) {
    if (count < 1 || count > limits.approvers_max)
      report(
        place.site,
        badApproval(span, { problem: `an approval takes 1 to ${limits.approvers_max} people of a group` }),
      );
    const provider = groupNamed(group, place);
    if (provider !== null) counts.set(provider, Math.max(count, counts.get(provider) ?? 0));
  }
  return [...counts].map(([group, count]) => ({ group, count })).sort((a, b) => (a.group < b.group ? -1 : 1));
}

/** Groups by the identity provider's names, sorted, each once. */
export const groupsOf = (paths: readonly Path[], place: Place): readonly string[] =>
  [...new Set(paths.flatMap((path) => groupNamed(path, place) ?? []))].sort();

/** The identity provider's name of a group; null, and reported, when `path` is no group. */
function groupNamed(path: Path, place: Place): string | null {
  const found = declarationNamed(path, "Group", place);
  if (found === null) return null;
  const { provider, name } = found.declaration.item;
  return provider?.value ?? name.text;
}
