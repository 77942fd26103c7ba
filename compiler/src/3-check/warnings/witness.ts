import type { Family } from "@hpl/runtime/facts";
import type { CheckedRule, Condition, Constant, FactPath } from "../checked.js";

/**
 * An action that `rule` is about, for a message: the plainest one with an effect, kind or verb that the rule asks for,
 * or any at all where it asks only who acts. Null when it asks for something else. It shows an author what is meant; whether the rule fires on it, the rest of its condition says.
 */
export function witnessOf(rule: CheckedRule): string | null {
  for (const [path, values] of positiveTests(rule.condition)) {
    const table = witnesses.get(path);
    const found = table === undefined ? undefined : values.find((value) => table.has(value));
    if (table !== undefined && found !== undefined) return table.get(found) ?? null;
  }
  const [family] = rule.families;
  return family !== undefined && asksOnlyWho(rule.condition) ? (plainest.get(family) ?? null) : null;
}

/** What a rule is about that asks who, where and when, and not what. */
const plainest: ReadonlyMap<Family, string> = new Map<Family, string>([
  ["sql", "SELECT * FROM t"],
  ["shell", "cat f"],
  ["git", "git push"],
  ["k8s", "kubectl get pods"],
]);

const common: ReadonlySet<unknown> = new Set(["principal", "session", "connection", "now"]);

function asksOnlyWho(condition: Condition): boolean {
  switch (condition.kind) {
    case "And":
    case "Or":
      return condition.operands.every(asksOnlyWho);
    case "Not":
      return asksOnlyWho(condition.operand);
    case "Constant":
    case "InWindow":
      return true;
    case "CompareFacts":
      return common.has(condition.left.root) && common.has(condition.right.root);
    case "Has":
    case "Only":
      return common.has(condition.list.root);
    case "Quantified":
      return false;
    default:
      return common.has(condition.path.root);
  }
}

const witnesses: ReadonlyMap<string, ReadonlyMap<Constant, string>> = new Map([
  [
    "statement.effects",
    new Map<Constant, string>([
      ["read", "SELECT * FROM t"],
      ["write", "UPDATE t SET c = 1"],
      ["create", "CREATE TABLE t (c int)"],
      ["drop", "DROP TABLE t"],
      ["alter", "ALTER TABLE t ADD COLUMN c int"],
      ["truncate", "TRUNCATE t"],
      ["grant", "GRANT SELECT ON t TO r"],
      ["exec", "COPY t TO PROGRAM 'p'"],
      ["file_read", "COPY t FROM '/f'"],
      ["file_write", "COPY t TO '/f'"],
      ["config", "SET search_path = s"],
      ["lock", "LOCK t"],
    ]),
  ],
  [
    "statement.kind",
    new Map<Constant, string>([
      ["select", "SELECT * FROM t"],
      ["insert", "INSERT INTO t VALUES (1)"],
      ["update", "UPDATE t SET c = 1"],
      ["delete", "DELETE FROM t"],
      ["truncate", "TRUNCATE t"],
      ["create", "CREATE TABLE t (c int)"],
      ["drop", "DROP TABLE t"],
      ["alter", "ALTER TABLE t ADD COLUMN c int"],
      ["grant", "GRANT SELECT ON t TO r"],
      ["copy", "COPY t TO STDOUT"],
    ]),
  ],
  [
    "command.effects",
    new Map<Constant, string>([
      ["read", "cat f"],
      ["write", "touch f"],
      ["delete", "rm f"],
      ["network", "curl https://h"],
    ]),
  ],
  [
    "git.verb",
    new Map<Constant, string>([
      ["push", "git push"],
      ["fetch", "git fetch"],
      ["clone", "git clone"],
    ]),
  ],
  [
    "k8s.effect",
    new Map<Constant, string>([
      ["read", "kubectl get pods"],
      ["write", "kubectl apply -f f"],
      ["delete", "kubectl delete pod p"],
      ["exec", "kubectl exec p -- c"],
    ]),
  ],
]);

/** The facts a condition wants to have certain values, in order. What stands under a `not` it does not want. */
function* positiveTests(condition: Condition): Generator<readonly [string, readonly Constant[]]> {
  switch (condition.kind) {
    case "And":
    case "Or":
      for (const operand of condition.operands) yield* positiveTests(operand);
      return;
    case "Has":
    case "Only":
      yield [textOf(condition.list), condition.values];
      return;
    case "In":
      yield [textOf(condition.path), condition.values];
      return;
    case "Compare":
      if (condition.operator === "==") yield [textOf(condition.path), [condition.value]];
      return;
    default:
  }
}

const textOf = ({ root, steps }: FactPath): string => [root, ...steps].join(".");
