import { expect, test } from "vitest";
import { decideNative } from "./decide-native.js";
import { decideOpa } from "./decide-opa.js";
import { allowed, openExample, requestOf, selectWith } from "./example-policy.js";

const { native, opa } = openExample();
const json = JSON.stringify(allowed);
const bytes = (...parts: readonly (string | readonly number[])[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => (typeof part === "string" ? [...new TextEncoder().encode(part)] : part)));

const inside = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);
const withClient = (text: string | readonly number[]): Uint8Array => {
  const [before = "", after = ""] = json.split("psql");
  return bytes(before, text, after);
};

test.each([undefined, null, false, 0, "", new ArrayBuffer(0)])("no input is block: %j", (input) => {
  expect(opa.evaluate(input)).toMatchObject([{ result: { verdict: "block", code: "HPL8010", reasons: ["no_input"] } }]);
});

test.each([
  ["cut off", json.slice(0, -1)],
  ["cut off in a name", '{"user":'],
  ["text behind it", `${json} junk`],
  ["another document behind it", `${json}{}`],
  ["a zero byte in between", bytes('{"actions":', [0], "[]}")],
  ["a name twice", json.replace('"env":"prod"', '"env":"prod","env":"dev"')],
  ["a name twice, written differently", json.replace('"env":"prod"', '"env":"prod","\\u0065nv":"dev"')],
  ["a name twice among many", `{"zones":{${Array.from({ length: 40 }, (_, i) => `"z${i % 39}":0`)}},"actions":[]}`],
  ["levels: 65", `{"actions":${inside(64)}}`],
  ["levels: 100,000", inside(100_000)],
  ["a byte order mark", `\ufeff${json}`],
  ["bytes that are not UTF-8", withClient([0xff])],
  ["an overlong form", withClient([0xc0, 0xaf])],
  ["a surrogate in UTF-8", withClient([0xed, 0xa0, 0x80])],
  ["past U+10FFFF", withClient([0xf4, 0x90, 0x80, 0x80])],
  ["half a pair", withClient("\\ud800")],
  ["the wrong half of a pair", withClient("\\udc00\\ud800")],
  ["half a pair, then a letter", withClient("\\ud800\\u0041")],
  ["half a pair, then what is past the pairs", withClient("\\ud800\\ue000")],
  ["an escape that is none", withClient("\\x41")],
  ["a short escape", withClient("\\u00e")],
  ["a control character", withClient("\n")],
  ["a number with a zero in front", json.replace('"now":', '"now":0')],
  ["a number with a plus", json.replace('"now":', '"now":+')],
  ["a number without digits", json.replace('"now":', '"now":1.e5,"x":')],
  ["a word in capitals", json.replace("false", "False")],
  ["a comment", `// hello\n${json}`],
  ["a comma too many", json.replace("]}", "],}")],
  ["single quotes", json.replaceAll('"', "'")],
  ["only white space", " \n "],
  ["NaN", "NaN"],
])("what is not one JSON document is block: %s", (_what, input) => {
  expect(decideOpa(opa, input)).toEqual({
    verdict: "block",
    rules: [],
    obligations: [],
    complete: false,
    reasons: ["malformed"],
    message: "the input is not one JSON document that means the same to every reader",
    fix: expect.any(String),
    code: "HPL8009",
  });
});

test.each([
  ["zero bytes behind it", bytes(json, [0])],
  ["white space around it", ` \t\r\n${json}\n \0`],
  ["escapes", json.replace("psql", "\\u0070s\\u0071\\/\\ud83d\\ude00")],
  ["numbers written otherwise", json.replace(String(allowed.now), `${allowed.now / 1000}.000e+3`)],
  ["fields in another order", JSON.stringify(Object.fromEntries(Object.entries(allowed).toReversed()))],
])("what is one is read as it is: %s", (_what, input) => {
  const text = typeof input === "string" ? input : new TextDecoder().decode(input);
  const expected = decideNative(native, JSON.parse(text.replace(/\0$/, "")));
  expect(expected.verdict).toBe("allow");
  expect(decideOpa(opa, input)).toEqual(expected);
});

test("64 levels are no mistake yet", () => {
  expect(decideOpa(opa, `{"actions":${inside(63)}}`)).toMatchObject({ verdict: "block", code: "HPL8002" });
});

