export * from "./checksum.js";
export * from "./decision.js";
export * from "./layout.js";
export * from "./message.js";
export * from "./meta.js";
export * from "./pack-meta.js";
