import {
  type Answer,
  type CheckedPolicy,
  type CheckInput,
  compile,
  type Diagnostic,
  type Question,
  type Verification,
  verify,
} from "@hpl/compiler";
import {
  actionsOf,
  type Catalog,
  type FrontEnds,
  loadPolicy,
  type Policy,
  readRequest,
  zoneOffsets,
} from "@hpl/runtime";

/** A policy that was compiled, and whose examples and tests were run. */
export interface VerifiedPolicy {
  readonly diagnostics: readonly Diagnostic[];
  /** Null when the policy has errors: nothing was run then. */
  readonly verified: { readonly policy: CheckedPolicy; readonly verification: Verification } | null;
}

/** Compiles the policy and runs its examples and tests through the very module a gateway would load. */
export function verifyPolicy(
  input: CheckInput,
  frontEnds: FrontEnds,
  options: { readonly coverage: boolean } = { coverage: false },
): VerifiedPolicy {
  const { policy, module, diagnostics } = compile(input);
  if (policy === null || module === null) return { diagnostics, verified: null };
  const loaded = loadPolicy(module);
  if (!loaded.ok) throw new Error(`HPL9001: the module just compiled does not load: ${loaded.failure.message}`);
  const verification = verify(policy, (question) => answer(question, loaded.policy, policy, frontEnds), options);
  const found = verification.results.flatMap((result) => result.diagnostics);
  return { diagnostics: [...diagnostics, ...found], verified: { policy, verification } };
}

/** The decision on one question; null when there is no front end for its text. */
function answer(
  { subject, circumstances }: Question,
  loaded: Policy,
  { zones }: CheckedPolicy,
  frontEnds: FrontEnds,
): Answer | null {
  if (subject.kind === "text" && subject.family !== "sql") return null;
  const { principal, connection, catalog, session, now } = circumstances;
  const action =
    subject.kind === "text"
      ? { sql: { dialect: "postgres", text: subject.text } }
      : { [subject.family]: subject.facts };
  const time = now === null ? {} : { now, zones: zoneOffsets(zones, now) };
  const read = readRequest({ principal, connection, session, ...time, action }, catalog as Catalog | null);
  if (!read.ok) throw new Error(`HPL9001: an example that was checked cannot be asked: ${read.bad.field}`);
  const { actions, assumed } = actionsOf(read.request, frontEnds);
  const request = { ...read.request.context, actions, ...(assumed ? { assumed_catalog: true } : {}) };
  return { request, decision: loaded.decide(request) };
}
