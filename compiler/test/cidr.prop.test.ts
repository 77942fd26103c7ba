import { isIP } from "node:net";
import fc from "fast-check";
import { expect, test } from "vitest";
import { cidrRange } from "../src/3-check/operands/cidr.js";

const rangeOf = (text: string): string => {
  const output = cidrRange(text);
  return output.kind === "range"
    ? `${output.range.address.join(".")}/${output.range.prefix}`
    : `no: ${output.problem}; ${output.help}`;
};

test.each([
  ["10.0.0.0/8", "10.0.0.0/8"],
  ["0.0.0.0/0", "0.0.0.0/0"],
  ["10.1.2.3", "10.1.2.3/32"],
  ["::/0", "0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0/0"],
  ["2001:DB8::/32", "32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.0/32"],
  ["fe80::1", "254.128.0.0.0.0.0.0.0.0.0.0.0.0.0.1/128"],
  ["::ffff:10.0.0.0/104", "10.0.0.0/8"],
  ["::ffff:0:0/96", "0.0.0.0/0"],
  ["64:ff9b::10.0.0.0/104", "0.100.255.155.0.0.0.0.0.0.0.0.10.0.0.0/104"],
])("%s is a range", (text, expected) => {
  expect(rangeOf(text)).toBe(expected);
});

test.each([
  ["10.20.7.1/16", "10.20.0.0/16"],
  ["10.20.7.129/25", "10.20.7.128/25"],
  ["2001:db8::1/32", "2001:db8::/32"],
  ["1:2:3:4:5:6:7:8/64", "1:2:3:4::/64"],
  ["::1/64", "::/64"],
  ["1:0:0:2:0:0:0:9/112", "1:0:0:2::/112"],
  ["1::2:0:0:1/127", "1::2:0:0:0/127"],
])("%s is refused, and the range it is in is offered", (text, expected) => {
  expect(rangeOf(text)).toContain(`write \`${expected}\``);
  expect(rangeOf(expected)).not.toContain("no:");
});

test.each([
  "",
  "/8",
  "10.0.0.0/",
  "10.0.0.0/08",
  "10.0.0.0/8/8",
  "10.0.0/8",
  "10.0.0.256",
  "010.0.0.1",
  "1::2::3",
  "1:2:3:4:5:6:7::8",
  "::1%eth0",
  "12345::",
  "10.0.0.0/33",
  "::/129",
  "::1.2.3",
  "1.2.3.4::",
  "::1.2.3.4:5",
  " 10.0.0.1",
  ":::",
  ":1",
])("%s is no range", (text) => {
  expect(rangeOf(text)).toContain("no:");
});

test("what is taken for an address is what the platform takes for one", () => {
  const part = fc.constantFrom("0", "1", "ffff", "abc", "10", "255", "256", "01", "", "g");
  const sign = fc.constantFrom(":", "::", ".", "");
  fc.assert(
    fc.property(fc.array(fc.tuple(part, sign), { minLength: 1, maxLength: 9 }), (parts) => {
      const text = parts.flat().join("");
      expect(cidrRange(text).kind, text).toBe(isIP(text) === 0 ? "problem" : "range");
    }),
    { numRuns: 5_000 },
  );
});

test("the platform's own addresses are read as the platform writes them", () => {
  const group = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff }));
  fc.assert(
    fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), (groups) => {
      const { hostname } = new URL(`http://[${groups.map((found) => found.toString(16)).join(":")}]/`);
      const bytes = groups.flatMap((found) => [found >> 8, found & 255]);
      const isMapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255;
      const expected = isMapped ? `${bytes.slice(12).join(".")}/32` : `${bytes.join(".")}/128`;
      expect(rangeOf(hostname.slice(1, -1))).toBe(expected);
    }),
  );
});
