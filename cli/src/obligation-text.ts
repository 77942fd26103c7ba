import type { Obligation } from "@hpl/runtime";

/** What an obligation asks for, in a line for a person. */
export function obligationText(obligation: Obligation): string {
  switch (obligation.type) {
    case "mask":
      return `column ${obligation.index + 1} \`${obligation.name}\`: ${obligation.transform}, by ${obligation.rule}`;
    case "approval":
      return `needs ${obligation.all.map(({ group, count }) => `${count} of ${group}`).join(" and ")} within ${obligation.within_s} s`;
    case "limit": {
      const { rows, time_ms, bytes } = obligation;
      const amounts = Object.entries({ rows, bytes, "ms of time": time_ms }).filter(([, value]) => value !== undefined);
      return `at most ${amounts.map(([unit, value]) => `${value} ${unit}`).join(", ")}`;
    }
    case "detect":
      return `what ${obligation.set} finds in the output: ${obligation.transform}, by ${obligation.rule}`;
  }
}
