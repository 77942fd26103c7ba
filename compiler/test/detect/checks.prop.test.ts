import fc from "fast-check";
import { isValidIBAN } from "ibantools";
import validator from "validator";
import { expect, test } from "vitest";
import { checkOf } from "../../../runtime/src/detect/checks/index.js";

/** Our checks beside those of two other libraries, on numbers of which about every tenth, or every hundredth, is right. */
const passes = (name: string, text: string, ...numbers: readonly number[]): boolean => {
  const bytes = new TextEncoder().encode(text);
  return checkOf({ name, arguments: numbers })(bytes, 0, bytes.length);
};

const digits = (count: number) => fc.stringMatching(new RegExp(`^[0-9]{${count}}$`));
const shaped = (pattern: RegExp) => fc.stringMatching(pattern);

const oracles: readonly (readonly [string, fc.Arbitrary<string>, (text: string) => boolean])[] = [
  ["luhn", digits(16), (text) => text !== "0".repeat(16) && validator.isLuhnNumber(text)],
  ["br_cpf", digits(11), (text) => validator.isTaxID(text, "pt-BR")],
  ["br_cnpj", digits(14), (text) => validator.isTaxID(text, "pt-BR")],
  [
    "fi_hetu",
    shaped(/^(0[1-9]|1[0-9])(0[1-9]|1[0-2])[0-9]{2}-[1-8][0-9]{2}[0-9A-FHJ-NPR-Y]$/),
    (text) => validator.isTaxID(text, "fi-FI"),
  ],
  ["it_fiscal_code", shaped(/^RSSMRA85T1[0-9]A562[A-Z]$/), (text) => validator.isTaxID(text, "it-IT")],
  ["es_nif", shaped(/^[0-9]{8}[A-Z]$/), (text) => validator.isIdentityCard(text, "ES")],
  ["th_id", shaped(/^[1-8][0-9]{12}$/), (text) => validator.isIdentityCard(text, "TH")],
  ["in_aadhaar", shaped(/^[2-9][0-9]{11}$/), (text) => validator.isIdentityCard(text, "IN")],
  ["pl_pesel", shaped(/^44(0[1-9]|1[0-2])(0[1-9]|1[0-9])[0-9]{5}$/), (text) => validator.isIdentityCard(text, "PL")],
  ["nl_bsn", shaped(/^[1-9][0-9]{8}$/), (text) => validator.isTaxID(text, "nl-NL")],
  ["jwt", fc.constantFrom("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc"), (text) => validator.isJWT(text)],
  [
    "ip",
    fc.oneof(fc.ipV4(), fc.ipV6(), shaped(/^[0-9]{1,3}(\.[0-9]{1,3}){3}$/), shaped(/^[0-9a-f:]{2,20}$/)),
    (text) => validator.isIP(text),
  ],
  ["us_routing", digits(9), (text) => validator.isAbaRouting(text)],
];

const named: Readonly<Record<string, string>> = { in_aadhaar: "verhoeff" };

test.each(oracles)("%s", (name, texts, isRight) => {
  const found = { right: 0, wrong: 0 };
  fc.assert(
    fc.property(texts, (text) => {
      const expected = isRight(text);
      found[expected ? "right" : "wrong"]++;
      expect(passes(named[name] ?? name, text), text).toBe(expected);
    }),
    { numRuns: 3_000 },
  );
  expect(found.right).toBeGreaterThan(0);
});

test("an IBAN, whatever its country", () => {
  const countries = ["DE", "GB", "NO", "MT", "FR", "AL", "ZZ", "NL", "BE", "LC", "XK", "RU", "BI"];
  const body = fc.tuple(fc.constantFrom(...countries), fc.stringMatching(/^[0-9]{11,28}$/));
  const text = body.map(([country, number]) => {
    const value = BigInt(`${number}${[...country].map((letter) => Number.parseInt(letter, 36)).join("")}00`);
    return `${country}${String(98n - (value % 97n)).padStart(2, "0")}${number}`;
  });
  fc.assert(
    fc.property(text, fc.nat(9), (right, digit) => {
      const changed = `${right.slice(0, -1)}${digit}`;
      // A country may ask for letters, which we leave to its bank: what we pass by, no country has.
      for (const iban of [right, changed]) if (isValidIBAN(iban)) expect(passes("iban", iban), iban).toBe(true);
      expect(passes("iban", changed)).toBe(passes("iban", right) && changed === right);
    }),
  );
});

test("entropy is that of the definition", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), fc.integer({ min: 0, max: 8 }), (bytes, bits) => {
      const shares = [...new Set(bytes)].map((byte) => bytes.filter((other) => other === byte).length / bytes.length);
      const entropy = shares.reduce((sum, share) => sum - share * Math.log2(share), 0);
      fc.pre(Math.abs(entropy - bits) > 1e-9);
      expect(checkOf({ name: "entropy", arguments: [bits] })(bytes, 0, bytes.length)).toBe(entropy >= bits);
    }),
  );
});

test("a check that nobody knows hides nothing", () => {
  expect(passes("of_a_later_version", "x")).toBe(true);
  expect(passes("toString", "x")).toBe(true);
});
