/** Codes whose cause is too large for a page, or our own: `limits.test.ts` and `robustness.prop.test.ts` have their tests. */
export const withoutExample: ReadonlySet<string> = new Set([
  ...["HPL6001", "HPL6003", "HPL6004", "HPL6006", "HPL6007", "HPL6009"],
  "HPL9001",
]);

/** Codes that come from analysis, which has a test of their pages. */
export const fromAnalysis: ReadonlySet<string> = new Set([
  ...["HPL4001", "HPL4002", "HPL4003", "HPL5005", "HPL5008", "HPL5009"],
  ...["HPL5011", "HPL5012", "HPL5013", "HPL5014", "HPL5015", "HPL5016", "HPL5017", "HPL5018"],
  ...["HPL5030", "HPL5031", "HPL5032", "HPL5033", "HPL5034", "HPL5035", "HPL5036"],
]);

/** Codes that come from running examples or from analysis: to the checker alone, both policies of their pages are fine. */
export const fromRunning: ReadonlySet<string> = new Set([
  ...["HPL4018", "HPL4019", "HPL4020", "HPL4040", "HPL5010"],
  ...fromAnalysis,
]);
