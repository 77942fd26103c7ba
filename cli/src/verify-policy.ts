import { type CheckedExample, compile, type Diagnostic, type SourceFile, verifyExamples } from "@hpl/compiler";
import {
  type Decision,
  type FrontEnds,
  judge,
  loadPolicy,
  type Policy,
  readRequest,
  refuseBadRequest,
} from "@hpl/runtime";

/** A policy that was compiled, and whose examples were run. */
export interface VerifiedPolicy {
  readonly diagnostics: readonly Diagnostic[];
  readonly examples_count: number;
}

/** Compiles the policy and runs its examples through the very module a gateway would load. */
export function verifyPolicy(
  input: { readonly sources: readonly SourceFile[]; readonly libraries: readonly SourceFile[] },
  frontEnds: FrontEnds,
): VerifiedPolicy {
  const { policy, module, diagnostics } = compile(input);
  if (policy === null || module === null) return { diagnostics, examples_count: 0 };
  const loaded = loadPolicy(module);
  if (!loaded.ok) throw new Error(`HPL9001: the module just compiled does not load: ${loaded.failure.message}`);
  const found = verifyExamples(policy, (example) => decideExample(loaded.policy, frontEnds, example));
  return { diagnostics: [...diagnostics, ...found], examples_count: policy.examples.length };
}

/** The decision on one example; null when there is no front end for its text. */
function decideExample(policy: Policy, frontEnds: FrontEnds, example: CheckedExample): Decision | null {
  const { family, text, principal, connection } = example;
  if (family !== "sql") return null;
  const read = readRequest({ principal, connection, action: { sql: { dialect: "postgres", text } } }, null);
  return read.ok ? judge(policy, frontEnds, read.request).decision : refuseBadRequest(read.bad);
}
