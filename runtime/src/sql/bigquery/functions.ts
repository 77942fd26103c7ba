/** Built-in functions of BigQuery, and what those do that reach beyond the statement. `SAFE.` before a name changes no effect. */
import { fold } from "../skeleton/catalog.js";
import { type FunctionTable, functionMeanings } from "../skeleton/functions.js";

const plain = `
abs acos acosh acot acoth aead.decrypt_bytes aead.decrypt_string aead.encrypt any_value appends approx_count_distinct
approx_quantiles approx_top_count approx_top_sum array_agg array_concat array_concat_agg array_filter array_first array_last
array_length array_reverse array_slice array_to_string array_transform ascii asin asinh atan atan2 atanh avg bit_and bit_count
bit_or bit_xor bool bool_array byte_length cast cbrt ceil ceiling changes char_length character_length chr code_points_to_bytes
code_points_to_string coalesce collate concat contains_substr corr cos cosh cosine_distance cot coth count count_if countif
covar_pop covar_samp csc csch cume_dist current_date current_datetime current_time current_timestamp date date_add date_bucket
date_diff date_from_unix_date date_sub date_trunc datetime datetime_add datetime_bucket datetime_diff datetime_sub
datetime_trunc dense_rank deterministic_decrypt_bytes deterministic_decrypt_string deterministic_encrypt div edit_distance
ends_with error euclidean_distance exp extract farm_fingerprint first_value float64 float64_array floor format format_date
format_datetime format_time format_timestamp from_base32 from_base64 from_hex gap_fill generate_array generate_date_array
generate_range_array generate_timestamp_array generate_uuid greatest grouping hll_count.extract hll_count.init hll_count.merge
hll_count.merge_partial if ifnull ieee_divide initcap instr int64 int64_array is_inf is_nan json_array json_array_append
json_array_insert json_extract json_extract_array json_extract_scalar json_extract_string_array json_flatten json_keys
json_object json_query json_query_array json_remove json_set json_strip_nulls json_type json_value json_value_array
justify_days justify_hours justify_interval keys.add_key_from_raw_bytes keys.keyset_from_json keys.keyset_length
keys.keyset_to_json keys.new_keyset keys.rotate_keyset kll_quantiles.extract_float64 kll_quantiles.extract_int64
kll_quantiles.init_float64 kll_quantiles.init_int64 kll_quantiles.merge_float64 kll_quantiles.merge_int64 lag last_day
last_value lax_bool lax_float64 lax_int64 lax_string lead least left length ln log log10 logical_and logical_or lower lpad ltrim
make_interval max max_by md5 min min_by mod net.host net.ip_from_string net.ip_net_mask net.ip_to_string net.ip_trunc
net.ipv4_from_int64 net.ipv4_to_int64 net.public_suffix net.reg_domain net.safe_ip_from_string normalize normalize_and_casefold
nth_value ntile nullif nullifzero octet_length parse_bignumeric parse_date parse_datetime parse_json parse_numeric parse_time
parse_timestamp percent_rank percentile_cont percentile_disc pow power rand range range_bucket range_contains range_end
range_intersect range_overlaps range_sessionize range_start rank regexp_contains regexp_extract regexp_extract_all regexp_instr
regexp_replace regexp_substr repeat replace reverse right round row_number rpad rtrim s2_cellidfrompoint s2_coveringcellids
safe_add safe_cast safe_convert_bytes_to_string safe_divide safe_multiply safe_negate safe_subtract sec sech session_user sha1
sha256 sha512 sign sin sinh soundex split sqrt st_angle st_area st_asbinary st_asgeojson st_astext st_azimuth st_boundary
st_boundingbox st_buffer st_bufferwithtolerance st_centroid st_centroid_agg st_closestpoint st_clusterdbscan st_contains
st_convexhull st_coveredby st_covers st_difference st_dimension st_disjoint st_distance st_dump st_dwithin st_endpoint
st_equals st_extent st_exteriorring st_geogfrom st_geogfromgeojson st_geogfromtext st_geogfromwkb st_geogpoint
st_geogpointfromgeohash st_geohash st_geometrytype st_hausdorffdistance st_interiorrings st_intersection st_intersects
st_intersectsbox st_isclosed st_iscollection st_isempty st_isring st_length st_lineinterpolatepoint st_linelocatepoint
st_linesubstring st_makeline st_makepolygon st_makepolygonoriented st_maxdistance st_npoints st_numgeometries st_numpoints
st_perimeter st_pointn st_regionstats st_simplify st_snaptogrid st_startpoint st_touches st_union st_union_agg st_within st_x
st_y starts_with stddev stddev_pop stddev_samp string string_agg string_array strpos substr substring sum tan tanh time time_add
time_diff time_sub time_trunc timestamp timestamp_add timestamp_bucket timestamp_diff timestamp_from_unix_micros
timestamp_from_unix_millis timestamp_from_unix_seconds timestamp_micros timestamp_millis timestamp_seconds timestamp_sub
timestamp_trunc to_base32 to_base64 to_code_points to_hex to_json to_json_string translate trim trunc typeof unicode unix_date
unix_micros unix_millis unix_seconds upper var_pop var_samp variance vector_search zeroifnull offset ordinal safe_offset
safe_ordinal apply`;

const functions = functionMeanings(
  plain,
  [
    [["network", "dynamic"], "external_query"],
    // Keys wrapped by a key service, and objects in a store, are asked for there.
    [["network"], "keys.keyset_chain keys.new_wrapped_keyset keys.rewrap_keyset keys.rotate_wrapped_keyset"],
    [["file_read", "network"], "external_object_transform obj.fetch_metadata obj.get_access_url obj.make_ref"],
  ],
  "external_query session_user st_regionstats",
);

/** Machine learning: what a model was taught shows in its answers, and a remote one is asked over the network. */
const models = { effects: ["network"], loses_lineage: true } as const;
const modelPrefixes = new Set(["ml", "ai"]);

export const bigqueryFunctions: FunctionTable = (path) => {
  const names = path.map(fold);
  const meant = names[0] === "safe" ? names.slice(1) : names;
  if (meant.length === 2 && modelPrefixes.has(meant[0] ?? "")) return models;
  return functions.get(meant.join(".")) ?? null;
};
