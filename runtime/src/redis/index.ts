/**
 * Redis commands as facts, from the wire or from `redis-cli`.
 *
 * In: the arguments of one command, each of which may be unknown. Out: the facts of `spec/facts/redis.schema.json`: what it
 * does and which keys it names, by the server's own table. A command that the table does not have is not understood: it comes
 * from a module, or from a version that is newer. Absent: the protocol's framing, replies, the state of a transaction: each
 * command of a MULTI is an action of its own.
 */
export { analyseRedis, type RedisArguments, redisFacts } from "./command.js";
export { commandNames, type RedisEffect } from "./commands.js";
