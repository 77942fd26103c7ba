/** A policy of any length, with the sorts of rule that real ones mix: what compiling and loading are measured on. */

/** At most so many labels: a module holds 256. */
const labels_max = 100;

/** `rules_count` rules: allow, block, require approval and mask in turn, each with names of its own. */
export function mixedPolicyText(rules_count: number): string {
  const labels_count = Math.min(labels_max, rules_count);
  return [
    "policy bench.mixed governs sql for connection.env == prod",
    "default block",
    ...Array.from({ length: 10 }, (_, i) => `group team${i}`),
    "group dba",
    ...Array.from({ length: labels_count }, (_, i) => `label pii.kind${i} on column "public.people${i}.secret_*"`),
    ...Array.from({ length: rules_count }, (_, i) => ruleMakers[i % ruleMakers.length]?.(i) ?? ""),
  ].join("\n");
}

const ruleMakers: readonly ((i: number) => string)[] = [
  (i) => `allow "read-${i}" when principal in team${i % 10} and statement.effects only {read}
  and all r in statement.relations where (r.schema == "public" and r.name like "area${i}_*")`,
  (i) => `block "unbounded-${i}"
  when any t in statement.targets where (t.relation == "public.ledger${i}" and t.change in {update, delete} and not t.restricted) {
  why "This would change every row of ledger ${i}."
  fix "Add a WHERE that names the rows."
}`,
  (i) => `require approval "export-${i}" from dba within 30m
  when statement.labels has pii.kind${i % labels_max} unless principal in team${i % 10}`,
  (i) => `mask "secret-${i}" pii.kind${i % labels_max} with redact
  but partial(first: 2) when principal.kind == human and principal in team${i % 10}`,
];
