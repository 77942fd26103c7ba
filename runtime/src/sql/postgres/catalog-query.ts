/**
 * Reading a catalog: the statement a gateway runs on the client's own session, and the reading of its answer.
 *
 * The session belongs to the client, who may have put functions and operators of their own in front of the search path.
 * So every name is qualified, every operator is `OPERATOR(pg_catalog.=)`, and nothing is used that looks an operator up
 * by itself: no IN, LIKE, BETWEEN, NULLIF, CASE x WHEN, USING, IS DISTINCT FROM. Works on PostgreSQL 13 to 18, as any
 * role, in a transaction; locks nothing but the system catalogs, for reading.
 */
import type { Catalog } from "../../facts/index.js";

const is = "OPERATOR(pg_catalog.=)";
const isNot = "OPERATOR(pg_catalog.<>)";
const least_user_oid = "16384::pg_catalog.oid";

/** Schemas whose relations are listed: all but the system's and other sessions' temporary ones. */
const listedSchema = `
  n.nspname ${isNot} 'pg_catalog' AND n.nspname ${isNot} 'information_schema'
  AND (n.oid ${is} pg_catalog.pg_my_temp_schema()
       OR n.nspname OPERATOR(pg_catalog.!~) '^pg_(toast|temp_|toast_temp_)')`;

const columns = `
  (SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
      'name', a.attname,
      'type', CASE WHEN tn.nspname ${is} 'pg_catalog' THEN t.typname::pg_catalog.text
                   ELSE pg_catalog.concat(tn.nspname, '.', t.typname) END,
      'generated', CASE WHEN a.attgenerated ${isNot} '' THEN pg_catalog.pg_get_expr(d.adbin, d.adrelid) END)
    ORDER BY a.attnum)
   FROM pg_catalog.pg_attribute a
   JOIN pg_catalog.pg_type t ON t.oid ${is} a.atttypid
   JOIN pg_catalog.pg_namespace tn ON tn.oid ${is} t.typnamespace
   LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid ${is} a.attrelid AND d.adnum ${is} a.attnum
   WHERE a.attrelid ${is} c.oid AND a.attnum OPERATOR(pg_catalog.>) 0 AND NOT a.attisdropped)`;

const key = `
  (SELECT pg_catalog.json_agg(a.attname ORDER BY a.attnum)
   FROM pg_catalog.pg_index i
   JOIN pg_catalog.pg_attribute a ON a.attrelid ${is} i.indrelid AND a.attnum ${is} ANY (i.indkey)
   WHERE i.indrelid ${is} c.oid AND i.indisprimary)`;

const parents = `
  (SELECT pg_catalog.json_agg(pg_catalog.json_build_array(pn.nspname, p.relname))
   FROM pg_catalog.pg_inherits h
   JOIN pg_catalog.pg_class p ON p.oid ${is} h.inhparent
   JOIN pg_catalog.pg_namespace pn ON pn.oid ${is} p.relnamespace
   WHERE h.inhrelid ${is} c.oid)`;

/** Names of the columns of relation `table` whose numbers stand in the array `numbers`; all of them where one is an expression. */
const columnNames = (table: string, numbers: string): string => `
  (SELECT pg_catalog.json_agg(a.attname ORDER BY a.attnum) FROM pg_catalog.pg_attribute a
   WHERE a.attrelid ${is} ${table} AND a.attnum OPERATOR(pg_catalog.>) 0 AND NOT a.attisdropped
     AND (a.attnum ${is} ANY (${numbers}) OR 0 ${is} ANY (${numbers})))`;

/** The same as `[schema, table, column]`. */
const columnPaths = (table: string, numbers: string): string => `
  (SELECT pg_catalog.json_agg(pg_catalog.json_build_array(tn.nspname, tc.relname, a.attname) ORDER BY a.attnum)
   FROM pg_catalog.pg_attribute a
   JOIN pg_catalog.pg_class tc ON tc.oid ${is} a.attrelid
   JOIN pg_catalog.pg_namespace tn ON tn.oid ${is} tc.relnamespace
   WHERE a.attrelid ${is} ${table} AND a.attnum OPERATOR(pg_catalog.>) 0 AND NOT a.attisdropped
     AND (a.attnum ${is} ANY (${numbers}) OR 0 ${is} ANY (${numbers})))`;

const comparison = (by: string, columns: string, others: string): string =>
  `pg_catalog.json_build_object('by', ${by}, 'columns', coalesce(${columns}, '[]'::pg_catalog.json),
     'with', coalesce(${others}, '[]'::pg_catalog.json))`;

