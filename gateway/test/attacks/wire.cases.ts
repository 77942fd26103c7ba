/** Attacks on the state machine: names, portals, pipelines, copies, and messages that do not belong. */
import { serialize } from "pg-protocol";
import { type Attack, attack, chopped, ext, extended, message, sql, wire } from "./steps.js";

const secretQuery = "select email, id from customers";
const sync = serialize.sync();
const flush = serialize.flush();
const count16 = (value: number): Buffer => Buffer.from([value >> 8, value & 255]);
const parse = (name: string, text: string): Buffer => serialize.parse({ name, text });
const bind = (portal: string, statement: string, values: readonly (string | null)[] = []): Buffer =>
  serialize.bind({ portal, statement, values: [...values] });
const execute = (portal = "", rows = 0): Buffer => serialize.execute({ portal, rows });
const describe = (type: "S" | "P", name = ""): Buffer => serialize.describe({ type, name });
const close = (type: "S" | "P", name = ""): Buffer => serialize.close({ type, name });

export const machines: readonly Attack[] = [
  attack(
    "extended",
    ext(secretQuery),
    ext(secretQuery, { describe: "P" }),
    ext(secretQuery, { describe: "S", binary: true }),
  ),
  attack("suspended", wire(1, ...extended(secretQuery, { rows: 1 }), execute("", 1), execute("", 0), sync)),
  attack(
    "described once",
    wire(1, parse("s", secretQuery), describe("S", "s"), sync),
    wire(1, bind("", "s"), execute(), sync),
    wire(1, bind("p", "s"), execute("p", 2), execute("p"), sync),
  ),
  attack(
    "sql execute of a protocol name",
    wire(1, parse("s6", secretQuery), sync),
    "execute s6",
    "explain execute s6",
    "create table x as execute s6",
  ),
  attack(
    "sql fetch of a protocol portal",
    wire(1, parse("s", secretQuery), bind("p7", "s"), sync),
    "begin",
    wire(1, parse("s2", secretQuery), bind("p8", "s2"), sync),
    "fetch all p8",
    "move 1 in p8",
    "commit",
  ),
  attack(
    "protocol portal of a sql cursor",
    "begin",
    "declare pc cursor for select email from customers",
    wire(1, describe("P", "pc"), execute("pc"), sync),
    "commit",
  ),
  attack(
    "protocol portal of an innocent cursor",
    "begin",
    "declare pc cursor for select id from customers",
    wire(1, execute("pc"), sync),
    "commit",
  ),
  attack(
    "same name in sql and protocol",
    wire(1, parse("same", "select 1"), sync),
    "prepare same as select email from customers",
    wire(1, bind("", "same"), execute(), sync),
  ),
  attack(
    "name reused after deallocate",
    wire(1, parse("n", "select id from customers"), sync),
    "deallocate n; prepare n as select email from customers",
    wire(1, bind("", "n"), execute(), sync),
  ),
  attack(
    "name reused in a pipeline",
    wire(
      1,
      parse("n", "select id from customers"),
      ...extended("deallocate n"),
      parse("n", secretQuery),
      bind("", "n"),
      execute(),
      sync,
    ),
  ),
  attack(
    "reparsed name",
    wire(1, parse("n", "select id from customers"), sync),
    wire(1, parse("n", secretQuery), bind("", "n"), execute(), sync),
    wire(1, bind("", "n"), execute(), sync),
  ),
  attack(
    "closed and reused",
    wire(1, parse("n", "select 1"), close("S", "n"), parse("n", secretQuery), bind("", "n"), execute(), sync),
  ),
  attack("close does not close", wire(1, parse("n", secretQuery), bind("q", "n"), close("S", "n"), execute("q"), sync)),
  attack(
    "portal reused",
    wire(1, parse("a", "select 1"), parse("b", secretQuery), bind("", "a"), bind("", "b"), execute(), sync),
  ),
  attack(
    "portal kept",
    wire(1, parse("a", secretQuery), bind("z", "a"), bind("z", "a"), execute("z"), sync),
    wire(1, execute("z"), sync),
  ),
  attack(
    "error in the middle",
    wire(1, ...extended("select 1/0"), ...extended(secretQuery), sync),
    wire(1, execute(), sync),
  ),
  attack(
    "parse error then execute",
    wire(1, parse("", "selekt"), bind("", ""), execute(), sync),
    wire(1, execute(), sync),
  ),
  attack(
    "refused then execute",
    wire(1, parse("", "drop table lines"), bind("", ""), execute(), sync),
    wire(1, parse("", "select 1"), ...extended("drop table lines"), ...extended("select 2"), sync),
  ),
  attack(
    "unnamed kept over query",
    wire(1, parse("", secretQuery), sync),
    "select 1",
    wire(1, bind("", ""), execute(), sync),
  ),
  attack(
    "unnamed over sync",
    wire(1, parse("", secretQuery), sync),
    wire(1, bind("", ""), describe("P"), execute(), sync),
  ),
  attack(
    "types with the parse",
    wire(
      1,
      serialize.parse({ text: "select email, $1::int from customers", types: [23] }),
      serialize.bind({ values: ["7"], binary: false }),
      execute(),
      sync,
    ),
  ),
  attack("several statements in parse", ext("select 1; select email from customers"), ext("")),
  attack("missing bind", wire(1, parse("x", secretQuery), execute(), sync), wire(1, execute("nothing"), sync)),
  attack("flush without sync", wire(0, ...extended(secretQuery), flush), wire(1, sync)),
  attack("sync flood", wire(60, ...Array.from({ length: 60 }, () => sync)), secretQuery),
  attack(
    "flush flood",
    wire(
      1,
      ...Array.from({ length: 500 }, () => flush),
      ...extended(secretQuery),
      ...Array.from({ length: 500 }, () => flush),
      sync,
    ),
  ),
  attack(
    "query pipeline",
    wire(3, serialize.query("select 1"), serialize.query(secretQuery), serialize.query("select 2")),
  ),
  attack(
    "query inside a cycle",
    wire(2, parse("", secretQuery), bind("", ""), serialize.query("select id from customers"), execute(), sync),
  ),
  attack("mixed cycles", wire(2, ...extended("begin"), ...extended(secretQuery), serialize.query(secretQuery), sync)),
  attack("byte by byte", chopped(1, 1, serialize.query(secretQuery)), chopped(1, 1, ...extended(secretQuery), sync)),
  attack(
    "odd chunks",
    chopped(7, 2, serialize.query("select 1"), ...extended(secretQuery, { describe: "P" }), sync),
    chopped(4, 1, serialize.query(secretQuery)),
  ),
  attack(
    "copy data outside a copy",
    wire(1, message("d", "1\tx\n"), message("c"), message("f", "no\0"), serialize.query(secretQuery)),
  ),
  attack(
    "copy data before the answer",
    wire(1, serialize.query("copy lines from stdin"), message("d", "9\t5\tx\n"), message("c")),
  ),
  attack(
    "query inside a copy",
    wire(
      2,
      serialize.query("copy lines from stdin"),
      message("d", "9\t5\tx\n"),
      serialize.query(secretQuery),
      message("c"),
    ),
  ),
  attack(
    "sync inside a copy",
    wire(2, ...extended("copy lines from stdin"), sync, message("d", "9\t5\tx\n"), message("c"), sync),
  ),
  attack(
    "copy in that fails",
    wire(1, serialize.query("copy lines from stdin"), message("d", "not a row\n"), message("c")),
    "select 1",
  ),
  attack(
    "copy into what is hidden",
    wire(
      1,
      serialize.query("copy customers from stdin"),
      message("d", "90\tq\tannsecret@archer-hidden.example\t\\N\t2024-01-01\n"),
      message("c"),
    ),
  ),
  attack(
    "copy in that is called off",
    wire(1, serialize.query("copy lines from stdin"), message("d", "9\t5"), message("f", "stop\0")),
    secretQuery,
  ),
  attack(
    "copy out in a pipeline",
    wire(1, ...extended("copy customers(id, name) to stdout"), ...extended(secretQuery), sync),
    wire(1, ...extended("copy customers to stdout"), sync),
  ),
  attack(
    "copy of two",
    "copy customers(id) to stdout; copy customers to stdout",
    "select 1; copy lines from stdin; select email from customers",
  ),
  attack(
    "function call",
    wire(1, message("F", Buffer.concat([Buffer.from([0, 0, 3, 0xe8]), count16(0), count16(0), count16(0)]))),
    secretQuery,
  ),
  attack("unknown type", wire(0, message("z", "x"), serialize.query(secretQuery))),
  attack("server's types", wire(0, message("T", "x"), serialize.query(secretQuery))),
  attack("password out of place", wire(0, message("p", "x\0"), serialize.query(secretQuery))),
  attack("behind terminate", wire(0, message("X"), serialize.query("drop table lines"), serialize.query(secretQuery))),
  attack("terminate in a pipeline", wire(0, ...extended("delete from lines where id = 1"), message("X"))),
  attack("length too small", wire(0, Buffer.from([0x51, 0, 0, 0, 3]), serialize.query(secretQuery))),
  attack("length negative", wire(0, Buffer.from([0x51, 255, 255, 255, 255]), serialize.query(secretQuery))),
  attack("length too large", wire(0, Buffer.from([0x51, 0x7f, 255, 255, 255]), serialize.query(secretQuery))),
  attack("text without its zero", wire(0, message("Q", "select email from customers"))),
  attack("bytes behind the zero", wire(0, message("Q", "select 1\0; select email from customers\0"))),
  attack(
    "bytes behind a bind",
    wire(
      0,
      parse("", secretQuery),
      message("B", Buffer.concat([Buffer.from("\0\0"), count16(0), count16(0), count16(0), Buffer.from("x")])),
    ),
  ),
  attack(
    "bind counts",
    wire(
      0,
      parse("", "select email, $1 from customers"),
      message(
        "B",
        Buffer.concat([Buffer.from("\0\0"), count16(0), count16(2), Buffer.from([255, 255, 255, 255, 0, 0, 0, 9, 65])]),
      ),
      sync,
    ),
  ),
  attack(
    "bind formats",
    ...[[2], [1, 0], [0, 1, 0], [1, 1]].map((formats) =>
      wire(
        1,
        parse("", secretQuery),
        message(
          "B",
          Buffer.concat([
            Buffer.from("\0\0"),
            count16(0),
            count16(0),
            count16(formats.length),
            ...formats.map(count16),
          ]),
        ),
        execute(),
        sync,
      ),
    ),
  ),
  attack(
    "describe of nothing",
    wire(1, describe("S", "none"), sync),
    wire(1, describe("P", "none"), sync),
    wire(0, message("D", "Q\0")),
  ),
  attack(
    "describe before change",
    wire(1, parse("d", "select * from lines"), describe("S", "d"), sync),
    "alter table lines add column e text",
    wire(1, bind("", "d"), execute(), sync),
  ),
  attack(
    "hidden by a temporary",
    wire(1, parse("h", "select sku from lines"), sync),
    "create temp table lines(sku text)",
    wire(1, bind("", "h"), execute(), sync),
    wire(1, parse("", "select sku from lines"), bind("", ""), execute(), sync),
  ),
  attack(
    "another session's change",
    sql("create table twin(v text)", 1),
    wire(1, parse("t", "select v from twin"), sync),
    sql("drop table twin", 1),
    sql("create view twin as select name as v from customers", 1),
    wire(1, bind("", "t"), execute(), sync),
  ),
  attack(
    "rolled back change",
    "begin",
    "create temp table customers(email text, id int)",
    ext(secretQuery),
    "rollback",
    ext(secretQuery),
  ),
  attack(
    "change in a pipeline",
    wire(
      1,
      ...extended("create temp table customers(id int, email text)"),
      ...extended("drop table pg_temp.customers"),
      ...extended(secretQuery),
      sync,
    ),
  ),
  attack("encoding", "set client_encoding = 'SJIS'", secretQuery),
  attack(
    "encoding in a pipeline",
    wire(1, ...extended("set client_encoding to 'LATIN1'"), ...extended(secretQuery), sync),
  ),
  attack("strings", "set standard_conforming_strings = off", "select 'a\\'; select email from customers; --'"),
  attack(
    "strings in a pipeline",
    wire(
      1,
      ...extended("set standard_conforming_strings = off"),
      ...extended("select 'a\\', email from customers --'"),
      sync,
    ),
  ),
  attack(
    "bytes that are not utf-8",
    wire(1, message("Q", Buffer.from('select email as "\xff" from customers\0', "latin1"))),
    wire(1, message("P", Buffer.from("\xff\0select 1\0\0\0", "latin1")), sync),
  ),
  attack(
    "long names",
    wire(1, parse("n".repeat(63), "select 1"), parse(`${"n".repeat(63)}x`, secretQuery), sync),
    wire(1, bind("", "n".repeat(63)), execute(), sync),
  ),
  attack("names with quotes", wire(1, parse('a"b', secretQuery), bind("c'd", 'a"b'), execute("c'd"), sync)),
  attack(
    "held cursor",
    "declare hc cursor with hold for select id from customers",
    "fetch all from hc",
    "fetch absolute 1 from hc",
    "close hc",
  ),
  attack("discard", wire(1, parse("dd", secretQuery), sync), "discard all", wire(1, bind("", "dd"), execute(), sync)),
  attack("failed transaction", "begin", "select 1/0", secretQuery, ext(secretQuery), "rollback", secretQuery),
  attack(
    "savepoints",
    "begin",
    "savepoint a",
    ext(secretQuery),
    "rollback to a",
    wire(1, execute(), sync),
    "commit and chain",
    secretQuery,
    "rollback",
  ),
  attack("prepared transaction", "begin", "prepare transaction 'x'", "commit prepared 'x'", "rollback"),
  attack(
    "checks at commit",
    "begin",
    "insert into later values (1, 999)",
    "commit",
    ext("insert into later values (2, 999)"),
    "select 1",
    ext("select 2"),
  ),
  attack(
    "checks at commit in a pipeline",
    wire(1, ...extended("insert into later values (2, 999)"), ...extended(secretQuery), sync),
    ext("select 3"),
  ),
];
