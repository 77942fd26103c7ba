/**
 * The SQL that puts a floor under a policy.
 *
 * In: what may be read of each relation, the names of two roles, and, of a server that was looked at, who may read what now. Out:
 * one transaction of GRANT and REVOKE for a person to read and run. `direct` is for people and programs that connect without
 * the gateway; `gateway` is what the gateway logs in as: it reads all columns, because it masks what it has read. Absent: passwords,
 * who becomes a member, and rights to change rows.
 */
import type { ServerRights } from "@hpl/gateway";
import { isOpen, quotedName, type RelationFloor } from "./floor.js";

export interface FloorRoles {
  readonly direct: string;
  readonly gateway: string;
}

export function grantsSql(floors: readonly RelationFloor[], roles: FloorRoles, rights: ServerRights | null): string {
  const schemas = [...new Set(floors.map(({ schema }) => schema))];
  const both = `${quotedName(roles.direct)}, ${quotedName(roles.gateway)}`;
  return [
    "-- The database's own floor under the policy: whoever gets past the gateway cannot read what the policy masks.",
    "-- Run it as the owner of the tables. Owners and superusers are under no floor; tables made later have none yet.",
    "BEGIN;",
    ...[roles.direct, roles.gateway].map(createRole),
    ...schemas.map((schema) => `GRANT USAGE ON SCHEMA ${quotedName(schema)} TO ${both};`),
    ...floors.flatMap((floor) => relationLines(floor, roles, rights)),
    ...(rights?.read_everything ?? []).map(
      (role) => `REVOKE pg_read_all_data FROM ${quotedName(role)}; -- or from the role it has it through`,
    ),
    "COMMIT;",
  ].join("\n");
}

const everybody = "PUBLIC";

function createRole(role: string): string {
  const name = `'${role.replaceAll("'", "''")}'`;
  const create = `CREATE ROLE ${quotedName(role)} NOLOGIN`;
  return `DO $hpl$ BEGIN IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = ${name}) THEN ${create}; END IF; END $hpl$;`;
}

interface Reader {
  readonly role: string;
  /** Whether it was granted the whole relation, which reading its open columns takes the place of. */
  readonly whole: boolean;
}

/** Who may read it now, beside the gateway. Everybody where that is not known. */
function readersOf({ schema, name }: RelationFloor, roles: FloorRoles, rights: ServerRights): readonly Reader[] {
  const own: ReadonlySet<string> = new Set([roles.direct, roles.gateway, rights.role]);
  return rights.readers.filter(
    (reader) => reader.schema === schema && reader.relation === name && !own.has(reader.role),
  );
}

function relationLines(floor: RelationFloor, roles: FloorRoles, rights: ServerRights | null): readonly string[] {
  const { schema, name, columns } = floor;
  const relation = `TABLE ${quotedName(schema)}.${quotedName(name)}`;
  const toGateway = `GRANT SELECT ON ${relation} TO ${quotedName(roles.gateway)};`;
  const hidden = columns.filter((column) => !isOpen(column));
  if (hidden.length === 0) return ["", `GRANT SELECT ON ${relation} TO ${quotedName(roles.direct)};`, toGateway];
  const readers = rights === null ? [] : readersOf(floor, roles, rights);
  return [
    "",
    ...hidden.map(whyHidden),
    ...(rights === null ? [`REVOKE SELECT ON ${relation} FROM ${everybody};`] : []),
    ...[...readers, { role: roles.direct, whole: true }].flatMap((reader) => limit(reader, relation, columns)),
    toGateway,
  ];
}

/** Nobody is given a column they could not read before. Taking a right on a table takes those on its columns too. */
function limit({ role, whole }: Reader, relation: string, columns: RelationFloor["columns"]): readonly string[] {
  const grantee = role === everybody ? role : quotedName(role);
  const [open, hidden] = [columns.filter(isOpen), columns.filter((column) => !isOpen(column))];
  if (!whole) return [`REVOKE ${select(hidden)} ON ${relation} FROM ${grantee};`];
  const revoke = `REVOKE SELECT ON ${relation} FROM ${grantee};`;
  return open.length === 0 ? [revoke] : [revoke, `GRANT ${select(open)} ON ${relation} TO ${grantee};`];
}

const select = (columns: RelationFloor["columns"]): string =>
  `SELECT (${columns.map(({ name }) => quotedName(name)).join(", ")})`;

/** A comment line; names may hold line breaks. */
function whyHidden({ name, labels, certain }: RelationFloor["columns"][number]): string {
  const why = labels.length > 0 ? labels.join(", ") : "where it comes from is not certain";
  return `-- ${quotedName(name).replaceAll(/[\r\n\u2028\u2029]/g, " ")}: ${certain || labels.length === 0 ? why : `${why}, and perhaps more`}`;
}
