export { listEntry } from "./approvals/listed-approval.js";
export { readApprovals } from "./approvals/read-state.js";
export { copyPath, logFolder } from "./audit/log.js";
export { type CheckProof, checkProof, proofLengthMax, type WriteProof, writeProof } from "./audit/proof.js";
export { type AuditFilter, type LoggedEvent, queryAuditLog } from "./audit/query.js";
export { type Replayed, type ReplayedDecision, replayAuditLog } from "./audit/replay.js";
export type { AuditFault } from "./audit/scan.js";
export { type AuditCheck, type VerifyOptions, verifyAuditLog } from "./audit/verify.js";
export type { GatewayConfig } from "./config/generated.js";
export { type ConfigProblem, type LoadConfig, loadConfig } from "./config/load-config.js";
export { pathIn } from "./config/secret.js";
export {
  type DigestOfSources,
  type ExportEvidence,
  type Exported,
  type ExportOptions,
  exportEvidence,
} from "./evidence/export.js";
export { type Gateway, type GatewayOptions, startGateway } from "./gateway.js";
export {
  type BundleKeys,
  type BundleManifest,
  type BundleParts,
  buildBundle,
  type OpenedBundle,
  openBundle,
  signBundle,
} from "./policy/bundle/bundle.js";
export { checkBundle } from "./policy/bundle/check-bundle.js";
export { type Vector, type VectorDecision, vectorOf, vectorsMax } from "./policy/bundle/self-test.js";
export { missingKeys } from "./policy/missing-keys.js";
export type { CompilePolicy } from "./policy/policy-source.js";
export {
  eventsOf,
  listRecordings,
  type RecordedEvent,
  type Recording,
  readRecording,
} from "./sessions/read-recording.js";
export { type EmbeddedPostgres, startEmbeddedPostgres } from "./upstream/embedded-postgres.js";
export { type InspectedServer, inspectServer, type ServerRights } from "./upstream/server-rights.js";