/** Unique and exclusion indexes, checks of several columns, and foreign keys from both ends. */
const compared = `
  (SELECT pg_catalog.json_agg(x.comparison) FROM (
     SELECT ${comparison("'unique'", columnNames("i.indrelid", "i.indkey"), columnPaths("i.indrelid", "i.indkey"))} AS comparison
     FROM pg_catalog.pg_index i WHERE i.indrelid ${is} c.oid AND (i.indisunique OR i.indisexclusion)
     UNION ALL
     SELECT ${comparison("'check'", columnNames("k.conrelid", "k.conkey"), columnPaths("k.conrelid", "k.conkey"))}
     FROM pg_catalog.pg_constraint k
     WHERE k.conrelid ${is} c.oid AND k.contype ${is} 'c' AND pg_catalog.cardinality(k.conkey) OPERATOR(pg_catalog.>) 1
     UNION ALL
     SELECT ${comparison("'references'", columnNames("k.conrelid", "k.conkey"), columnPaths("k.confrelid", "k.confkey"))}
     FROM pg_catalog.pg_constraint k WHERE k.conrelid ${is} c.oid AND k.contype ${is} 'f'
     UNION ALL
     SELECT ${comparison("'referenced'", columnNames("k.confrelid", "k.confkey"), columnPaths("k.conrelid", "k.conkey"))}
     FROM pg_catalog.pg_constraint k WHERE k.confrelid ${is} c.oid AND k.contype ${is} 'f') x)`;

/** Tables whose rows a foreign key deletes or changes together with rows of this one. */
const cascades = `
  (SELECT pg_catalog.json_agg(pg_catalog.json_build_array(kn.nspname, kc.relname))
   FROM pg_catalog.pg_constraint k
   JOIN pg_catalog.pg_class kc ON kc.oid ${is} k.conrelid
   JOIN pg_catalog.pg_namespace kn ON kn.oid ${is} kc.relnamespace
   WHERE k.confrelid ${is} c.oid AND k.contype ${is} 'f'
     AND (k.confdeltype ${is} ANY ('{c,n,d}'::pg_catalog."char"[])
          OR k.confupdtype ${is} ANY ('{c,n,d}'::pg_catalog."char"[])))`;

/** Whether an object of catalog `catalog` depends on a function; those of the system itself are not written down. */
const callsFunction = (catalog: string, oid: string): string => `
  EXISTS (SELECT 1 FROM pg_catalog.pg_depend e
          WHERE e.classid ${is} 'pg_catalog.${catalog}'::pg_catalog.regclass AND e.objid ${is} ${oid}
            AND e.refclassid ${is} 'pg_catalog.pg_proc'::pg_catalog.regclass)`;

/** Row security that calls a function which is not built in. */
const readsCall = `
  EXISTS (SELECT 1 FROM pg_catalog.pg_policy y WHERE y.polrelid ${is} c.oid AND ${callsFunction("pg_policy", "y.oid")})`;

/** Whether a column is of a type of users while some domain or range of theirs calls a function. */
const domainsCall = `
  (EXISTS (SELECT 1 FROM pg_catalog.pg_attribute a
           WHERE a.attrelid ${is} c.oid AND a.attnum OPERATOR(pg_catalog.>) 0
             AND a.atttypid OPERATOR(pg_catalog.>=) ${least_user_oid})
   AND (EXISTS (SELECT 1 FROM pg_catalog.pg_constraint k
                WHERE k.contypid ${isNot} 0::pg_catalog.oid AND ${callsFunction("pg_constraint", "k.oid")})
        OR EXISTS (SELECT 1 FROM pg_catalog.pg_range g
                   WHERE g.rngsubdiff::pg_catalog.oid OPERATOR(pg_catalog.>=) ${least_user_oid})))`;

/** Triggers, rules, and defaults, checks, domains or index expressions that call a function which is not built in. */
const hasTriggers = `
  (${domainsCall}
   OR EXISTS (SELECT 1 FROM pg_catalog.pg_trigger g
           WHERE g.tgrelid ${is} c.oid AND NOT g.tgisinternal AND g.tgenabled ${isNot} 'D')
   OR EXISTS (SELECT 1 FROM pg_catalog.pg_rewrite w WHERE w.ev_class ${is} c.oid AND w.ev_type ${isNot} '1')
   OR EXISTS (SELECT 1 FROM pg_catalog.pg_depend e
              JOIN pg_catalog.pg_attrdef d ON d.oid ${is} e.objid
              WHERE e.classid ${is} 'pg_catalog.pg_attrdef'::pg_catalog.regclass
                AND e.refclassid ${is} 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.adrelid ${is} c.oid)
   OR EXISTS (SELECT 1 FROM pg_catalog.pg_depend e
              JOIN pg_catalog.pg_constraint k ON k.oid ${is} e.objid
              WHERE e.classid ${is} 'pg_catalog.pg_constraint'::pg_catalog.regclass
                AND e.refclassid ${is} 'pg_catalog.pg_proc'::pg_catalog.regclass AND k.conrelid ${is} c.oid)
   OR EXISTS (SELECT 1 FROM pg_catalog.pg_depend e
              JOIN pg_catalog.pg_index x ON x.indexrelid ${is} e.objid
              WHERE e.classid ${is} 'pg_catalog.pg_class'::pg_catalog.regclass
                AND e.refclassid ${is} 'pg_catalog.pg_proc'::pg_catalog.regclass AND x.indrelid ${is} c.oid))`;

