/**
 * One call of MongoDB's shell as the command it sends: `db.users.deleteMany({})`.
 *
 * In: a text. Out: a command document and where it goes, or null: the text is JavaScript that only a JavaScript engine could
 * follow. Cursors may have their usual methods behind them, with literals; they add nothing that a policy asks for.
 */
import { isJsonObject, type JsonObject } from "../facts/wire.js";
import { readLiterals } from "./literals.js";

export interface ShellCall {
  readonly command: JsonObject;
  /** Null for the database that the shell is connected to. */
  readonly database: string | null;
}

/** Longer texts are scripts, in UTF-16 code units. */
export const CALL_SIZE_MAX = 16_384;

/** Cursor methods that change nothing but what comes back. */
const cursor =
  /^(?:limit|sort|skip|count|toArray|pretty|explain|batchSize|hint|maxTimeMS|itcount|size|next|hasNext|projection|collation|comment|readConcern|readPref|allowDiskUse)$/;

export function readShellCall(text: string): ShellCall | null {
  if (text.length > CALL_SIZE_MAX) return null;
  const shown = /^\s*show\s+(dbs|databases|collections|tables|users|roles|profile|logs?)\s*;?\s*$/.exec(text);
  if (shown !== null)
    return {
      command: { [/^(?:dbs|databases)$/.test(shown[1] ?? "") ? "listDatabases" : "listCollections"]: 1 },
      database: null,
    };
  const chain = readChain(text);
  return chain === null ? null : commandOfChain(chain);
}

/** One link: a name, and its arguments when it is called. */
interface Link {
  readonly name: string;
  readonly given: readonly unknown[] | null;
}

