/**
 * MongoDB commands as facts, from the wire or from `mongosh`.
 *
 * In: a command document, its name first, as OP_MSG carries it; or a line of the shell, which is read only where it is one call
 * with literal arguments. Out: the facts of `spec/facts/mongo.schema.json`. A read that keeps its result ($out, $merge) writes;
 * a condition that holds JavaScript runs it. Absent: BSON framing, replies, views (a view is the collection it is named as).
 */
export { analyseMongo, mongoFacts } from "./command.js";
export type { MongoEffect } from "./commands.js";
export { readShellCall } from "./shell-call.js";
