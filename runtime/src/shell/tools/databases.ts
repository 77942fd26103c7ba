/** Command lines of databases: the statements they are given go to the judge as SQL; what only they know is read here. */
import { type Fact, isOpenList, isUnknown, itemsOf, unknown } from "../../facts/fact.js";
import type { MongoFacts, RedisFacts } from "../../facts/generated.js";
import { type MongoEffect, mongoFacts, readShellCall } from "../../mongo/index.js";
import { type RedisEffect, redisFacts } from "../../redis/index.js";
import { hasFlag, valuesOf } from "../arguments.js";
import { enter, type Tool } from "../call.js";
import { addCode, addEffects, addPath, type Draft, doubt, factOf } from "../draft.js";
import { literal, textOf, type Value, whyOf } from "../value.js";
import { walkText } from "../walk.js";

/** `psql`, `mysql`, `sqlite3`: from flags, from standard input, and sqlite's second operand. */
export function sqlClient(tool: Tool): null {
  const { invocation, draft, call, walk } = tool;
  addEffects(draft, "network");
  const given = valuesOf(invocation, "--command", "--execute");
  const operands = invocation.operands.map(({ value }) => value);
  const statements = invocation.spec.dialect === "sqlite" ? operands.slice(1) : given;
  if (invocation.spec.dialect === "sqlite" && operands[0] !== undefined)
    addPath(walk, draft, operands[0], { op: "append" });
  for (const statement of statements) addStatement(tool, statement);
  const files = valuesOf(invocation, "--file", "--init");
  for (const file of files) {
    addPath(walk, draft, file, { op: "read" });
    addText(tool, null);
  }
  if (statements.length > 0 || files.length > 0 || hasFlag(invocation, "--list", "--version", "--help")) return null;
  if (call.stdin.kind === "none") doubt(draft, "interactive");
  else if (call.stdin.text === null) addText(tool, null);
  else addStatement(tool, call.stdin.text);
  return null;
}

function addText({ draft, invocation }: Tool, text: Value | null): void {
  draft.sql.push({ dialect: invocation.spec.dialect ?? "postgres", text });
  if (text === null) doubt(draft, "sql");
}

/** One argument: SQL, or a command of the client's own, which begins with a backslash, a dot or one of its words. */
function addStatement(tool: Tool, value: Value): void {
  const text = textOf(value);
  const [first = ""] = value.kind === "pattern" ? value.parts : [text ?? ""];
  const start = typeof first === "string" ? first.trimStart() : "";
  const { dialect } = tool.invocation.spec;
  if (dialect === "postgres" && (start.startsWith("\\") || /(?:^|\n)\s*\\/.test(text ?? ""))) {
    addMeta(tool, text);
    return;
  }
  if (dialect === "sqlite" && start.startsWith(".")) {
    addMeta(tool, text);
    return;
  }
  if (dialect === "mysql" && /^(?:system|source|tee|pager|edit|\\[!.TPe])\b/i.test(start)) {
    addMeta(tool, text);
    return;
  }
  if (text === null && typeof first !== "string") {
    addText(tool, null);
    return;
  }
  addText(tool, value);
  // What stands in a statement from a variable may be a statement of its own.
  if (text === null) doubt(tool.draft, "sql");
}

/** `\d` describes; `\!` is a shell; `\copy` reads or writes a file here; what else there is stays unknown. */
function addMeta(tool: Tool, text: string | null): void {
  const { draft, walk } = tool;
  const lines = (text ?? "").split("\n").map((line) => line.trim());
  for (const line of lines) {
    const command =
      /^\\!\s*(.*)$/s.exec(line)?.[1] ??
      /^\.(?:shell|system)\s+(.*)$/s.exec(line)?.[1] ??
      /^(?:\\!|system)\s+(.*)$/s.exec(line)?.[1];
    const copied = /^\\copy\s+(.*)\s+(to|from)\s+(?:program\s+)?('[^']*'|\S+)/is.exec(line);
    if (/^\\(?:d\S*|l\+?|z|conninfo|timing|x|q|echo|pset|h|\?|encoding|sf|sv)(?:\s|$)/.test(line))
      addEffects(draft, "read");
    else if (/^\.(?:tables|schema|databases|indexes|mode|headers?|width|quit|exit|dbinfo|show|help)\b/.test(line))
      addEffects(draft, "read");
    else if (command !== undefined) {
      if (!walkText(walk, literal(command), enter(tool))) addCode(draft, "unknown");
    } else if (copied !== null) {
      const isOut = copied[2]?.toLowerCase() === "to";
      addEffects(draft, isOut ? "export" : "write");
      if (/\sprogram\s/i.test(line)) addCode(draft, "unknown");
      else addPath(walk, draft, literal((copied[3] ?? "").replaceAll("'", "")), { op: isOut ? "write" : "read" });
    } else if (/^\\(?:i|ir|include)\s|^\\\.|^source\s|^\.read\s/.test(line)) {
      addText(tool, null);
    } else if (line !== "" && !/^[\\.]/.test(line)) addText(tool, literal(line));
    else if (line !== "") {
      doubt(draft, "meta_command");
      addText(tool, null);
    }
  }
}

