import { expect, test } from "vitest";
import { itemsOf } from "../../src/facts/fact.js";
import type { MongoFacts } from "../../src/facts/generated.js";
import { analyseMongo, mongoFacts, readShellCall } from "../../src/mongo/index.js";
import { LITERAL_DEPTH_MAX } from "../../src/mongo/literals.js";
import { CALL_SIZE_MAX } from "../../src/mongo/shell-call.js";

// What a command amounts to, in short: `command: effects [collections] changes [..]`, `!` for an unlimited change.

const list = (facts: MongoFacts["collections"]) => `${itemsOf(facts).join(",")}${"open" in facts ? "+" : ""}`;

function inShort(facts: MongoFacts): string {
  const { command, collections, changed_collections, restricted, complete, reasons } = facts;
  const effects = list(facts.effects as MongoFacts["collections"]);
  const mark = restricted === true ? "" : restricted === false ? "!" : "?";
  return `${command}${mark}: ${effects} [${list(collections)}] changes [${list(changed_collections)}]${complete ? "" : ` ?${reasons}`}`;
}

const check = (document: Readonly<Record<string, unknown>>): string => {
  const [action] = analyseMongo(document, "shop").actions;
  if (action === undefined || action.opaque || action.family !== "mongo") return "opaque";
  return inShort(action.facts);
};

test.each([
  [{ find: "c", filter: { a: 1 } }, "find: read [shop.c] changes []"],
  [{ find: "c", filter: { a: 1 }, $db: "other" }, "find: read [other.c] changes []"],
  [{ find: "c", filter: { $where: "sleep(1)" } }, "find: read,exec+ [shop.c+] changes [+] ?script"],
  [{ insert: "c", documents: [{ $where: 1 }] }, "insert: write [shop.c] changes [shop.c]"],
  [{ update: "c", updates: [{ q: {}, u: {}, multi: true }] }, "update!: write [shop.c] changes [shop.c]"],
  [{ update: "c", updates: [{ q: {}, u: {} }] }, "update: write [shop.c] changes [shop.c]"],
  [
    { update: "c", updates: [{ q: { a: { $gt: 1 } }, u: {}, multi: true }] },
    "update?: write [shop.c] changes [shop.c]",
  ],
  [{ delete: "c", deletes: [{ q: {}, limit: 0 }] }, "delete!: delete [shop.c] changes [shop.c]"],
  [{ delete: "c", deletes: [{ q: {}, limit: 1 }] }, "delete: delete [shop.c] changes [shop.c]"],
  [
    {
      delete: "c",
      deletes: [
        { q: { a: 1 }, limit: 0 },
        { q: {}, limit: 0 },
      ],
    },
    "delete!: delete [shop.c] changes [shop.c]",
  ],
  [{ delete: "c", deletes: [{ q: { $and: [{}, {}] }, limit: 0 }] }, "delete!: delete [shop.c] changes [shop.c]"],
  [{ delete: "c", deletes: [{ q: { $or: [{}] }, limit: 0 }] }, "delete?: delete [shop.c] changes [shop.c]"],
  [{ delete: "c", deletes: { q: {} } }, "delete?: delete+ [shop.c+] changes [shop.c+] ?changes"],
  [{ aggregate: "c", pipeline: [{ $match: {} }] }, "aggregate: read [shop.c] changes []"],
  [{ aggregate: 1, pipeline: [{ $currentOp: {} }] }, "aggregate: read [] changes []"],
  [{ aggregate: "c", pipeline: [{ $out: "d" }] }, "aggregate: read,write,delete [shop.c,shop.d] changes [shop.d]"],
  [
    { aggregate: "c", pipeline: [{ $merge: { into: { db: "x", coll: "d" } } }] },
    "aggregate: read,write,delete [shop.c,x.d] changes [x.d]",
  ],
  [
    { aggregate: "c", pipeline: [{ $lookup: { from: "d", pipeline: [{ $unionWith: "e" }], as: "x" } }] },
    "aggregate: read [shop.c,shop.d,shop.e] changes []",
  ],
  [
    { aggregate: "c", pipeline: [{ $project: { x: { $function: { body: "f", args: [], lang: "js" } } } }] },
    "aggregate: read,exec+ [shop.c+] changes [+] ?script",
  ],
  [{ aggregate: "c", pipeline: [{ $new: {} }] }, "aggregate: read+ [shop.c+] changes [+] ?unknown_stage:$new"],
  [{ aggregate: "c", pipeline: "x" }, "aggregate: read+ [shop.c+] changes [+] ?pipeline"],
  [{ findAndModify: "c", query: {}, remove: true }, "findAndModify: write,read,delete [shop.c] changes [shop.c]"],
  [{ findAndModify: "c", update: [{ $set: {} }] }, "findAndModify: write,read [shop.c] changes [shop.c]"],
  [{ mapReduce: "c", out: { inline: 1 } }, "mapReduce: read,exec+ [shop.c+] changes [+] ?script"],
  [{ drop: "c" }, "drop!: delete [shop.c] changes [shop.c]"],
  [{ dropDatabase: 1 }, "dropDatabase!: delete [+] changes [+]"],
  [{ renameCollection: "a.b", to: "c.d" }, "renameCollection: write,delete [a.b,c.d] changes [a.b,c.d]"],
  [{ createUser: "u", pwd: "p", roles: [] }, "createUser: grant,admin [] changes []"],
  [{ explain: { delete: "c", deletes: [{ q: {}, limit: 0 }] } }, "explain: read [shop.c] changes []"],
  [{ explain: { find: "c", filter: { $where: "x" } } }, "explain: read,exec+ [shop.c+] changes [] ?script"],
  [{ explain: { frobnicate: 1 } }, "opaque"],
  [{ frobnicate: 1 }, "opaque"],
  [{ FIND: "c" }, "opaque"],
  [{}, "opaque"],
] as const)("%j", (document, expected) => {
  expect(check(document)).toBe(expected);
});

