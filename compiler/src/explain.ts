/** What a module was compiled from, found in the module itself: a decision can be explained wherever it was made. */
import { LANGUAGE_VERSION, META_SECTION } from "@hpl/runtime/abi";
import type { CheckedPolicy } from "./3-check/checked.js";
import { lower } from "./4-lower/lower.js";
import { semanticDigest } from "./5-emit/emit.js";
import { embeddedText } from "./5-emit/source-section.js";
import { findSection } from "./5-emit/wasm-binary.js";
import { check } from "./check.js";

export type PolicyInModule =
  | { readonly ok: true; readonly policy: CheckedPolicy }
  /** `no_text`: it was built without. `other_meaning`: what it holds is not what it decides by. */
  | { readonly ok: false; readonly reason: "no_text" | "other_version" | "other_meaning" };

/**
 * The checked tree of the policy in `module`, from the text it carries: `traceRequest` and `verify` take it. The text is
 * compiled again and must mean what the module says it means, by the semantic digest, so a trace is never one of another
 * policy. Costs a compilation, once a module; off every hot path. Never throws.
 */
export function policyInModule(module: Uint8Array): PolicyInModule {
  const text = embeddedText(module);
  const meta = readMeta(module);
  if (text === null || meta === null) return { ok: false, reason: "no_text" };
  if (meta.language !== LANGUAGE_VERSION) return { ok: false, reason: "other_version" };
  const { policy } = check(text);
  const isSame = policy !== null && semanticDigest(lower(policy)) === meta.semantic_digest;
  return isSame ? { ok: true, policy } : { ok: false, reason: "other_meaning" };
}

function readMeta(module: Uint8Array): { readonly language?: unknown; readonly semantic_digest?: unknown } | null {
  const section = findSection(module, META_SECTION);
  try {
    return section === null ? null : JSON.parse(new TextDecoder().decode(section));
  } catch {
    return null;
  }
}
