/**
 * What a call does, by name. Built-in functions come from a table of a real server: one that is immutable or stable in
 * every overload only reads, unless it is listed below; a volatile one must be listed below, or it is unknown. A
 * function that is not built in is always unknown, and so is a built-in name that user code has taken too: the server
 * picks an overload by argument types, which we do not know. Absent: bodies of user functions.
 */
import type { CatalogIndex } from "./catalog-index.js";
import {
  aggregateFunctions,
  functionColumns,
  setReturningFunctions,
  steadyFunctions,
  volatileFunctions,
} from "./data/functions.generated.js";
import type { Effect } from "./ledger.js";

export interface FunctionMeaning {
  readonly schema: string;
  readonly name: string;
  /** Whether `effects` is all a call does. */
  readonly known: boolean;
  /** Beside `read`. */
  readonly effects: readonly Effect[];
  /**
   * Whether a call can return what its arguments do not hold: other rows, other sessions' statements, large objects.
   */
  readonly loses_lineage: boolean;
  readonly set_returning: boolean;
  /** Whether a call may fail, or not, depending on the values of its arguments. */
  readonly fallible: boolean;
}

const wordsOf = (text: string): readonly string[] => text.trim().split(/\s+/);

const steady = new Set(wordsOf(steadyFunctions));
const volatile = new Set(wordsOf(volatileFunctions));
const setReturning = new Set(wordsOf(setReturningFunctions));
const aggregates = new Set(wordsOf(aggregateFunctions));
const columnsByFunction: ReadonlyMap<string, readonly string[]> = new Map(
  functionColumns
    .trim()
    .split(/\n(?! )/)
    .map((line) => {
      const [name = "", ...columns] = wordsOf(line);
      return [name, columns];
    }),
);

