import { expect, test } from "vitest";
import { parseUpstreamUrl } from "./upstream-url.js";

test.each([
  [
    "postgres://app:s%40x@db:5433/orders",
    { host: "db", port: 5433, user: "app", password: "s@x", database: "orders", tls: "disable" },
  ],
  ["postgresql://app@[::1]", { host: "::1", port: 5432, user: "app", password: "", database: "app", tls: "disable" }],
  [
    "postgres://a:b@h/d?sslmode=verify-ca",
    { host: "h", port: 5432, user: "a", password: "b", database: "d", tls: "verify" },
  ],
])("%s", (text, target) => expect(parseUpstreamUrl(text)).toEqual(target));

test.each([
  "",
  "hunter2",
  "mysql://app:hunter2@h/d",
  "postgres://:hunter2@h/d",
  "postgres://app:hunter2@/d",
  "postgres://app:hunter2#x@h/d",
  "postgres://app:hunter2@h:0/d",
  "postgres://app:hunter2@h:65536/d",
  "postgres://app:hunter2%zz@h/d",
  "postgres://app:hunter2%00x@h/d",
  "postgres://app:hunter2@h/d#hunter2",
  "postgres://app:hunter2@h/d?sslmode=hunter2",
  "postgres://app:hunter2@h/d?ssl=true",
  "postgres://app:hunter2@h/d?sslmode=require&sslmode=disable",
])("%s is refused without quoting it", (text) => {
  expect(() => parseUpstreamUrl(text)).toThrow(/upstream URL/);
  expect(() => parseUpstreamUrl(text)).not.toThrow(/hunter2/);
});