test("without a database the command is known, and its collections are not", () => {
  const [action] = analyseMongo({ find: "c" }, null).actions;
  expect(action).toMatchObject({ opaque: false, facts: { command: "find", effects: ["read"], complete: false } });
});

test.each([
  ["db.users.find({name: 'x'}).limit(3).toArray()", { find: "users", filter: { name: "x" } }],
  ["db.a.b.drop();", { drop: "a.b" }],
  ['db.getCollection("a-b").deleteMany({})', { delete: "a-b", deletes: [{ q: {}, limit: 0 }] }],
  [
    'db["users"].remove({_id: ObjectId("x")})',
    { delete: "users", deletes: [{ q: { _id: { $oid: "ObjectId" } }, limit: 0 }] },
  ],
  ["db.dropDatabase()", { dropDatabase: 1 }],
  [
    "db.c.aggregate([{$match: {a: /x(y/}}, {$out: 'd'}])",
    { aggregate: "c", pipeline: [{ $match: { a: { $regularExpression: {} } } }, { $out: "d" }] },
  ],
  ["db.runCommand({ping: 1})", { ping: 1 }],
  [
    "db.c.find({a: {$gt: -1.5e3, $lt: new Date(0)}, b: [true, null,]})",
    { find: "c", filter: { a: { $gt: -1500, $lt: { $oid: "Date" } }, b: [true, null] } },
  ],
  ["show dbs", { listDatabases: 1 }],
] as const)("the shell's %s", (text, command) => {
  expect(readShellCall(text)).toMatchObject({ command });
});

test.each([
  "db.users.find().forEach(d => db.x.drop())",
  "db['us' + 'ers']['dr' + 'op']()",
  "db.users.find({a: f()})",
  "db.users.find({a: b})",
  "db.users[x].drop()",
  "db.a.find(); db.b.drop()",
  "db.a.find({__proto__: {}})",
  "db.a.find(`x`)",
  "load('x.js')",
  "db.a.find({a: '\\x41'})",
  "db.a.find(",
  "use admin",
  "db",
  "",
])("no literal call: %s", (text) => {
  expect(readShellCall(text)).toBeNull();
});

test("what a database could be, only a text says", () => {
  expect(readShellCall("db.getSiblingDB('x').c.drop()")).toEqual({ command: { drop: "c" }, database: "x" });
  expect(readShellCall("db.adminCommand({shutdown: 1})")).toEqual({ command: { shutdown: 1 }, database: "admin" });
  expect(mongoFacts({ find: "c" }, { "?": "variable:X" })).toMatchObject({
    database: { "?": "variable:X" },
    complete: false,
  });
});

test("limits of what is read of the shell: depth of a literal, length of a call", () => {
  const nested = (depth: number) => `db.c.find({a: ${"[".repeat(depth)}${"]".repeat(depth)}})`;
  expect(readShellCall(nested(LITERAL_DEPTH_MAX))).not.toBeNull();
  expect(readShellCall(nested(LITERAL_DEPTH_MAX + 1))).toBeNull();
  const long = (size: number) => `db.c.drop()${" ".repeat(size - "db.c.drop()".length)}`;
  expect(readShellCall(long(CALL_SIZE_MAX))).not.toBeNull();
  expect(readShellCall(long(CALL_SIZE_MAX + 1))).toBeNull();
});
