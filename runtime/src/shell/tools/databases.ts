/** Command lines of databases: the statements they are given go to the judge as SQL; what only they know is read here. */
import { hasFlag, valuesOf } from "../arguments.js";
import { enter, type Tool } from "../call.js";
import { addCode, addEffects, addPath, doubt } from "../draft.js";
import { literal, textOf, type Value } from "../value.js";
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

const redisReads =
  /^(?:get|mget|exists|ttl|pttl|type|strlen|hget|hgetall|hkeys|hlen|hmget|hexists|lrange|llen|lindex|scard|smembers|sismember|zrange|zcard|zscore|zrank|keys|scan|hscan|sscan|zscan|ping|echo|info|time|dbsize|memory|object|randomkey|select|xlen|xrange|xread|getrange|bitcount|command|client|cluster|lastsave|role|slowlog|latency|auth|hello)$/i;
const redisDeletes = /^(?:flushall|flushdb|del|unlink|shutdown|debug|swapdb|migrate|replicaof|slaveof|failover)$/i;
const redisCode = /^(?:eval|eval_ro|evalsha|evalsha_ro|fcall|fcall_ro|function|script|module)$/i;

/** `redis-cli COMMAND ..`. */
export function redis(tool: Tool): null {
  const { invocation, draft, call } = tool;
  addEffects(draft, "network");
  const [word] = invocation.operands;
  if (word === undefined) {
    doubt(draft, call.stdin.kind === "none" ? "interactive" : "stdin");
    return null;
  }
  const command = word.count === "one" ? textOf(word.value) : null;
  draft.subcommand.push(command?.toLowerCase() ?? "");
  if (command === null) doubt(draft, "command");
  else if (redisCode.test(command)) addCode(draft, "inline");
  else if (redisDeletes.test(command)) addEffects(draft, "delete", "destroy");
  else if (redisReads.test(command)) addEffects(draft, "read");
  else if (/^(?:config|acl|save|bgsave|bgrewriteaof)$/i.test(command)) addEffects(draft, "config");
  else addEffects(draft, "write");
  return null;
}

/** Calls of one method on one collection, with arguments that call nothing. */
const mongoCall =
  /^\s*db\.(?:getCollection\(\s*["'][\w.-]+["']\s*\)|[\w]+)\.(\w+)\(([^()]*)\)((?:\.(?:limit|sort|skip|count|toArray|pretty|explain)\([^()]*\))*)\s*;?\s*$/s;

/** `mongosh --eval`: a call that is plain enough is read, anything else is JavaScript. */
export function mongo(tool: Tool): null {
  const { invocation, draft } = tool;
  addEffects(draft, "network");
  const scripts = valuesOf(invocation, "--eval");
  for (const script of scripts) {
    const text = textOf(script) ?? "";
    const method = mongoCall.exec(text)?.[1];
    if (method === undefined || /\$where|\$function|\$accumulator|\$out|\$merge/.test(text)) addMongoText(tool, text);
    else if (
      /^(?:find|findOne|count|countDocuments|estimatedDocumentCount|distinct|getIndexes|stats|aggregate|explain)$/.test(
        method,
      )
    )
      addEffects(draft, "read");
    else if (
      /^(?:drop|dropDatabase|deleteMany|deleteOne|remove|dropIndex|dropIndexes|findOneAndDelete|renameCollection)$/.test(
        method,
      )
    )
      addEffects(draft, "delete", "destroy");
    else if (/^(?:insert|update|replace|save|bulk|findAndModify|findOneAnd|create)/.test(method))
      addEffects(draft, "write");
    else addCode(draft, "inline");
  }
  if (scripts.length === 0) doubt(draft, "interactive");
  return null;
}

function addMongoText({ draft }: Tool, text: string): void {
  if (/\bdropDatabase\s*\(|\.\s*drop\s*\(/.test(text)) addEffects(draft, "delete", "destroy");
  addCode(draft, "inline");
}
