import { expect, test } from "vitest";
import { readRequest } from "./request.js";

const request = (more: object) => ({ id: "1", action: { sql: { text: "SELECT 1" } }, ...more });
const problem = (more: object) => {
  const read = readRequest(request(more), null);
  return read.ok ? null : read.bad.field;
};

test("offsets of zones are whole minutes within 18 hours of UTC", () => {
  const zones = { "Europe/Berlin": 60, "America/St_Johns": -210, "Etc/East": 1_080, "Etc/West": -1_080 };
  const read = readRequest(request({ zones }), null);
  expect(read).toMatchObject({ ok: true, request: { context: { zones } } });
  expect(problem({ zones: { "Etc/East": 1_081 } })).toBe("zones.Etc/East");
  expect(problem({ zones: { "Etc/West": -1_081 } })).toBe("zones.Etc/West");
  expect(problem({ zones: { "Europe/Berlin": 60.5 } })).toBe("zones.Europe/Berlin");
  expect(problem({ zones: { "Europe/Berlin": "60" } })).toBe("zones.Europe/Berlin");
  expect(problem({ zones: { "Europe/Berlin": { "?": "x" } } })).toBe("zones.Europe/Berlin");
  for (const zones_ of [null, [], "UTC", 60]) expect(problem({ zones: zones_ })).toBe("zones");
});

test("grants are texts, counters are numbers by id, an environment is any text", () => {
  expect(
    problem({ session: { grants: ["m.glass"], counters: { "m.rows": 3 } }, connection: { env: "qa" } }),
  ).toBeNull();
  expect(problem({ session: { counters: { "m.rows": { "?": "not_counted" } } } })).toBeNull();
  expect(problem({ session: { counters: { "m.rows": "3" } } })).toBe("session.counters.m.rows");
  expect(problem({ session: { grants: [3] } })).toBe("session.grants[0]");
});

test("the dialect is the text's own, else that of the connection's kind, else PostgreSQL", () => {
  const dialectOf = (sql: object, kind?: string) => {
    const connection = kind === undefined ? {} : { kind, database: "shop" };
    const read = readRequest({ connection, action: { sql: { text: "", ...sql } } }, null);
    return read.ok && read.request.subject.kind === "sql" ? read.request.subject.sql : null;
  };
  expect(dialectOf({})).toMatchObject({ dialect: "postgres", modes: null, database: null });
  expect(dialectOf({}, "mysql")).toMatchObject({ dialect: "mysql", database: "shop" });
  expect(dialectOf({}, "mariadb")).toMatchObject({ dialect: "mysql" });
  expect(dialectOf({ dialect: "mariadb" }, "postgres")).toMatchObject({ dialect: "mysql" });
  expect(dialectOf({}, "http")).toMatchObject({ dialect: "postgres" });
  expect(dialectOf({ dialect: "bigquery", modes: ["X"], search_path: ["ds"] }, "mysql")).toMatchObject({
    dialect: "bigquery",
    modes: ["X"],
    database: "ds",
  });
  expect(problem({ action: { sql: { text: "", dialect: "oracle" } } })).toBe("action.sql.dialect");
  expect(problem({ action: { sql: { text: "", modes: [1] } } })).toBe("action.sql.modes");
});

test("a shell text comes with what it depends on, each of its own type", () => {
  const shell = (more: object) => problem({ action: { shell: { text: "ls", ...more } } });
  const whole = {
    cwd: "/w",
    env: { HOME: "/h" },
    git: { branch: "b", remotes: ["o"] },
    kube: { context: "c", namespace: "n" },
  };
  expect(shell(whole)).toBeNull();
  expect(shell({ cwd: "w" })).toBe("action.shell.cwd");
  expect(shell({ env: { HOME: 1 } })).toBe("action.shell.env");
  expect(shell({ git: [] })).toBe("action.shell.git");
  expect(shell({ git: { branches: [] } })).toBe("action.shell.git.branches");
  expect(shell({ git: { remotes: "o" } })).toBe("action.shell.git.remotes");
  expect(shell({ kube: { context: 1 } })).toBe("action.shell.kube.context");
  expect(shell({ pwd: "/w" })).toBe("action.shell.pwd");
});
