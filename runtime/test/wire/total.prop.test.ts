import fc from "fast-check";
import { expect, test } from "vitest";
import { actionsOf, isWireForm, readRequest, readWireRequest } from "../../src/index.js";
import { readShellCall } from "../../src/mongo/index.js";
import { shellFrontEnd } from "../../src/shell/index.js";
import { bigqueryFrontEnd } from "../../src/sql/index.js";
import { wireFrontEnd } from "../../src/wire/index.js";

// Whatever comes over a wire is read, refused by the name of a field, or opaque. Nothing throws, and nothing has no action.

const frontEnds = { shell: shellFrontEnd, bigquery: bigqueryFrontEnd, wire: wireFrontEnd };

const word = fc.constantFrom(
  ...[
    "find",
    "update",
    "updates",
    "q",
    "multi",
    "delete",
    "deletes",
    "aggregate",
    "pipeline",
    "$match",
    "$out",
    "$merge",
    "into",
  ],
  ...[
    "$lookup",
    "from",
    "$where",
    "$and",
    "explain",
    "$db",
    "configuration",
    "query",
    "load",
    "useLegacySql",
    "statistics",
  ],
  ...[
    "destinationTable",
    "datasetId",
    "spec",
    "replicas",
    "metadata",
    "name",
    "dryRun",
    "All",
    "op",
    "path",
    "value",
    "a",
    "__proto__",
  ],
);
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    word,
    fc.constantFrom(null, true, false, 0, 1, -1, 1.5, "", "0", "x\u0000"),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(word, tie("value"), { maxKeys: 4 }),
  ),
})).value;

const segment = fc.constantFrom(
  "api",
  "apis",
  "v1",
  "apps",
  "namespaces",
  "x",
  "pods",
  "exec",
  "scale",
  "watch",
  "..",
  "%2e",
  "",
  "proxy",
);
const path = fc.array(segment, { maxLength: 8 }).map((segments) => `/${segments.join("/")}`);
const method = fc.constantFrom("GET", "POST", "PUT", "PATCH", "DELETE", "get", "", "\u0000");
const query = fc.constantFrom(
  "",
  "watch=1",
  "dryRun=All",
  "command=rm&command=x",
  "a;b",
  "%",
  "fieldSelector=metadata.name=x",
);

const form = fc.oneof(
  fc.record({ k8s: fc.record({ request: fc.record({ method, path, query, body: json }) }) }),
  fc.record({ http: fc.record({ request: fc.record({ method, url: fc.webUrl(), body: json }) }) }),
  fc.record({ git: fc.record({ receive_pack: fc.oneof(fc.base64String(), fc.string()) }) }),
  fc.record({ redis: fc.record({ command: fc.array(fc.oneof(word, fc.string()), { minLength: 1, maxLength: 6 }) }) }),
  fc.record({ mongo: fc.record({ command: json }) }),
  fc.record({ bigquery: fc.record({ job: json }) }),
);

test("a request in wire form has actions, or a field that is wrong", () => {
  fc.assert(
    fc.property(form, (action) => {
      const read = readRequest({ action }, null);
      if (!read.ok) expect(read.bad.field).toMatch(/^action\./);
      if (!read.ok) return;
      const { actions } = actionsOf(read.request, frontEnds);
      expect(actions.length).toBeGreaterThan(0);
      for (const [i, each] of actions.entries()) expect(each.parent ?? -1).toBeLessThan(i);
    }),
    { numRuns: 4_000 },
  );
});

test("a document nested deeper than the stack is opaque", () => {
  let deep: unknown = { a: 1 };
  for (let i = 0; i < 200_000; i++) deep = { $and: [deep] };
  const command = { delete: "c", deletes: [{ q: deep, limit: 0 }] };
  expect(isWireForm("mongo", { command })).toBe(true);
  const wire = readWireRequest("mongo", { command });
  const actions = typeof wire === "string" ? [] : wireFrontEnd.analyse(wire).actions;
  expect(actions).toEqual([{ family: "mongo", opaque: true, reasons: ["too_deep"] }]);
});

test("no text of MongoDB's shell throws, and what is read is one command", () => {
  const piece = fc.constantFrom(
    ...[
      "db",
      ".",
      "users",
      "find",
      "(",
      ")",
      "{",
      "}",
      "[",
      "]",
      ":",
      ",",
      "'a'",
      '"b"',
      "$where",
      "1",
      "-",
      "/x/",
      "new ",
      "ObjectId",
      "\\",
      "'",
      '"',
      " ",
      ";",
      "//",
      "`",
    ],
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 25 }), (parts) => {
      const call = readShellCall(`db.${parts.join("")}`);
      if (call !== null) expect(Object.keys(call.command).length).toBeGreaterThan(0);
    }),
    { numRuns: 4_000 },
  );
});
