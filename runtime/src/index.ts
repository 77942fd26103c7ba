export * from "./abi/decision.js";
export * from "./facts/index.js";
