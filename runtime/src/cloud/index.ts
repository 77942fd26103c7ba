export { analyseBigQueryJob } from "./bigquery.js";
export { type CloudEffect, effectsOf } from "./verbs.js";
