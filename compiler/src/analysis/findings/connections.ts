import type { CheckedPolicy } from "../../3-check/checked.js";
import { openDiagrams } from "../../4-lower/diagram/store.js";
import { ungovernedConnection } from "../../diagnostics/catalog.js";
import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import { openAtoms } from "../atoms.js";
import { openUniverse } from "../search.js";
import { anyOf } from "../verdicts.js";

/** A connection as a gateway is configured with it: the facts that rules read under `connection`. */
export type ConnectionFacts = Readonly<Record<string, unknown>> & { readonly name: string };

const databases: ReadonlySet<unknown> = new Set(["postgres", "mysql", "mariadb", "bigquery"]);

/** Connections that no module governs, whoever asks: everything on them is blocked. They have no place but the first module. */
export function findUngoverned(policy: CheckedPolicy, connections: readonly ConnectionFacts[]): readonly Diagnostic[] {
  const [first] = policy.modules;
  if (first === undefined) return [];
  return connections.flatMap((connection) =>
    isGoverned(policy, connection) ? [] : [ungovernedConnection(first.span, { connection: connection.name })],
  );
}

function isGoverned({ modules }: CheckedPolicy, connection: ConnectionFacts): boolean {
  const store = openDiagrams();
  const table = openAtoms(store);
  const governing = modules.filter(
    (module) => module.default !== null && (!databases.has(connection.kind) || module.families.includes("sql")),
  );
  const root = table.diagramOf(anyOf(governing.map(({ scope }) => scope)));
  const known = [...table.facts].filter(([, path]) => path.root === "connection");
  const fixed = new Map(known.map(([key, { steps }]) => [key, valueAt(connection, steps)]));
  return openUniverse(store, table).search(root, fixed).kind !== "none";
}

const valueAt = (connection: ConnectionFacts, steps: readonly string[]): unknown =>
  steps.reduce<unknown>((value, step) => (value as Record<string, unknown> | undefined)?.[step], connection);
