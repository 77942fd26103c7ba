/**
 * What a gateway's role may do on the server beyond what any policy can hold back.
 *
 * In: the rights of the role, and the policy. Out: warnings (HPL0010), each at the first module that governs SQL: the fault is in
 * the database, and the policy is where somebody looks. Absent: what the role should be granted, which is `hpl grants`.
 */
import type { CheckedPolicy, Diagnostic } from "@hpl/compiler";
import type { ServerRights } from "@hpl/gateway";

export function upstreamFindings(policy: CheckedPolicy, rights: ServerRights): readonly Diagnostic[] {
  const module = policy.modules.find(({ families }) => families.includes("sql")) ?? policy.modules[0];
  if (module === undefined) return [];
  return problemsOf(rights).map(({ problem, help }) => ({
    code: "HPL0010",
    slug: "upstream-role",
    severity: "warning",
    message: `the upstream role \`${rights.role}\` ${problem}`,
    help,
    notes: [],
    span: module.span,
    rule: null,
  }));
}

interface Problem {
  readonly problem: string;
  readonly help: string;
}

const ownRole = "let the gateway log in as a role of its own: `hpl grants` prints one";

function problemsOf(rights: ServerRights): readonly Problem[] {
  if (rights.superuser) return [{ problem: "is a superuser: no privilege holds it back", help: ownRole }];
  const { member_of, file_functions, owns } = rights;
  const problems: readonly (readonly [boolean, string, string])[] = [
    [owns.length > 0, `owns ${ownedText(owns)}, and can grant itself anything on it`, ownRole],
    [member_of.length > 0, `is a member of ${listed(member_of)}`, "take it out of them"],
    [file_functions.length > 0, `may call ${listed(file_functions)}`, "revoke EXECUTE on them"],
    [rights.replication, "may replicate: it can read every row of the server", "give it NOREPLICATION"],
    [rights.bypasses_row_security, "is past row security", "give it NOBYPASSRLS"],
    [rights.creates_roles, "creates roles, and so can become others", "give it NOCREATEROLE"],
  ];
  return problems.flatMap(([isSo, problem, help]) => (isSo ? [{ problem, help }] : []));
}

const listed = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(", ");

/** Three names are enough to know what it is about. */
function ownedText(owns: ServerRights["owns"]): string {
  const named = owns.slice(0, 3).map((path) => path.join("."));
  return listed(named) + (owns.length > named.length ? ` and ${owns.length - named.length} more` : "");
}