/**
 * Whether `pg_catalog` comes before every schema that functions and operators are looked up in (the temporary one is
 * not). `pg_get_viewdef` runs a query of its own with an unqualified `=`: it is only safe to call then.
 */
const builtinsFirst = `
  (SELECT p.names[1] ${is} 'pg_catalog'
          OR (p.names[2] ${is} 'pg_catalog' AND p.names[1] OPERATOR(pg_catalog.~) '^pg_temp_')
   FROM (SELECT pg_catalog.current_schemas(true) AS names) p)`;

const relation = `
  pg_catalog.json_strip_nulls(pg_catalog.json_build_object(
    'kind', CASE WHEN c.relkind ${is} 'v' OR c.relkind ${is} 'm' THEN 'view' WHEN c.relkind ${is} 'S' THEN 'sequence'
                 WHEN c.relkind ${is} 'f' THEN 'foreign' ELSE 'table' END,
    'columns', coalesce(${columns}, '[]'::pg_catalog.json),
    'definition', CASE WHEN (c.relkind ${is} 'v' OR c.relkind ${is} 'm') AND ${builtinsFirst}
                       THEN pg_catalog.pg_get_viewdef(c.oid) END,
    'key', coalesce(${key}, '[]'::pg_catalog.json),
    'has_triggers', ${hasTriggers},
    'reads_call', CASE WHEN ${readsCall} THEN true END,
    'compared', ${compared},
    'cascades', ${cascades},
    'parents', ${parents}))`;

/** Whether the type `u` runs nothing of users: an enum, or a domain over a built-in type whose checks call nothing of theirs. */
const isPlainType = `
  (u.typtype ${is} 'e'
   OR (u.typtype ${is} 'd' AND u.typbasetype OPERATOR(pg_catalog.<) ${least_user_oid}
       AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_constraint k
                       JOIN pg_catalog.pg_depend e ON e.objid ${is} k.oid
                       WHERE k.contypid ${is} u.oid
                         AND e.classid ${is} 'pg_catalog.pg_constraint'::pg_catalog.regclass
                         AND (e.refclassid ${is} 'pg_catalog.pg_proc'::pg_catalog.regclass
                              OR e.refclassid ${is} 'pg_catalog.pg_operator'::pg_catalog.regclass))))`;

/** Names of objects of `table` that user code brought, as a JSON array. */
const userNames = (table: string, name: string, namespace: string): string => `
  (SELECT coalesce(pg_catalog.json_agg(u.name), '[]'::pg_catalog.json)
   FROM (SELECT DISTINCT o.${name} AS name
         FROM pg_catalog.${table} o JOIN pg_catalog.pg_namespace n ON n.oid ${is} o.${namespace}
         WHERE o.oid OPERATOR(pg_catalog.>=) ${least_user_oid}
            OR (n.nspname ${isNot} 'pg_catalog' AND n.nspname ${isNot} 'information_schema')) u)`;

const query = `
SELECT pg_catalog.json_build_object(
  'search_path', pg_catalog.to_json(pg_catalog.current_schemas(false)),
  'temp_schema', (SELECT n.nspname FROM pg_catalog.pg_namespace n WHERE n.oid ${is} pg_catalog.pg_my_temp_schema()),
  'functions', ${userNames("pg_proc", "proname", "pronamespace")},
  'operators', ${userNames("pg_operator", "oprname", "oprnamespace")},
  'types', (
    SELECT coalesce(pg_catalog.json_agg(DISTINCT u.typname), '[]'::pg_catalog.json)
    FROM pg_catalog.pg_type u JOIN pg_catalog.pg_type b ON b.typname ${is} u.typname
    JOIN pg_catalog.pg_namespace bn ON bn.oid ${is} b.typnamespace
    WHERE u.oid OPERATOR(pg_catalog.>=) ${least_user_oid} AND bn.nspname ${is} 'pg_catalog'),
  'plain_types', (
    SELECT coalesce(pg_catalog.json_agg(p.typname), '[]'::pg_catalog.json)
    FROM (SELECT u.typname FROM pg_catalog.pg_type u
          WHERE u.oid OPERATOR(pg_catalog.>=) ${least_user_oid}
          GROUP BY u.typname HAVING pg_catalog.bool_and(${isPlainType})) p),
  'casts_call', EXISTS (
    SELECT 1 FROM pg_catalog.pg_cast t
    JOIN pg_catalog.pg_proc f ON f.oid ${is} t.castfunc
    JOIN pg_catalog.pg_language l ON l.oid ${is} f.prolang
    WHERE t.oid OPERATOR(pg_catalog.>=) ${least_user_oid} AND l.lanname ${isNot} 'c' AND l.lanname ${isNot} 'internal'),
  'schemas', (
    SELECT coalesce(pg_catalog.json_object_agg(s.name, s.relations), '{}'::pg_catalog.json)
    FROM (SELECT n.nspname AS name, pg_catalog.json_object_agg(c.relname, ${relation}) AS relations
          FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid ${is} c.relnamespace
          WHERE c.relkind ${is} ANY ('{r,p,v,m,f,S}'::pg_catalog."char"[]) AND ${listedSchema}
          GROUP BY n.nspname) s)
)::pg_catalog.text AS catalog`;

