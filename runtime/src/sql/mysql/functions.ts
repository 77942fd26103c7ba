/**
 * Built-in functions of MySQL 8.4 and MariaDB 11. A native function wins over a stored one of the same name, so that a listed
 * name is what it says; but with a blank before the bracket some of them are taken for stored functions.
 */
import { fold } from "../skeleton/catalog.js";
import { type FunctionTable, functionMeanings } from "../skeleton/functions.js";

const plain = `
abs acos adddate add_months addtime aes_decrypt aes_encrypt any_value ascii asin atan atan2 avg bin bin_to_uuid bit_and
bit_count bit_length bit_or bit_xor can_access_column can_access_database can_access_table ceil ceiling char char_length
character_length charset chr coalesce coercibility collation column_add column_check column_create column_delete column_exists
column_get column_json column_list compress concat concat_ws connection_id conv convert convert_tz cos cot count crc32 crc32c
cume_dist curdate current_date current_role current_time current_timestamp current_user curtime database date date_add
date_format date_sub datediff day dayname dayofmonth dayofweek dayofyear decode default degrees dense_rank des_decrypt
des_encrypt elt encode encrypt exp export_set extract extractvalue field find_in_set first_value floor format format_bytes
format_pico_time from_base64 from_days from_unixtime geomcollection geometrycollection get_format greatest group_concat
grouping gtid_subset gtid_subtract hex hour if ifnull in inet_aton inet_ntoa inet6_aton inet6_ntoa insert instr interval
is_ipv4 is_ipv4_compat is_ipv4_mapped is_ipv6 is_uuid isnull json_array json_array_append json_array_insert json_array_intersect
json_arrayagg json_compact json_contains json_contains_path json_depth json_detailed json_equals json_exists json_extract
json_insert json_keys json_length json_loose json_merge json_merge_patch json_merge_preserve json_normalize json_object
json_object_filter_keys json_object_to_array json_objectagg json_overlaps json_pretty json_query json_quote json_remove
json_replace json_schema_valid json_schema_validation_report json_search json_set json_storage_free json_storage_size json_type
json_unquote json_valid json_value kdf lag last_day last_value lcase lead least left length lengthb linestring ln localtime
localtimestamp locate log log10 log2 lower lpad ltrim make_set makedate maketime max mbrcontains mbrcoveredby mbrcovers
mbrdisjoint mbrequals mbrintersects mbroverlaps mbrtouches mbrwithin md5 median microsecond mid min minute mod month monthname
multilinestring multipoint multipolygon name_const natural_sort_key now nth_value ntile nullif nvl nvl2 oct octet_length
old_password ord password percent_rank percentile_cont percentile_disc period_add period_diff pi point polygon position pow
power quarter quote radians rand random_bytes rank regexp_instr regexp_like regexp_replace regexp_substr repeat replace reverse
right roles_graphml round row_number rpad rtrim schema sec_to_time second session_user sformat sha sha1 sha2 sign sin soundex
space sqrt st_area st_asbinary st_asgeojson st_astext st_aswkb st_aswkt st_buffer st_centroid st_collect st_contains
st_convexhull st_crosses st_difference st_dimension st_disjoint st_distance st_distance_sphere st_endpoint st_envelope
st_equals st_exteriorring st_geohash st_geomcollfromtext st_geometryn st_geometrytype st_geomfromgeojson st_geomfromtext
st_geomfromwkb st_interiorringn st_intersection st_intersects st_isclosed st_isempty st_issimple st_isvalid
st_latfromgeohash st_latitude st_length st_linefromtext st_longfromgeohash st_longitude st_makeenvelope st_numgeometries
st_numinteriorrings st_numpoints st_overlaps st_pointfromgeohash st_pointfromtext st_pointn st_polyfromtext st_simplify
st_srid st_startpoint st_swapxy st_symdifference st_touches st_transform st_union st_validate st_within st_x st_y
statement_digest std stddev stddev_pop stddev_samp str_to_date strcmp subdate substr substring substring_index subtime sum
sysdate system_user sys_guid tan time time_format time_to_sec timediff timestamp timestampadd timestampdiff to_base64 to_char
to_days to_seconds trim truncate ucase uncompress uncompressed_length unhex unix_timestamp updatexml upper user utc_date utc_time
utc_timestamp uuid uuid_short uuid_to_bin validate_password_strength values var_pop var_samp variance vec_distance
vec_distance_cosine vec_distance_euclidean vec_fromtext vec_totext version week weekday weekofyear weight_string year yearweek
cast binary bit_xor lastval found_rows row_count last_insert_id ps_current_thread_id ps_thread_id benchmark
icu_version statement_digest_text decode_histogram is_free_lock is_used_lock`;

const functions = functionMeanings(
  plain,
  [
    [["file_read"], "load_file"],
    [
      ["lock"],
      `sleep benchmark get_lock release_lock release_all_locks master_pos_wait source_pos_wait master_gtid_wait
      wait_for_executed_gtid_set wait_until_sql_thread_after_gtids wsrep_sync_wait_upto_gtid`,
    ],
    [["write"], "nextval setval"],
  ],
  // What comes from a file, from the session's past, or from statistics of stored values.
  "load_file last_insert_id found_rows row_count decode_histogram name_const",
);

/** Names that are taken for stored functions when a blank stands before the bracket, unless IGNORE_SPACE is on. */
const tight = new Set(
  `adddate bit_and bit_or bit_xor cast count curdate curtime date_add date_sub extract group_concat max mid min now position
  session_user std stddev stddev_pop stddev_samp subdate substr substring sum sysdate system_user trim variance var_pop
  var_samp json_arrayagg json_objectagg median percentile_cont percentile_disc`.split(/\s+/),
);

export const mysqlFunctions =
  (ignore_space: boolean): FunctionTable =>
  (path, is_spaced) => {
    const name = fold(path[0] ?? "");
    if (path.length !== 1 || (is_spaced && !ignore_space && tight.has(name))) return null;
    return functions.get(name) ?? null;
  };
