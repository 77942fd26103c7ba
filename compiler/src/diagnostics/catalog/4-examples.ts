import { define } from "../define.js";

/** Examples and tests that the production evaluator disagrees with. They need facts, so `hpl check` finds them, not the checker. */

export const hitMissed = define<{ rule: string; outcome: string }>({
  code: "HPL4018",
  slug: "hit-missed",
  severity: "error",
  message: (p) => `\`${p.rule}\` does not fire on this \`hit\``,
  help: (p) => p.outcome,
});

export const hitUncertain = define<{ rule: string; outcome: string }>({
  code: "HPL4019",
  slug: "hit-uncertain",
  severity: "error",
  message: (p) => `\`${p.rule}\` may fire on this, but that is not certain`,
  help: (p) => `${p.outcome}; write \`hit unknown\` when that is what is meant`,
});

export const missFired = define<{ rule: string; outcome: string }>({
  code: "HPL4020",
  slug: "miss-fired",
  severity: "error",
  message: (p) => `\`${p.rule}\` fires on this \`miss\``,
  help: (p) => p.outcome,
});

export const expectationNotMet = define<{ test: string; problem: string; outcome: string }>({
  code: "HPL4040",
  slug: "expectation-not-met",
  severity: "error",
  message: (p) => `\`${p.test}\`: ${p.problem}`,
  help: (p) => p.outcome,
});

export const exampleNotRun = define<{ family: string }>({
  code: "HPL5010",
  slug: "example-not-run",
  severity: "warning",
  message: (p) => `this example was not run: there is no front end for ${p.family}`,
  help: () => "it is checked for its types only; rules on such actions still apply to facts that come from elsewhere",
});
