import { expect, test } from "vitest";
import type { ModuleMeta, ModuleMetaRule } from "./meta.js";
import { packMeta, unpackMeta } from "./pack-meta.js";

const plain: ModuleMetaRule = {
  id: "m/a",
  effect: "block",
  level: "soft",
  families: ["sql"],
  approval: null,
  why: null,
  fix: null,
  controls: [],
  on_unknown: "restrict",
  limit: null,
  detect: null,
  audit: null,
};
const approval = { all: [{ group: "dba", count: 2 }], within_s: 60 };
const special: ModuleMetaRule = {
  ...plain,
  id: "m/b",
  level: "hard",
  approval,
  why: "because",
  fix: "do not",
  controls: ["soc2:CC8.1"],
  on_unknown: approval,
  limit: { rows: 1, time_ms: null, bytes: null },
  detect: { set: "m.keys", detectors: ["m.aws"], transform: "redact" },
  audit: "durable",
};
const metaOf = (...rules: readonly ModuleMetaRule[]): ModuleMeta => ({ rules }) as unknown as ModuleMeta;

test("what is packed comes back, and what is common is not said", () => {
  const meta = metaOf(plain, special, { ...plain, id: "m/c", why: "" });
  expect(unpackMeta(JSON.parse(JSON.stringify(packMeta(meta))))).toEqual(meta);
  expect(packMeta(meta).rules[0]).toEqual({ id: "m/a", effect: "block", families: ["sql"] });
});
