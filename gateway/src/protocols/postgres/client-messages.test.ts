import fc from "fast-check";
import { serialize } from "pg-protocol";
import { expect, test } from "vitest";
import { readBind, readExecute, readNamed, readParse, readQuery } from "./client-messages.js";

const name = fc.string({ maxLength: 20 }).filter((text) => !text.includes("\0"));
const sql = fc
  .string({ unit: "grapheme", maxLength: 50 })
  .filter((text) => !text.includes("\0") && text.isWellFormed());
const latin = (text: string): string => Buffer.from(text, "utf8").toString("latin1");

test("what pg-protocol writes is read as it was meant", () => {
  fc.assert(
    fc.property(name, sql, fc.array(fc.nat(100_000), { maxLength: 4 }), (statement, text, types) => {
      expect(readQuery(serialize.query(text))).toEqual({ text });
      const parsed = readParse(serialize.parse({ name: statement, text, types }));
      expect(parsed).toEqual({ name: latin(statement), text, parameterTypes: types });
      expect(readNamed(serialize.close({ type: "P", name: statement }))).toEqual({
        target: "portal",
        name: latin(statement),
      });
    }),
  );
});

test("Bind and Execute, too", () => {
  fc.assert(
    fc.property(
      name,
      name,
      fc.array(fc.option(fc.uint8Array({ maxLength: 9 }))),
      fc.nat(9),
      (portal, statement, raw, rows) => {
        const values = raw.map((value) => (value === null ? null : Buffer.from(value)));
        const bound = readBind(serialize.bind({ portal, statement, values, binary: true }));
        expect(bound).toMatchObject({ portal: latin(portal), statement: latin(statement), resultFormats: [1] });
        expect(bound?.parameters.map((value) => value && [...value])).toEqual(raw.map((value) => value && [...value]));
        expect(readExecute(serialize.execute({ portal, rows }))).toEqual({ portal: latin(portal), rowsMax: rows });
      },
    ),
  );
});

test.each([
  ["Query", serialize.query("SELECT 1"), readQuery],
  ["Parse", serialize.parse({ name: "s", text: "SELECT $1", types: [23] }), readParse],
  ["Bind", serialize.bind({ portal: "p", statement: "s", values: ["1", null] }), readBind],
  ["Describe", serialize.describe({ type: "S", name: "s" }), readNamed],
  ["Execute", serialize.execute({ portal: "p", rows: 5 }), readExecute],
])("%s with a byte too few or too many is nothing", (_what, message, read) => {
  expect(read(message)).not.toBeNull();
  for (let size = 5; size < message.length; size += 1) expect(read(message.subarray(0, size))).toBeNull();
  expect(read(Buffer.concat([message, Buffer.from([0])]))).toBeNull();
});

test("readers take any bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 5, maxLength: 60 }), (bytes) => {
      for (const read of [readQuery, readParse, readBind, readNamed, readExecute]) read(bytes);
    }),
  );
});
