import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { main } from "../src/main.js";

let folder: string;
const out: string[] = [];
const at = (name: string): string => join(folder, name);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "hpl-bundle-cli-"));
  writeFileSync(at("shop.hpl"), "policy shop governs sql\ndefault block\n");
  writeFileSync(at("commit.json"), '{"commit":"4f0c2a9"}');
  writeFileSync(
    at("missed.hpl"),
    `policy shop governs sql\ndefault allow\nblock "b" when always { miss sql "SELECT 1" as ann on db }
fixture ann = principal { id: "ann", kind: human }
fixture db = connection { name: "orders", kind: postgres, env: prod }\n`,
  );
  writeFileSync(at("bad.hpl"), "policy shop governs sql\ndefault blok\n");
  for (const name of ["one", "two"]) {
    execFileSync("openssl", ["genpkey", "-algorithm", "ed25519", "-out", at(`${name}.key`)]);
    execFileSync("openssl", ["pkey", "-in", at(`${name}.key`), "-pubout", "-out", at(`${name}.pub`)]);
  }
});
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(() => {
  out.length = 0;
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, "write").mockImplementation((text) => out.push(String(text)) > 0);
});
afterEach(() => vi.restoreAllMocks());

test("built, signed by openssl's key, checked", async () => {
  const file = at("p.tar.gz");
  expect(
    await main(["bundle", "build", at("shop.hpl"), "-o", file, "--revision", "7", "--provenance", at("commit.json")]),
  ).toBe(0);
  expect(await main(["bundle", "verify", file, "--key", at("one.pub")])).toBe(1);
  expect(await main(["bundle", "sign", file, "--key", at("one.key"), "--key-id", "ci"])).toBe(0);
  expect(await main(["bundle", "verify", file, "--key", at("one.pub"), "--format", "json"])).toBe(0);
  expect(JSON.parse(out.at(-1) ?? "")).toMatchObject({ ok: true, revision: "7", provenance: { commit: "4f0c2a9" } });
  expect(await main(["bundle", "verify", file, "--key", at("two.pub")])).toBe(1);
  expect(out.at(-1)).toContain("its signature is not by this key");
  const bytes = readFileSync(file);
  // In the checksum: elsewhere another code may stand for the same run of zeros.
  bytes[bytes.length - 8] = (bytes[bytes.length - 8] ?? 0) ^ 1;
  writeFileSync(file, bytes);
  expect(await main(["bundle", "verify", file, "--key", at("one.pub")])).toBe(1);
});

test.each<readonly [string, readonly string[], number, RegExp]>([
  ["a policy with errors", ["build", "bad.hpl", "-o", "x.tar.gz", "--revision", "1"], 1, /HPL3|HPL2|HPL1/],
  ["an example that fails", ["build", "missed.hpl", "-o", "x.tar.gz", "--revision", "1"], 1, /HPL4/],
  [
    "a provenance that is no JSON",
    ["build", "shop.hpl", "-o", "x.tar.gz", "--revision", "1", "--provenance", "one.key"],
    2,
    /not JSON/,
  ],
  ["a revision that is no number", ["build", "shop.hpl", "-o", "x.tar.gz", "--revision", "v1"], 2, /whole number/],
  ["no file", ["verify", "none.tar.gz", "--key", "one.pub"], 2, /there is no/],
  ["what is no bundle", ["sign", "shop.hpl", "--key", "one.key"], 1, /no bundle/],
  ["a key that is none", ["verify", "shop.hpl", "--key", "shop.hpl"], 2, /no public key/],
])("%s", async (_name, args, code, said) => {
  const names = args.map((each) => (/\.(hpl|gz|key|pub)$/.test(each) ? at(each) : each));
  expect(await main(["bundle", ...names])).toBe(code);
  expect(out.join("")).toMatch(said);
});
