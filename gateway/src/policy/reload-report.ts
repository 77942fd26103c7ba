import type { AuditEvent } from "../audit/event.js";
import type { PolicyRecord } from "../audit/policy-record.js";
import type { ReloadResult } from "./in-force.js";

/** Codes of findings as the compiler and the loader print them. */
const codeIn = /\bHPL[0-9]{4}\b/g;
/** Codes kept in the log, in order of first appearance. */
const codesMax = 20;

/** Whose attempt it was: that of the policy that decides, or of the one that is only compared. */
export type PolicyPart = "policy" | "shadow";

/** What the audit log says of an attempt to load a policy. Findings quote the policy: only their codes are kept. */
export function policyEvent(part: PolicyPart, result: ReloadResult, kept: PolicyRecord | null): AuditEvent {
  if (result.ok)
    return {
      kind: `${part}.loaded`,
      detail: { digest: result.digest, is_new: result.isNew, ...unpacked(kept), ...result.bundle },
    };
  const codes = [...new Set(result.findings.match(codeIn) ?? [])].slice(0, codesMax);
  return { kind: `${part}.refused`, detail: { reason: result.reason, codes } };
}

const unpacked = (kept: PolicyRecord | null) =>
  kept === null ? {} : { module_sha256: kept.module_sha256, sources: kept.sources.map((source) => ({ ...source })) };

export function policyLine(part: PolicyPart, result: ReloadResult): string {
  const what = part === "policy" ? "policy" : "shadow policy";
  if (!result.ok)
    return `${what === "policy" ? "" : `${what}: `}${result.reason}; what was in force stays\n${result.findings}`;
  const revision = result.bundle === null ? "" : `, revision ${result.bundle.revision}`;
  return `${what} ${result.digest.slice(0, 12)} is ${part === "policy" ? "in force" : "compared with"}${revision}`;
}
