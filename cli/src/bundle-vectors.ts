import { type Diagnostic, verify } from "@hpl/compiler";
import { type Vector, vectorOf, vectorsMax } from "@hpl/gateway";
import { type FrontEnds, loadPolicy } from "@hpl/runtime";
import type { CompiledSources } from "./load-policy.js";
import { answer } from "./verify-policy.js";

/** What a policy's own examples and tests came to, to be asked again where it is put in force. */
export interface RecordedVectors {
  /** In the order of the source, at most `vectorsMax`. */
  readonly vectors: readonly Vector[];
  /** Of the examples and tests that fail. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Runs every example and test through the module that is packed. */
export function recordVectors({ checked, module }: CompiledSources, frontEnds: FrontEnds): RecordedVectors {
  const loaded = loadPolicy(module);
  if (!loaded.ok) throw new Error(`HPL9001: the module just compiled does not load: ${loaded.failure.message}`);
  const vectors: Vector[] = [];
  const { results } = verify(
    checked,
    (question) => {
      const answered = answer(question, loaded.policy, checked, frontEnds);
      if (answered !== null && vectors.length < vectorsMax) vectors.push(vectorOf(loaded.policy, answered.request));
      return answered;
    },
    { coverage: false },
  );
  return { vectors, diagnostics: results.flatMap(({ diagnostics }) => diagnostics) };
}
