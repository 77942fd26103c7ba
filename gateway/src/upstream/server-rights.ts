/**
 * What a role may do on a real server beyond reading the tables it is meant to: rights that no policy in front of it can take
 * away, and who else may read them.
 *
 * In: the URL of a server, with the role a gateway logs in as. Out: its catalog as that role sees it, the role's rights, and who
 * may read which relations. Reads system catalogs only. Absent: other databases of the server, and what a role might be given later.
 */
import type { Catalog } from "@hpl/runtime";
import { parseCatalog, postgresCatalogQuery } from "@hpl/runtime/sql";
import { readDirectly } from "./direct-query.js";
import { parseUpstreamUrl } from "./upstream-url.js";

export interface ServerRights {
  readonly role: string;
  readonly superuser: boolean;
  readonly replication: boolean;
  readonly bypasses_row_security: boolean;
  readonly creates_roles: boolean;
  /** Predefined roles it is a member of that read files, run programs, or read or write everything. */
  readonly member_of: readonly string[];
  /** Functions that read or write files of the server, which it may call; none of a superuser. */
  readonly file_functions: readonly string[];
  /** Relations that it, or a role it may become, owns, as [schema, name]; none of a superuser, and not more than 1,000. */
  readonly owns: readonly (readonly [string, string])[];
  /** Who may read relations besides their owners, `PUBLIC` being everybody. */
  readonly readers: readonly {
    readonly role: string;
    readonly schema: string;
    readonly relation: string;
    /** Whether the whole relation was granted, and not some of its columns alone. */
    readonly whole: boolean;
  }[];
  /** Other roles that read everything whatever is granted. */
  readonly read_everything: readonly string[];
}

export interface InspectedServer {
  readonly catalog: Catalog;
  readonly rights: ServerRights;
}

/** Rejects with a message that never holds the password. */
export async function inspectServer(url: string): Promise<InspectedServer> {
  const target = parseUpstreamUrl(url);
  const catalog = await readDirectly(target, postgresCatalogQuery());
  const rights = await readDirectly(target, `SET search_path = pg_catalog, pg_temp; ${rightsQuery}`);
  if (catalog === null || rights === null) throw new Error("the server did not say what it holds");
  return { catalog: parseCatalog(catalog), rights: JSON.parse(rights) as ServerRights };
}

const dangerousRoles = [
  ...["pg_read_server_files", "pg_write_server_files", "pg_execute_server_program"],
  ...["pg_read_all_data", "pg_write_all_data", "pg_read_all_stats", "pg_monitor"],
];
const fileFunctions = [
  ...["pg_read_file(text)", "pg_read_binary_file(text)", "pg_ls_dir(text)", "pg_stat_file(text)", "lo_import(text)"],
  "lo_export(oid, text)",
];
const quoted = (texts: readonly string[]): string => texts.map((text) => `'${text}'`).join(", ");

const listed = `c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^(pg_catalog$|information_schema$|pg_toast|pg_temp_)'`;
const relations = `pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace`;
const roleName = (oid: string): string => `CASE WHEN ${oid} = 0 THEN 'PUBLIC' ELSE pg_get_userbyid(${oid})::text END`;

/** One JSON object. */
const rightsQuery = `SELECT json_build_object(
  'role', me.rolname, 'superuser', me.rolsuper, 'replication', me.rolreplication,
  'bypasses_row_security', me.rolbypassrls, 'creates_roles', me.rolcreaterole,
  'member_of', coalesce((SELECT json_agg(g.rolname ORDER BY g.rolname) FROM pg_roles g
     WHERE NOT me.rolsuper AND g.rolname IN (${quoted(dangerousRoles)}) AND pg_has_role(me.oid, g.oid, 'MEMBER')), '[]'),
  'file_functions', coalesce((SELECT json_agg(f ORDER BY f) FROM unnest(ARRAY[${quoted(fileFunctions)}]) f
     WHERE NOT me.rolsuper AND to_regprocedure(f) IS NOT NULL AND has_function_privilege(me.oid, to_regprocedure(f), 'EXECUTE')), '[]'),
  'owns', coalesce((SELECT json_agg(json_build_array(o.nspname, o.relname)) FROM (
     SELECT n.nspname, c.relname FROM ${relations}
     WHERE ${listed} AND NOT me.rolsuper AND pg_has_role(me.oid, c.relowner, 'MEMBER') ORDER BY 1, 2 LIMIT 1000) o), '[]'),
  'readers', coalesce((SELECT json_agg(json_build_object(
       'role', r.role, 'schema', r.nspname, 'relation', r.relname, 'whole', r.whole)) FROM (
     SELECT role, nspname, relname, bool_or(whole) AS whole FROM (
     SELECT ${roleName("a.grantee")} AS role, n.nspname, c.relname, true AS whole
       FROM ${relations}, aclexplode(c.relacl) a
       WHERE ${listed} AND a.privilege_type = 'SELECT' AND a.grantee <> c.relowner
     UNION
     SELECT ${roleName("a.grantee")}, n.nspname, c.relname, false
       FROM ${relations} JOIN pg_attribute t ON t.attrelid = c.oid, aclexplode(t.attacl) a
       WHERE ${listed} AND a.privilege_type = 'SELECT' AND a.grantee <> c.relowner
     ) g GROUP BY role, nspname, relname ORDER BY 2, 3, 1) r), '[]'),
  'read_everything', coalesce((SELECT json_agg(g.rolname ORDER BY g.rolname) FROM pg_roles g
     WHERE NOT g.rolsuper AND g.oid <> me.oid AND g.rolname !~ '^pg_' AND EXISTS (
       SELECT FROM pg_roles p WHERE p.rolname = 'pg_read_all_data' AND pg_has_role(g.oid, p.oid, 'MEMBER'))), '[]'))
FROM pg_roles me WHERE me.rolname = current_user`;