/** Functions with effects, by what they do. `dynamic` ones run SQL that stands in a string. */
const listed: readonly (readonly [effects: readonly Effect[], names: string])[] = [
  [
    [],
    `clock_timestamp timeofday random random_normal gen_random_uuid uuidv4 uuidv7 array_sample array_shuffle
        current_query currval lastval currtid2 pg_blocking_pids pg_safe_snapshot_blocking_pids pg_collation_actual_version
        pg_database_collation_actual_version pg_control_checkpoint pg_control_init pg_control_recovery pg_control_system
        pg_current_logfile pg_current_wal_flush_lsn pg_current_wal_insert_lsn pg_current_wal_lsn pg_database_size
        pg_indexes_size pg_relation_size pg_table_size pg_tablespace_size pg_total_relation_size pg_is_in_recovery
        pg_is_wal_replay_paused pg_jit_available pg_last_committed_xact pg_last_wal_receive_lsn pg_last_wal_replay_lsn
        pg_last_xact_replay_timestamp pg_lock_status pg_notification_queue_usage pg_partition_ancestors pg_partition_tree
        pg_prepared_xact pg_sequence_last_value pg_get_sequence_data pg_xact_commit_timestamp
        pg_xact_commit_timestamp_origin pg_xact_status txid_status pg_stat_have_stats pg_get_multixact_members
        pg_get_wait_events pg_show_replication_origin_status pg_get_wal_replay_pause_state
        pg_get_backend_memory_contexts pg_get_shmem_allocations pg_stat_get_recovery_prefetch
        pg_stat_get_xact_blocks_fetched pg_stat_get_xact_blocks_hit pg_stat_get_xact_function_calls
        pg_stat_get_xact_function_self_time pg_stat_get_xact_function_total_time pg_stat_get_xact_numscans
        pg_stat_get_xact_tuples_deleted pg_stat_get_xact_tuples_fetched pg_stat_get_xact_tuples_hot_updated
        pg_stat_get_xact_tuples_inserted pg_stat_get_xact_tuples_newpage_updated pg_stat_get_xact_tuples_returned
        pg_stat_get_xact_tuples_updated pg_stat_get_io pg_stat_get_backend_io pg_stat_get_backend_wal amvalidate
        pg_extension_config_dump pg_isolation_test_session_is_blocked pg_replication_origin_session_is_setup
        pg_replication_origin_session_progress pg_replication_origin_progress lo_get loread lo_tell lo_tell64 lo_open
        lo_close lo_lseek lo_lseek64 pg_stat_get_activity pg_stat_get_backend_activity pg_cursor pg_prepared_statement
        pg_mcv_list_items`,
  ],
  [
    ["file_read"],
    `pg_read_file pg_read_binary_file pg_ls_dir pg_ls_logdir pg_ls_waldir pg_ls_tmpdir
        pg_ls_archive_statusdir pg_ls_logicalmapdir pg_ls_logicalsnapdir pg_ls_replslotdir pg_ls_summariesdir
        pg_stat_file pg_hba_file_rules pg_ident_file_mappings pg_show_all_file_settings pg_get_loaded_modules
        pg_available_wal_summaries pg_wal_summary_contents`,
  ],
  [["file_read", "write"], "lo_import"],
  [["file_write"], "lo_export"],
  [
    ["write"],
    `nextval setval lo_creat lo_create lo_from_bytea lo_put lo_truncate lo_truncate64 lo_unlink lowrite
        pg_notify brin_desummarize_range brin_summarize_new_values brin_summarize_range gin_clean_pending_list
        pg_logical_emit_message pg_stat_reset pg_stat_reset_backend_stats pg_stat_reset_replication_slot
        pg_stat_reset_shared pg_stat_reset_single_function_counters pg_stat_reset_single_table_counters
        pg_stat_reset_slru pg_stat_reset_subscription_stats pg_clear_attribute_stats pg_clear_relation_stats
        pg_restore_attribute_stats pg_restore_relation_stats pg_logical_slot_get_binary_changes
        pg_logical_slot_get_changes pg_replication_slot_advance pg_replication_origin_advance`,
  ],
  [[], "pg_logical_slot_peek_binary_changes pg_logical_slot_peek_changes"],
  [
    ["lock"],
    `pg_sleep pg_sleep_for pg_sleep_until pg_advisory_lock pg_advisory_lock_shared pg_advisory_unlock
        pg_advisory_unlock_all pg_advisory_unlock_shared pg_advisory_xact_lock pg_advisory_xact_lock_shared
        pg_try_advisory_lock pg_try_advisory_lock_shared pg_try_advisory_xact_lock pg_try_advisory_xact_lock_shared`,
  ],
  [["exec"], "pg_terminate_backend pg_cancel_backend pg_log_backend_memory_contexts"],
  [
    ["config"],
    `setseed pg_reload_conf pg_rotate_logfile pg_promote pg_switch_wal pg_wal_replay_pause
        pg_wal_replay_resume pg_backup_start pg_backup_stop pg_create_restore_point pg_log_standby_snapshot
        pg_stat_clear_snapshot pg_stat_force_next_flush pg_replication_origin_session_reset
        pg_replication_origin_session_setup pg_replication_origin_xact_reset pg_replication_origin_xact_setup`,
  ],
  [["config", "identity"], "set_config"],
  [["transaction"], "pg_export_snapshot"],
  [
    ["create"],
    `pg_create_logical_replication_slot pg_create_physical_replication_slot pg_copy_logical_replication_slot
        pg_copy_physical_replication_slot pg_replication_origin_create pg_import_system_collations`,
  ],
  [["drop"], "pg_drop_replication_slot pg_replication_origin_drop"],
  [
    ["dynamic"],
    `query_to_xml query_to_xmlschema query_to_xml_and_xmlschema cursor_to_xml cursor_to_xmlschema
        table_to_xml table_to_xmlschema table_to_xml_and_xmlschema schema_to_xml schema_to_xmlschema
        schema_to_xml_and_xmlschema database_to_xml database_to_xmlschema database_to_xml_and_xmlschema ts_stat
        ts_rewrite pg_input_is_valid pg_input_error_info`,
  ],
];
const effectsByName: ReadonlyMap<string, readonly Effect[]> = new Map(
  listed.flatMap(([effects, names]) => wordsOf(names).map((name) => [name, effects] as const)),
);

/** Names of the built-in functions whose effects are written down above. */
export const listedFunctions: ReadonlySet<string> = new Set(effectsByName.keys());

/**
 * Extension functions that reach other servers, wherever they are installed: never known, but their effects are named.
 */
const remote = new Set(
  wordsOf(`dblink dblink_exec dblink_open dblink_fetch dblink_send_query dblink_get_result
  dblink_connect dblink_connect_u postgres_fdw_get_connections pg_background_launch http http_get http_post http_put`),
);

/**
 * Functions that return what stands neither in their arguments nor in a relation of the statement; how far the log has grown
 * tells the size of a row that was written.
 */
const losesLineage = new Set(
  wordsOf(`pg_current_wal_lsn pg_current_wal_insert_lsn pg_current_wal_flush_lsn pg_stat_get_wal pg_stat_get_backend_wal
  lo_get loread pg_read_file pg_read_binary_file pg_stat_get_activity
  pg_stat_get_backend_activity pg_cursor pg_prepared_statement pg_lock_status pg_mcv_list_items
  pg_logical_slot_get_binary_changes pg_logical_slot_get_changes pg_logical_slot_peek_binary_changes
  pg_logical_slot_peek_changes`),
);