const actionsWith = (action: string): string => json.replace(/"actions":.*$/, `"actions":[${action}]}`);

test.each([
  ["input", "null"],
  ["input", "[]"],
  ["input", '"text"'],
  ["actions", "{}"],
  ["actions", '{"actions":{}}'],
  ["actions", '{"actions":{"items":[],"open":true}}'],
  ["user", '{"user":1,"actions":[]}'],
  ["principal", '{"principal":[],"actions":[]}'],
  ["principal.kind", json.replace('"agent"', '"robot"')],
  ["principal.kind", json.replace('"agent"', "null")],
  ["principal.groups[1]", json.replace('["engineers"]', '["engineers",7]')],
  ["principal.groups", json.replace('["engineers"]', '{"items":["engineers"],"open":false}')],
  ["principal.groups", json.replace('["engineers"]', '{"items":["engineers"],"open":true,"more":1}')],
  ["principal.id", json.replace('"id":"svc"', '"id":{"?":1}')],
  ["principal.role", json.replace('"id":"svc"', '"role":"admin"')],
  ["session.mfa", json.replace('"origin":"cli"', '"mfa":true')],
  ["session.counters.x", json.replace('"counters":{}', '"counters":{"x":"1"}')],
  ["session.counters.x", json.replace('"counters":{}', '"counters":{"x":1.5}')],
  ["session.counters.?", json.replace('"counters":{}', '"counters":{"?":1}')],
  ["now", json.replace('"now":', '"now":"x","y":').replace(/"y":\d+,/, "")],
  ["now", json.replace(/"now":\d+/, '"now":9007199254740992')],
  ["now", json.replace(/"now":\d+/, '"now":1e400')],
  ["zones.Europe/Berlin", json.replace('Berlin":60', 'Berlin":1081')],
  ["zones.Europe/Berlin", json.replace('Berlin":60', 'Berlin":null')],
  ["zones", json.replace(/"zones":\{[^}]*\}/, '"zones":[]')],
  ["actions[0]", actionsWith("{}")],
  ["actions[0]", actionsWith('{"sql":{},"git":{}}')],
  ["actions[0].ftp", actionsWith('{"ftp":{}}')],
  ["actions[0].sql", actionsWith('{"sql":"SELECT 1"}')],
  ["actions[0].sql.labels", actionsWith('{"sql":{"labels":[]}}')],
  ["actions[0].sql.columns[1].name", actionsWith('{"sql":{"columns":[{},{"name":1}]}}')],
  ["actions[0].sql.dialect", actionsWith('{"sql":{"text":"SELECT 1","dialect":"oracle"}}')],
  ["actions[0].sql.kind", actionsWith('{"sql":{"text":"SELECT 1","kind":"select"}}')],
  ["actions[0].shell.text", actionsWith('{"shell":{"text":["ls"]}}')],
  ["actions[0].text.text", actionsWith('{"text":{"text":"hello"}}')],
  ["actions[0].text", actionsWith('{"text":7}')],
  ["actions[1].git.verb", actionsWith('{"text":"x"},{"git":{"verb":"steal"}}')],
])("what is not as its schema says is block, and named: %s", (field, input) => {
  expect(decideOpa(opa, input)).toMatchObject({
    verdict: "block",
    rules: [],
    obligations: [],
    reasons: ["ill_typed"],
    message: `the facts do not have the shape of their schema: \`${field}\``,
    code: "HPL8002",
  });
});

test.each([
  ["sql", { sql: { text: "SELECT 1" } }, "no_front_end:postgres"],
  ["sql in another dialect", { sql: { text: "SELECT 1", dialect: "mysql", version: "8" } }, "no_front_end:mysql"],
  ["shell", { shell: { text: "ls", cwd: "/" } }, "no_front_end:shell"],
  ["text", { text: "hello" }, "no_front_end:text"],
])("a source text is an opaque action: %s", (_what, action, reason) => {
  const decision = decideOpa(opa, requestOf(action));
  expect(decision).toMatchObject({ verdict: "block", complete: false });
  expect(decision.reasons).toContain(reason);
  expect(decision).toEqual(decideNative(native, requestOf(action)));
});

