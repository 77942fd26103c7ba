export { listEntry } from "./approvals/http-api.js";
export { readApprovals } from "./approvals/read-state.js";
export { type AuditCheck, type AuditFault, verifyAuditLog } from "./audit/verify.js";
export type { GatewayConfig } from "./config/generated.js";
export { type ConfigProblem, type LoadConfig, loadConfig } from "./config/load-config.js";
export { pathIn } from "./config/secret.js";
export { type Gateway, type GatewayOptions, startGateway } from "./gateway.js";
export type { CompilePolicy } from "./policy/policy-source.js";
export { type EmbeddedPostgres, startEmbeddedPostgres } from "./upstream/embedded-postgres.js";
