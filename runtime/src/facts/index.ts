export * from "./action.js";
export * from "./catalog.js";
export * from "./fact.js";
export * from "./front-end.js";
export * from "./generated.js";
