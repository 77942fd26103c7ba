import type { AuditEvent } from "../audit/event.js";
import type { PolicyRecord } from "../audit/policy-record.js";
import type { ReloadResult } from "./policy-source.js";

/** Codes of findings as the compiler and the loader print them. */
const codeIn = /\bHPL[0-9]{4}\b/g;
/** Codes kept in the log, in order of first appearance. */
const codesMax = 20;

/** What the audit log says of an attempt to load a policy. Findings quote the policy: only their codes are kept. */
export function policyEvent(result: ReloadResult, kept: PolicyRecord | null): AuditEvent {
  if (result.ok)
    return { kind: "policy.loaded", detail: { digest: result.digest, is_new: result.isNew, ...unpacked(kept) } };
  const codes = [...new Set(result.findings.match(codeIn) ?? [])].slice(0, codesMax);
  return { kind: "policy.refused", detail: { reason: result.reason, codes } };
}

const unpacked = (kept: PolicyRecord | null) =>
  kept === null ? {} : { module_sha256: kept.module_sha256, sources: kept.sources.map((source) => ({ ...source })) };

export const policyLine = (result: ReloadResult): string =>
  result.ok
    ? `policy ${result.digest.slice(0, 12)} is in force`
    : `${result.reason}; what was in force stays\n${result.findings}`;
