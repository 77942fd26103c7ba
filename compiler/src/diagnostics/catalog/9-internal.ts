import { define } from "../define.js";

/** Our own mistakes. */

export const compilerBug = define<{ error: string }>({
  code: "HPL9001",
  slug: "compiler-bug",
  severity: "error",
  message: (p) => `the compiler failed on this policy: ${p.error}`,
  help: () => "this is our mistake, not yours: please report it with the policy",
});
