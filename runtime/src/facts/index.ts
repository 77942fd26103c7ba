export * from "./action.js";
export * from "./catalog.js";
export * from "./check-shape.js";
export * from "./fact.js";
export * from "./front-end.js";
export * from "./generated.js";
export * from "./schema.js";