/** One statement; its answer is one row with one column of JSON text, which `parseCatalog` reads. */
export const postgresCatalogQuery = (): string => query.trim();

/** Reads the answer of `postgresCatalogQuery`, or a catalog file. Throws a `TypeError` that names what is wrong. */
export function parseCatalog(json: string): Catalog {
  const value: unknown = JSON.parse(json);
  if (!isRecord(value)) throw new TypeError("a catalog is an object");
  if (!isListOf(value.search_path, isString)) throw new TypeError("`search_path` is a list of names");
  if (!isRecord(value.schemas)) throw new TypeError("`schemas` is an object");
  for (const [schema, relations] of Object.entries(value.schemas)) {
    if (!isRecord(relations)) throw new TypeError(`\`schemas.${schema}\` is an object`);
    for (const [name, relation] of Object.entries(relations)) checkRelation(`schemas.${schema}.${name}`, relation);
  }
  for (const field of ["functions", "operators", "types", "plain_types"])
    if (value[field] !== undefined && !isListOf(value[field], isString))
      throw new TypeError(`\`${field}\` is a list of names`);
  if (!isAbsent(value.casts_call) && typeof value.casts_call !== "boolean")
    throw new TypeError("`casts_call` is true or false");
  const { temp_schema, ...rest } = value;
  if (temp_schema !== undefined && temp_schema !== null && !isString(temp_schema))
    throw new TypeError("`temp_schema` is a name");
  // Every field has just been checked.
  return (isString(temp_schema) ? { ...rest, temp_schema } : rest) as unknown as Catalog;
}

/** What the fields of a relation must be. `columns` alone is required. */
const relationRules: readonly (readonly [field: string, test: (value: unknown) => boolean, what: string])[] = [
  ["columns", (value) => isListOf(value, isColumn), "a list of {name, type}"],
  ["kind", (value) => isAbsent(value) || kinds.has(value), "table, view, sequence or foreign"],
  ["definition", (value) => isAbsent(value) || isString(value), "the text of a query"],
  ["key", (value) => isAbsent(value) || isListOf(value, isString), "a list of names"],
  ["has_triggers", (value) => isAbsent(value) || typeof value === "boolean", "true or false"],
  ["reads_call", (value) => isAbsent(value) || typeof value === "boolean", "true or false"],
  ["compared", (value) => isAbsent(value) || isListOf(value, isComparison), "a list of {by, columns, with}"],
  ["cascades", (value) => isAbsent(value) || isListOf(value, isPair), "a list of [schema, name]"],
  ["parents", (value) => isAbsent(value) || isListOf(value, isPair), "a list of [schema, name]"],
];

const kinds = new Set<unknown>(["table", "view", "sequence", "foreign"]);

function checkRelation(path: string, relation: unknown): void {
  if (!isRecord(relation)) throw new TypeError(`\`${path}\` is an object`);
  for (const [field, test, what] of relationRules)
    if (!test(relation[field])) throw new TypeError(`\`${path}.${field}\` is ${what}`);
}

const isAbsent = (value: unknown): boolean => value === undefined;
const isString = (value: unknown): value is string => typeof value === "string";
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isListOf = <T>(value: unknown, test: (member: unknown) => member is T): value is T[] =>
  Array.isArray(value) && value.every(test);
const isPair = (value: unknown): value is [string, string] => isListOf(value, isString) && value.length === 2;
const isColumn = (value: unknown): value is { name: string } =>
  isRecord(value) &&
  isString(value.name) &&
  isString(value.type) &&
  (value.generated === undefined || isString(value.generated));

const ways = new Set<unknown>(["unique", "references", "check", "referenced"]);
const isComparison = (value: unknown): value is object =>
  isRecord(value) &&
  ways.has(value.by) &&
  isListOf(value.columns, isString) &&
  isListOf(value.with, (path): path is string[] => isListOf(path, isString) && path.length === 3);
