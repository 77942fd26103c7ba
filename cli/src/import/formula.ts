/** A condition on its way to HPL: tests in its words, joined. */
export type Formula =
  | { readonly kind: "constant"; readonly value: boolean }
  /** `about`: whether it is a test of one table, which stands inside a quantifier, or of the request. */
  | { readonly kind: "test"; readonly text: (table: string) => string; readonly about: "table" | "request" }
  | { readonly kind: "and" | "or"; readonly parts: readonly Formula[] };

export const constant = (value: boolean): Formula => ({ kind: "constant", value });
export const ofRequest = (text: string): Formula => ({ kind: "test", text: () => text, about: "request" });
/** `text` is given the name of the variable that stands for the table. */
export const ofTable = (text: (table: string) => string): Formula => ({ kind: "test", text, about: "table" });

/** All, or one, of `parts`, without constants and without joins of one kind in each other. */
export function join(kind: "and" | "or", parts: readonly Formula[]): Formula {
  const decides = kind === "or";
  if (parts.some((part) => part.kind === "constant" && part.value === decides)) return constant(decides);
  const flat = parts
    .filter((part) => part.kind !== "constant")
    .flatMap((part) => (part.kind === kind ? part.parts : [part]));
  if (flat.length === 0) return constant(!decides);
  return flat.length === 1 ? (flat[0] as Formula) : { kind, parts: flat };
}

export const isAboutTable = (formula: Formula): boolean =>
  formula.kind === "test" ? formula.about === "table" : formula.kind !== "constant" && formula.parts.some(isAboutTable);

/** What of `formula` must hold of the request, and what of a table. Together they are the formula. */
export function splitByTable(formula: Formula): { readonly request: Formula; readonly table: Formula } {
  const parts = formula.kind === "and" ? formula.parts : [formula];
  return {
    request: join(
      "and",
      parts.filter((part) => !isAboutTable(part)),
    ),
    table: join("and", parts.filter(isAboutTable)),
  };
}

/** In HPL, with `table` for the name of the table's variable. */
export function formulaText(formula: Formula, table: string): string {
  switch (formula.kind) {
    case "constant":
      return String(formula.value);
    case "test":
      return formula.text(table);
    default:
      return formula.parts
        .map((part) => (part.kind === "test" ? formulaText(part, table) : `(${formulaText(part, table)})`))
        .join(` ${formula.kind} `);
  }
}
