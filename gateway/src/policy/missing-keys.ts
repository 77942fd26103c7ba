import { keyNameOf, type Policy } from "@hpl/runtime";

/** Why `policy` may not come into force with the keys there are, as a finding (HPL7006); null when it has all it names. */
export function missingKeys({ meta }: Policy, names: ReadonlySet<string>): string | null {
  const wanted = new Set(meta.transforms.flatMap((transform) => keyNameOf(transform) ?? []));
  const missing = [...wanted].filter((name) => !names.has(name)).toSorted();
  if (missing.length === 0) return null;
  const list = missing.map((name) => `\`${name}\``).join(", ");
  const what = missing.length === 1 ? "a key that the gateway has not got" : "keys that the gateway has not got";
  return `error[HPL7006]: the policy names ${what}: ${list}; give it under \`keys\` in the configuration`;
}
