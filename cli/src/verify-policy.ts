import {
  type AnalysisOptions,
  type Answer,
  analyse,
  type CheckedPolicy,
  type CheckInput,
  compile,
  type Diagnostic,
  type KnownStatement,
  type Question,
  type StatementText,
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

/** What is wanted beside what a policy always gets. */
export interface VerifyOptions extends Pick<AnalysisOptions, "wantsGaps" | "connections" | "loadPolicy"> {
  readonly coverage?: boolean;
}

/** Compiles the policy and runs its examples and tests through the very module a gateway would load. */
export function verifyPolicy(
  input: CheckInput,
  frontEnds: FrontEnds,
  { coverage = false, ...wanted }: VerifyOptions = {},
): VerifiedPolicy {
  const { policy, module, diagnostics } = compile(input);
  if (policy === null || module === null) return { diagnostics, verified: null };
  const loaded = loadPolicy(module);
  if (!loaded.ok) throw new Error(`HPL9001: the module just compiled does not load: ${loaded.failure.message}`);
  const verification = verify(policy, (question) => answer(question, loaded.policy, policy, frontEnds), { coverage });
  const found = verification.results.flatMap((result) => result.diagnostics);
  const { now_ms } = input;
  const options = { ...wanted, ...(now_ms === undefined ? {} : { now_ms }) };
  const analysed = analyse(policy, (statement) => readStatement(statement, frontEnds), options);
  return { diagnostics: [...diagnostics, ...found, ...analysed], verified: { policy, verification } };
}

/** The facts of a statement that analysis asks about; names mean plain tables. */
export function readStatement({ family, text }: StatementText, frontEnds: FrontEnds): KnownStatement | null {
  const read = readRequest({ action: actionOfText({ family, text }) }, null);
  if (!read.ok) return null;
  const [action, ...more] = actionsOf(read.request, frontEnds).actions;
  return action === undefined || more.length > 0 ? null : { text, action };
}

/** The decision on one question; null when there is no front end for its text. */
export function answer(
  { subject, circumstances }: Question,
  loaded: Policy,
  { zones }: CheckedPolicy,
  frontEnds: FrontEnds,
): Answer | null {
  if (subject.kind === "text" && !hasFrontEnd(subject.family, frontEnds)) return null;
  const { principal, connection, catalog, session, now } = circumstances;
  const action = subject.kind === "text" ? actionOfText(subject) : { [subject.family]: subject.facts };
  const time = now === null ? {} : { now, zones: zoneOffsets(zones, now) };
  const read = readRequest({ principal, connection, session, ...time, action }, catalog as Catalog | null);
  if (!read.ok) throw new Error(`HPL9001: an example that was checked cannot be asked: ${read.bad.field}`);
  const { actions, assumed } = actionsOf(read.request, frontEnds, loaded);
  const request = { ...read.request.context, actions, ...(assumed ? { assumed_catalog: true } : {}) };
  return { request, decision: loaded.decide(request) };
}

/** A text as a request has it. A shell line runs in a folder of its own, on a branch and in a cluster that examples can name. */
function actionOfText({ family, text }: { readonly family: string; readonly text: string }) {
  if (family === "text") return { text };
  return family === "shell" ? { shell: { text, cwd: "/workspace", env: { HOME: "/home/agent" } } } : { sql: { text } };
}

const hasFrontEnd = (family: string, frontEnds: FrontEnds): boolean =>
  family === "sql" ||
  (family === "text" && frontEnds.text !== undefined) ||
  (family === "shell" && frontEnds.shell !== undefined);
