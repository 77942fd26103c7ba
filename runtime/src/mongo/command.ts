import { type Fact, isUnknown, itemsOf, unknown } from "../facts/fact.js";
import type { WireAnalysis } from "../facts/front-end.js";
import type { MongoFacts } from "../facts/generated.js";
import { isJsonObject, type JsonObject } from "../facts/wire.js";
import { commandOf, type MongoCommand, type MongoEffect } from "./commands.js";
import { type Found, nameOf, restricts, scanPipeline, scanValue } from "./scan.js";

/** One command of the wire as one action; opaque when it is not one that is known. Total; O(size of the document). */
export function analyseMongo(document: JsonObject, database: string | null): WireAnalysis {
  const own = typeof document.$db === "string" ? document.$db : database;
  const facts = mongoFacts(document, own ?? unknown("database"));
  if (isUnknown(facts.command)) return { actions: [{ family: "mongo", opaque: true, reasons: [facts.command["?"]] }] };
  return { actions: [{ family: "mongo", opaque: false, facts }] };
}

/** Facts of a command document; with an unknown `command` nothing of it is known. */
export function mongoFacts(document: JsonObject, database: Fact<string>): MongoFacts {
  const [name = ""] = Object.keys(document);
  if (name === "explain" && isJsonObject(document.explain)) return explained(document.explain, database);
  const command = commandOf(name);
  if (command === null) return nothingKnown(`unknown_command:${name}`, database);
  const runs_code = command.effects.includes("exec");
  const found: Found = { read: new Set(), changed: new Set(), runs_code, reasons: new Set() };
  const within = typeof database === "string" ? database : "?";
  const targets = targetsOf(command, document, name, within, found);
  const restricted = walk(command, document, within, found);
  const effects = effectsOf(command, document, found, targets);
  const isOpen = found.runs_code || command.opaque || command.all || hasUnread(found);
  if (isUnknown(database)) found.reasons.add(database["?"]);
  if (found.runs_code) found.reasons.add("script");
  if (command.opaque) found.reasons.add("opaque_command");
  const reasons = [...found.reasons].toSorted();
  const isChanging = effects.some((effect) => effect !== "read" && effect !== "identity");
  const changed = new Set([...(command.effects.some(isChange) ? targets : []), ...found.changed]);
  const list = (names: Iterable<string>) => listOf([...new Set(names)], isOpen || isUnknown(database), database);
  return {
    command: name,
    database,
    effects: isOpen && !command.all ? { items: effects, open: true } : effects,
    collections: list([...targets, ...found.read, ...found.changed]),
    changed_collections: isChanging || isOpen ? list(changed) : [],
    restricted,
    complete: reasons.length === 0,
    reasons,
  };
}

const isChange = (effect: MongoEffect): boolean => effect === "write" || effect === "delete" || effect === "admin";
const hasUnread = ({ reasons }: Found): boolean => reasons.size > 0;

/** A plan changes nothing, whatever is planned; with `executionStats` a condition is tried, and code in it runs. */
function explained(inner: JsonObject, database: Fact<string>): MongoFacts {
  const facts = mongoFacts(inner, database);
  if (isUnknown(facts.command)) return facts;
  const runsCode = itemsOf(facts.effects).includes("exec");
  const effects = runsCode ? ({ items: ["read", "exec"], open: true } as const) : (["read"] as const);
  return { ...facts, command: "explain", effects, changed_collections: [], restricted: true };
}

/** The collections that the command itself names. */
function targetsOf(
  command: MongoCommand,
  document: JsonObject,
  name: string,
  database: string,
  found: Found,
): readonly string[] {
  const value = command.collection === undefined ? document[name] : document[command.collection];
  const others = [command.other, command.to].flatMap((field) => (field === undefined ? [] : [document[field]]));
  if (command.on === "nothing" || (command.on === "database" && command.collection === undefined)) return [];
  // `aggregate: 1` and `listCollections: 1` are about the database.
  if (typeof value === "number") return [];
  if (command.on === "namespace") return [value, ...others].flatMap((each) => nameOrReason(each, found));
  return [
    ...nameOrReason(nameOf(value, database), found),
    ...others.flatMap((each) => nameOrReason(nameOf(each, database), found)),
  ];
}

function nameOrReason(name: unknown, found: Found): readonly string[] {
  if (typeof name === "string") return [name];
  found.reasons.add("collection");
  return [];
}

/** Walks conditions, pipelines and changes; whether every change is restricted. */
function walk(command: MongoCommand, document: JsonObject, database: string, found: Found): Fact<boolean> {
  for (const field of command.filters) scanValue(document[field], database, found);
  for (const field of command.pipelines) {
    const value = document[field];
    if (value === undefined) continue;
    // An update is a pipeline when it is a list, and a document otherwise.
    if (field === "update" && !Array.isArray(value)) scanValue(value, database, found);
    else scanPipeline(value, database, found);
  }
  if (command.out !== undefined) noteOut(document[command.out], database, found);
  if (command.drops) return false;
  return command.changes === undefined ? true : changesRestricted(document[command.changes], command, database, found);
}

function changesRestricted(changes: unknown, command: MongoCommand, database: string, found: Found): Fact<boolean> {
  scanValue(changes, database, found);
  if (!Array.isArray(changes)) {
    found.reasons.add("changes");
    return unknown("changes");
  }
  const answers = changes.map((each) => isRestricted(each, command));
  if (answers.includes(false)) return false;
  return answers.includes(null) ? unknown("condition") : true;
}

function isRestricted(change: unknown, { changes }: MongoCommand): boolean | null {
  if (!isJsonObject(change)) return null;
  // One document at most, whichever it is. Anything but what says so for certain may be many.
  if (changes === "deletes" && change.limit === 1) return true;
  if (changes === "updates" && (change.multi === undefined || change.multi === false)) return true;
  return restricts(change.q);
}

/** `mapReduce` keeps its result in a collection unless it says `{inline: 1}`. */
function noteOut(out: unknown, database: string, found: Found): void {
  if (isJsonObject(out) && "inline" in out) return;
  const target = isJsonObject(out) ? (out.replace ?? out.merge ?? out.reduce) : out;
  const where = isJsonObject(out) && typeof out.db === "string" ? out.db : database;
  const name = nameOf(target, where);
  if (name === null) found.reasons.add("collection");
  else found.changed.add(name);
}

function effectsOf(
  { effects, filters, pipelines }: MongoCommand,
  document: JsonObject,
  found: Found,
  targets: readonly string[],
): readonly MongoEffect[] {
  const all = new Set<MongoEffect>(effects);
  if (found.read.size > 0 || (filters.length > 0 && targets.length > 0)) all.add("read");
  // $out replaces what was there.
  if (found.changed.size > 0) all.add("write").add("delete");
  if (found.runs_code) all.add("exec");
  if (pipelines.includes("update") && document.remove !== undefined && document.remove !== false) all.add("delete");
  return [...all];
}

const listOf = (names: readonly string[], isOpen: boolean, database: Fact<string>) => {
  const items = names.map((name) => (isUnknown(database) && name.startsWith("?.") ? database : name));
  return isOpen ? ({ items, open: true } as const) : items;
};

function nothingKnown(why: string, database: Fact<string>): MongoFacts {
  const nothing = unknown(why);
  return {
    command: nothing,
    database,
    effects: nothing,
    collections: nothing,
    changed_collections: nothing,
    restricted: nothing,
    complete: false,
    reasons: [why],
  };
}