/** `redis-cli COMMAND ..`. */
export function redis(tool: Tool): null {
  const { invocation, draft, call } = tool;
  addEffects(draft, "network");
  const words = invocation.operands;
  if (words.length === 0) {
    doubt(draft, call.stdin.kind === "none" ? "interactive" : "stdin");
    return null;
  }
  // `-x` and `-X TAG` take an argument from standard input.
  const isFed = hasFlag(invocation, "-x", "-X");
  const facts = redisFacts({
    items: words.map(({ value }) => factOf(value)),
    open: isFed || words.some(({ count }) => count !== "one"),
  });
  draft.derived.push({ family: "redis", facts });
  const { command } = facts;
  draft.subcommand.push(isUnknown(command) ? (textOf(words[0]?.value ?? literal("")) ?? "") : command);
  // A key that is gone is destroyed; what is taken out of one (LPOP) is not.
  const isWhole = facts.all_keys !== false || /^(?:del|unlink)$/.test(String(command));
  addDataEffects(draft, facts, isWhole || itemsOf(facts.categories).includes("dangerous"));
  return null;
}

/** What is done to data, in the words of a command's effects. */
function addDataEffects(draft: Draft, { effects, reasons }: RedisFacts | MongoFacts, destroys: boolean): void {
  for (const effect of itemsOf<RedisEffect | MongoEffect>(effects)) {
    if (isUnknown(effect)) continue;
    if (effect === "exec") addCode(draft, "inline");
    else if (effect === "delete") addEffects(draft, "delete", ...(destroys ? (["destroy"] as const) : []));
    else addEffects(draft, effect === "admin" ? "config" : effect);
  }
  if (!isUnknown(effects) && !isOpenList<unknown>(effects)) return;
  for (const reason of itemsOf(reasons)) if (!isUnknown(reason)) doubt(draft, reason);
}

/** `mongosh [DATABASE] --eval TEXT`: a call that is plain enough is the command it sends; anything else is JavaScript. */
export function mongo(tool: Tool): null {
  const { invocation, draft } = tool;
  addEffects(draft, "network");
  const scripts = valuesOf(invocation, "--eval");
  for (const script of scripts) addMongoText(tool, textOf(script));
  if (scripts.length === 0) doubt(draft, "interactive");
  return null;
}

function addMongoText(tool: Tool, text: string | null): void {
  const { draft } = tool;
  const call = text === null ? null : readShellCall(text);
  if (call === null) {
    if (/\bdropDatabase\s*\(|\.\s*drop\s*\(/.test(text ?? "")) addEffects(draft, "delete", "destroy");
    addCode(draft, "inline");
    draft.derived.push({ family: "mongo", facts: mongoFacts({}, databaseOf(tool)) });
    return;
  }
  const facts = mongoFacts(call.command, call.database ?? databaseOf(tool));
  draft.derived.push({ family: "mongo", facts });
  addDataEffects(draft, facts, true);
}

/** The database that the shell connects to: its operand's name, or the path of its address; `test` without one. */
function databaseOf({ invocation }: Tool): Fact<string> {
  const [given] = invocation.operands;
  if (given === undefined) return "test";
  const text = given.count === "one" ? textOf(given.value) : null;
  if (text === null) return unknown(whyOf(given.value) ?? "database");
  const address = /^mongodb(?:\+srv)?:\/\/[^/]*(?:\/([^?]*))?/.exec(text);
  if (address !== null) return address[1] || "test";
  return /\.js$/.test(text) ? unknown("database") : (text.split("/").at(-1) ?? text);
}
