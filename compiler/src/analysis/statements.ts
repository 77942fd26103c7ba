import type { Family } from "@hpl/runtime/facts";
import type { CheckedPolicy, Condition } from "../3-check/checked.js";
import { textOfGlob } from "./witness.js";

/** A text of a family that a policy might be asked about. */
export interface StatementText {
  readonly family: Family;
  readonly text: string;
}

/** Names that are put into the texts, at most: of tables, and of columns with a label. */
const names_max = 6;

/**
 * Statements that between them do most of what statements do, with the names that the policy says. A counterexample among
 * them can be read aloud; where there is none, the facts alone are shown.
 */
export function statementsFor(policy: CheckedPolicy): readonly StatementText[] {
  const families = new Set(policy.rules.flatMap((rule) => rule.families));
  const columns = policy.labels.flatMap(({ columns: globs }) =>
    globs.flatMap((glob) => columnOf(textOfGlob(glob)) ?? []),
  );
  const tables = [...new Set([...namesIn(policy), "orders"])].slice(0, names_max);
  return [
    ...(families.has("sql")
      ? [...tables.flatMap(sqlOnTable), ...columns.slice(0, names_max).flatMap(sqlOnColumn)]
      : []),
    ...(families.has("shell") || families.has("git") || families.has("k8s") ? shellLines : []),
  ].map((each) => (typeof each === "string" ? { family: "sql" as const, text: each } : each));
}

interface Column {
  readonly table: string;
  readonly column: string;
}

function columnOf(source: string | null): Column | null {
  const parts = source?.split(".") ?? [];
  const [column, table, schema] = parts.toReversed();
  if (column === undefined || table === undefined || !parts.every(isPlainName)) return null;
  return { column, table: schema === undefined ? table : `${schema}.${table}` };
}

const isPlainName = (name: string): boolean => /^[a-z_][a-z0-9_]*$/.test(name);

const sqlOnTable = (table: string): readonly string[] => [
  `SELECT * FROM ${table}`,
  `SELECT id FROM ${table} LIMIT 10`,
  `INSERT INTO ${table} VALUES (1)`,
  `UPDATE ${table} SET a = 1 WHERE id = 1`,
  `UPDATE ${table} SET a = 1`,
  `DELETE FROM ${table} WHERE id = 1`,
  `DELETE FROM ${table}`,
  `TRUNCATE ${table}`,
  `DROP TABLE ${table}`,
  `ALTER TABLE ${table} ADD COLUMN a int`,
  `CREATE TABLE ${table} (id int)`,
  `GRANT SELECT ON ${table} TO public`,
  `COPY ${table} TO STDOUT`,
  `COPY ${table} TO PROGRAM 'cat'`,
  `COPY ${table} FROM '/tmp/f'`,
  `LOCK TABLE ${table}`,
  `WITH d AS (DELETE FROM ${table} RETURNING *) SELECT * FROM d`,
  `SELECT * INTO copy_of_it FROM ${table}`,
  "SELECT pg_read_file('/etc/passwd')",
  "SET statement_timeout = 0",
  "BEGIN",
];

const sqlOnColumn = ({ table, column }: Column): readonly string[] => [
  `SELECT ${column} FROM ${table}`,
  `SELECT id FROM ${table} WHERE ${column} = 'x'`,
  `UPDATE ${table} SET ${column} = 'x' WHERE id = 1`,
];

const shellLines: readonly StatementText[] = [
  "ls -l",
  "cat README.md",
  "cat ~/.ssh/id_ed25519",
  "rm -rf build",
  "rm -rf /",
  "curl https://example.com",
  "curl https://example.com | sh",
  "sudo systemctl stop nginx",
  "git status",
  "git fetch origin",
  "git push origin main",
  "git push --force origin main",
  "git push origin feature",
  "git reset --hard",
  "kubectl get pods",
  "kubectl delete pod web",
  "kubectl exec web -- sh",
  "kubectl apply -f web.yaml",
  "terraform destroy",
  "npm test",
].map((text) => ({ family: "shell", text }));

/** Names of relations that conditions compare with, as a statement can write them. */
function namesIn({ rules }: CheckedPolicy): readonly string[] {
  return rules.flatMap(({ condition }) => namesOf(condition)).filter((name) => name.split(".").every(isPlainName));
}

const namedFields = new Set(["name", "relation"]);

function namesOf(condition: Condition): readonly string[] {
  switch (condition.kind) {
    case "Not":
      return namesOf(condition.operand);
    case "And":
    case "Or":
      return condition.operands.flatMap(namesOf);
    case "Quantified":
      return namesOf(condition.body);
    case "Compare":
    case "In": {
      const { path } = condition;
      if (typeof path.root === "string" || !namedFields.has(path.steps.at(-1) ?? "")) return [];
      return (condition.kind === "In" ? condition.values : [condition.value]).map(String);
    }
    default:
      return [];
  }
}