test("an empty request is block", () => {
  expect(decideOpa(opa, requestOf())).toMatchObject({ verdict: "block", code: "HPL8001", reasons: ["empty"] });
});

const many = (count: number, item: unknown): readonly unknown[] => Array.from({ length: count }, () => item);

/** The greatest number of items that the native target decides on. */
function mostThatFit(requestWith: (count: number) => Readonly<Record<string, unknown>>): number {
  let [fits, doesNot] = [0, 65_536];
  while (doesNot - fits > 1) {
    const count = (fits + doesNot) >> 1;
    if (decideNative(native, requestWith(count)).code === "HPL8003") doesNot = count;
    else fits = count;
  }
  return fits;
}

test.each([
  [
    "columns, by the kernel's scratch",
    (count: number) => ({ columns: many(count, { name: "c", sources: [], exact: true }) }),
  ],
  [
    "sources of one column",
    (count: number) => ({ columns: [{ name: "c", sources: many(count, "public.users.id"), exact: true }] }),
  ],
  ["texts", (count: number) => ({ predicate_columns: many(count, "public.users.id") })],
])("facts are too large for both targets alike: %s", (_what, changes) => {
  const requestWith = (count: number) => requestOf(selectWith(changes(count)));
  const most = mostThatFit(requestWith);
  expect(most).toBeGreaterThan(1_000);
  for (const count of [most, most + 1, most * 3]) {
    expect(decideOpa(opa, requestWith(count))).toEqual(decideNative(native, requestWith(count)));
  }
  expect(decideOpa(opa, requestWith(most + 1))).toMatchObject({ verdict: "block", code: "HPL8003" });
});

test("each action has all the room there is for facts", () => {
  const texts = (count: number) => selectWith({ predicate_columns: many(count, "public.users.id") });
  const most = mostThatFit((count) => requestOf(texts(count)));
  const fitting = requestOf(texts(most), texts(most), texts(most));
  expect(decideOpa(opa, fitting)).toEqual(decideNative(native, fitting));
  expect(decideOpa(opa, fitting)).toMatchObject({ verdict: "allow" });
  const tooLarge = requestOf(texts(10), texts(most + 1), texts(10));
  expect(decideOpa(opa, tooLarge)).toEqual(decideNative(native, tooLarge));
  expect(decideOpa(opa, tooLarge)).toMatchObject({ verdict: "block", code: "HPL8003" });
});

test("what no rule reads takes no room, and must have its shape", () => {
  const functions = (item: unknown) => requestOf(selectWith({ functions: many(40_000, item) }));
  expect(decideOpa(opa, functions({}))).toMatchObject({ verdict: "allow" });
  expect(decideOpa(opa, functions({}))).toEqual(decideNative(native, functions({})));
  expect(decideOpa(opa, functions("f"))).toMatchObject({ verdict: "block", code: "HPL8002" });
});

test.each([
  [4_096, "allow", null],
  [4_097, "block", "HPL8007"],
])("a text of more than 4,096 bytes is unknown for both targets alike: %i", (size, verdict, code) => {
  const columns = [{ name: "n", sources: ["x".repeat(size)], exact: true }];
  const decision = decideOpa(opa, requestOf(selectWith({ columns })));
  expect(decision).toEqual(decideNative(native, requestOf(selectWith({ columns }))));
  expect([decision.verdict, decision.code ?? null]).toEqual([verdict, code]);
});

test("many names in one object take time in proportion to n log n", () => {
  const zones = Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`zone ${i}`, 0]));
  expect(decideOpa(opa, { ...allowed, zones: { ...zones, "Europe/Berlin": 60 } })).toMatchObject({ verdict: "allow" });
});

test("an author's sentence goes on with the doubt", () => {
  const doubtful = requestOf(
    selectWith({ effects: { "?": "dynamic_sql" }, complete: false, reasons: ["dynamic_sql"] }),
  );
  const message = 'Schema changes go through "the" pipeline.\nÜber alles: not fully understood (dynamic_sql)';
  expect(decideOpa(opa, doubtful)).toMatchObject({ verdict: "block", message });
  expect(decideOpa(opa, doubtful)).toEqual(decideNative(native, doubtful));
});
