import { badAddress } from "../../diagnostics/catalog.js";
import type { Span } from "../../source/source-file.js";
import type { Condition, Constant } from "../checked.js";
import { type Place, report } from "../site.js";
import { cidrRange } from "./cidr.js";
import type { FactOperand } from "./operand.js";

/**
 * `session.ip == "2001:DB8::1"`, `session.ip in {..}`: whether the address is one of `values`. An address has many spellings,
 * so addresses are compared and not their letters. Null when `fact` is no address; what is none among `values` is reported
 * (HPL3015), for nothing could ever equal it.
 */
export function addressTest(
  { type, path }: FactOperand,
  values: readonly Constant[],
  span: Span,
  place: Place,
): Condition | null {
  if (type.kind !== "Text" || type.format !== "ip") return null;
  const ranges = values.flatMap((value) => {
    const output = cidrRange(String(value));
    if (output.kind === "range") return [output.range];
    report(
      place.site,
      badAddress(span, { text: String(value).slice(0, 64), problem: output.problem, help: output.help }),
    );
    return [];
  });
  return { kind: "InCidr", path, ranges, span };
}
