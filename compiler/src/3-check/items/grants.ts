import type { ExprOf, GrantItem } from "../../1-parse/ast.js";
import type { ResolvedModule } from "../../2-resolve/resolve.js";
import { badGrant } from "../../diagnostics/catalog.js";
import { limits } from "../../source/limits.js";
import type { CheckedGrant, FactPath } from "../checked.js";
import { declarationNamed } from "../operands/declared-operand.js";
import type { Operand } from "../operands/operand.js";
import { type Place, report } from "../site.js";
import { approvalOf, groupsOf } from "./approval.js";

const grantsPath: FactPath = { root: "session", steps: ["grants"] };

/** `granted break_glass`: the session's grants hold it. */
export function grantedCondition({ grant, span }: ExprOf<"Granted">, place: Place): Operand {
  const found = declarationNamed(grant, "Grant", place, "`granted` is about a `grant NAME to ..`");
  if (found === null) return { kind: "Broken", span };
  const id = `${found.module.name}.${found.declaration.item.name.text}`;
  place.site.tests++;
  place.site.reads.push({ root: "session", family: null, text: `granted ${id}`, knowledge: false, span });
  return {
    kind: "Condition",
    condition: { kind: "Has", quantifier: "any", list: grantsPath, values: [id], span },
    span,
  };
}

/** A `grant` with its groups by the identity provider's names. Reports HPL3018 and what is wrong with groups. */
export function grantOf(item: GrantItem, module: ResolvedModule, place: Place): CheckedGrant {
  const { lasting_s } = item;
  if (!Number.isInteger(lasting_s) || lasting_s < 1 || lasting_s > limits.grant_lasting_s_max)
    report(place.site, badGrant(item.lasting, {}));
  return {
    id: `${module.name}.${item.name.text}`,
    to: groupsOf(item.to, place),
    approval: item.after === null ? null : approvalOf(item.after, place),
    asking: item.asking?.value ?? null,
    lasting_s,
    telling: groupsOf(item.telling, place),
    span: item.span,
  };
}