/**
 * Functions that accept every value of their argument types. Aggregates do so too, but for those that build objects.
 */
const infallible = new Set(
  wordsOf(`lower upper initcap length char_length character_length octet_length bit_length md5
  sha224 sha256 sha384 sha512 concat concat_ws btrim ltrim rtrim reverse left right quote_literal quote_nullable
  quote_ident to_json to_jsonb row_to_json array_to_json json_build_array jsonb_build_array replace translate strpos
  position starts_with ascii to_char date_trunc date_part extract age floor ceil ceiling sign round trunc isfinite
  array_length array_lower array_upper array_ndims cardinality array_replace array_to_string string_to_array row_number
  rank dense_rank percent_rank cume_dist lag lead first_value last_value text name json_typeof jsonb_typeof
  jsonb_strip_nulls json_strip_nulls now pg_typeof format`),
);
const fallibleAggregates = new Set(
  wordsOf(`json_object_agg jsonb_object_agg json_object_agg_unique jsonb_object_agg_unique percentile_cont
  percentile_disc`),
);

/** Functions that fail on a bad template, field name or encoding, which is the argument at this position. */
const templates: ReadonlyMap<string, number> = new Map([
  ["format", 0],
  ["to_char", 1],
  ["date_trunc", 0],
  ["date_part", 0],
  ["extract", 0],
  ["length", 1],
]);

export const templatePosition = (name: string): number | null => templates.get(name) ?? null;

/** Whether a built-in function accepts every value of its argument types, but for a template. */
export const isInfallible = (name: string): boolean => infallible.has(name) && !templates.has(name);

/** Functions of `information_schema`, which drivers use to read keys; they work on their arguments alone. */
const helpers = new Set(
  wordsOf("_pg_expandarray _pg_char_max_length _pg_truetypid _pg_truetypmod _pg_numeric_precision"),
);

const helper = (name: string): FunctionMeaning => ({
  schema: "information_schema",
  name,
  known: true,
  effects: [],
  loses_lineage: false,
  set_returning: true,
  fallible: true,
});

const noMeaning: FunctionMeaning = {
  schema: "",
  name: "",
  known: false,
  effects: [],
  loses_lineage: true,
  set_returning: true,
  fallible: true,
};

const meanings = new Map<string, FunctionMeaning>();

/** What a call of `name` does. `schema` is null for an unqualified name, `index` null without a catalog. */
export function meaningOf(schema: string | null, name: string, index: CatalogIndex | null): FunctionMeaning {
  if (schema === "information_schema" && helpers.has(name) && !index?.functions.has(name)) return helper(name);
  if (schema !== null && schema !== "pg_catalog") return { ...noMeaning, schema, name, effects: remoteEffects(name) };
  if (schema === null && index?.functions.has(name))
    return { ...noMeaning, schema: "", name, effects: remoteEffects(name) };
  if (steady.has(name) || volatile.has(name)) return builtin(name);
  return { ...noMeaning, schema: schema ?? "", name, effects: remoteEffects(name) };
}

const remoteEffects = (name: string): readonly Effect[] => (remote.has(name) ? ["network", "dynamic"] : []);

/** Whether a function of this name may exist that is called by `row.name`, the attribute notation. */
export const mayBeFunction = (name: string, index: CatalogIndex | null): boolean =>
  steady.has(name) || volatile.has(name) || index === null || !index.lists_functions || index.functions.has(name);

export const isBuiltinFunction = (name: string): boolean => steady.has(name) || volatile.has(name);

/** The columns of a function that returns rows of its own type; null when it has no or several such types. */
export const columnsOfFunction = (name: string): readonly string[] | null => columnsByFunction.get(name) ?? null;

function builtin(name: string): FunctionMeaning {
  const known = meanings.get(name);
  if (known !== undefined) return known;
  const effects = effectsByName.get(name);
  const meaning: FunctionMeaning = {
    schema: "pg_catalog",
    name,
    known: effects === undefined ? steady.has(name) : !effects.includes("dynamic"),
    effects: effects ?? [],
    loses_lineage: losesLineage.has(name) || (effects?.includes("dynamic") ?? volatile.has(name)),
    set_returning: setReturning.has(name),
    fallible: aggregates.has(name) ? fallibleAggregates.has(name) : !infallible.has(name),
  };
  meanings.set(name, meaning);
  return meaning;
}
