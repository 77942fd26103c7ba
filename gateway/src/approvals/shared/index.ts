export { openDatabase } from "./database.js";
export { openSharedApprovals } from "./shared-approvals.js";
export { sharedGrants } from "./shared-grants.js";
