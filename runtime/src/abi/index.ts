export * from "./checksum.js";
export * from "./decision.js";
export * from "./layout.js";
export * from "./message.js";
export * from "./meta.js";
export * as opaLayout from "./opa-layout.js";
export * from "./opa-refusals.js";
export * from "./pack-meta.js";