/** `db.a.b(..).c(..)`; null when the text is anything else. */
function readChain(text: string): readonly Link[] | null {
  const start = /^\s*db\b/.exec(text);
  if (start === null) return null;
  const links: Link[] = [];
  let at = start[0].length;
  while (at < text.length && !/^\s*;?\s*$/.test(text.slice(at))) {
    const named = /^\s*(?:\.\s*([A-Za-z_$][\w$]*)|\[\s*(["'])([\w.$-]+)\2\s*\])/.exec(text.slice(at));
    if (named === null) return null;
    at += named[0].length;
    const call = /^\s*\(/.exec(text.slice(at));
    const end = call === null ? null : closing(text, at + call[0].length);
    if (call !== null && end === null) return null;
    const given = call === null || end === null ? null : readLiterals(text.slice(at + call[0].length, end));
    if (call !== null && given === null) return null;
    if (end !== null) at = end + 1;
    links.push({ name: named[1] ?? named[3] ?? "", given });
  }
  return links;
}

/** Where the parenthesis that is open at `from` closes; null when it does not. */
function closing(text: string, from: number): number | null {
  let depth = 1;
  const sign = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|\/(?:[^/\\\n(*]|\\.)(?:[^/\\\n]|\\.)*\/|[()]/g;
  sign.lastIndex = from;
  for (let found = sign.exec(text); found !== null; found = sign.exec(text)) {
    if (found[0] === "(") depth++;
    if (found[0] === ")") depth--;
    if (depth === 0) return found.index;
  }
  return null;
}

function commandOfChain(chain: readonly Link[]): ShellCall | null {
  const [first, ...rest] = chain;
  if (first?.name === "getSiblingDB" && typeof first.given?.[0] === "string" && rest.length > 0) {
    const inner = commandOfChain(rest);
    return inner === null ? null : { ...inner, database: first.given[0] };
  }
  const called = chain.findIndex(({ name, given }) => given !== null && name !== "getCollection");
  const link = chain[called];
  if (link === undefined || link.given === null) return null;
  if (!chain.slice(called + 1).every(({ name, given }) => given !== null && cursor.test(name))) return null;
  const path = chain.slice(0, called);
  const name = collectionOf(path);
  if (name === null) return null;
  const command =
    path.length === 0 ? databaseCommand(link.name, link.given) : collectionCommand(link.name, name, link.given);
  const isAdmin = path.length === 0 && link.name === "adminCommand";
  return command === null ? null : { command, database: isAdmin ? "admin" : null };
}

/** `db.a.b` and `db.getCollection("a.b")` are the collection `a.b`. */
function collectionOf(path: readonly Link[]): string | null {
  const parts = path.map(({ name, given }) => (given === null ? name : given[0]));
  const isPlain = parts.every((part) => typeof part === "string");
  return isPlain && (path.length < 2 || path.every(({ given }) => given === null)) ? parts.join(".") : null;
}

/** Methods of `db`. */
function databaseCommand(method: string, [first, second, third]: readonly unknown[]): JsonObject | null {
  switch (method) {
    case "runCommand":
    case "adminCommand":
      return isJsonObject(first) ? first : typeof first === "string" ? { [first]: 1 } : null;
    case "aggregate":
      return { aggregate: 1, pipeline: first };
    case "dropDatabase":
      return { dropDatabase: 1 };
    case "createCollection":
      return { create: first, ...(isJsonObject(second) ? second : {}) };
    case "createView":
      return { create: first, viewOn: second, pipeline: third };
    case "getCollectionNames":
    case "getCollectionInfos":
      return { listCollections: 1 };
    case "stats":
      return { dbStats: 1 };
    case "version":
      return { buildInfo: 1 };
    case "hello":
    case "serverStatus":
    case "hostInfo":
    case "currentOp":
    case "createUser":
    case "updateUser":
    case "dropUser":
    case "grantRolesToUser":
    case "createRole":
    case "dropRole":
    case "shutdownServer":
      return { [method === "shutdownServer" ? "shutdown" : method]: 1 };
    default:
      return null;
  }
}

/** Methods of a collection, as the command of the wire that the shell sends for them. */
function collectionCommand(method: string, collection: string, given: readonly unknown[]): JsonObject | null {
  const [first = {}, second = {}, third = {}] = given;
  switch (method) {
    case "find":
    case "findOne":
      return { find: collection, filter: first };
    case "countDocuments":
    case "count":
    case "estimatedDocumentCount":
      return { count: collection, query: first };
    case "distinct":
      return { distinct: collection, key: first, query: second };
    case "aggregate":
      return { aggregate: collection, pipeline: Array.isArray(first) ? first : given };
    case "insertOne":
    case "insertMany":
    case "insert":
      return { insert: collection, documents: [] };
    case "updateOne":
    case "replaceOne":
      return { update: collection, updates: [{ q: first, u: second }] };
    case "updateMany":
      return { update: collection, updates: [{ q: first, u: second, multi: true }] };
    case "update":
      return {
        update: collection,
        updates: [{ q: first, u: second, multi: !isJsonObject(third) || third.multi !== false }],
      };
    case "deleteOne":
      return { delete: collection, deletes: [{ q: first, limit: 1 }] };
    case "deleteMany":
    case "remove":
      return { delete: collection, deletes: [{ q: first, limit: 0 }] };
    case "findOneAndDelete":
      return { findAndModify: collection, query: first, remove: true };
    case "findOneAndUpdate":
    case "findOneAndReplace":
      return { findAndModify: collection, query: first, update: second };
    case "findAndModify":
      return isJsonObject(first) ? { findAndModify: collection, ...first } : null;
    case "drop":
      return { drop: collection };
    case "createIndex":
    case "createIndexes":
      return { createIndexes: collection };
    case "dropIndex":
    case "dropIndexes":
      return { dropIndexes: collection };
    case "getIndexes":
      return { listIndexes: collection };
    case "stats":
      return { collStats: collection };
    case "mapReduce":
      return { mapReduce: collection, out: isJsonObject(third) ? third.out : third };
    default:
      return null;
  }
}
