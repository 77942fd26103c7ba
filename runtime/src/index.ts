export * from "./abi/decision.js";
export * from "./abi/message.js";
export * from "./abi/meta.js";
export * from "./facts/index.js";
export * from "./engine/policy.js";
export * from "./mask/mask-cell.js";
export * from "./judge/judge.js";
export * from "./judge/request.js";
