import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { compileForGateway } from "@hpl/cli";
import fc from "fast-check";
import { exportPKCS8, exportSPKI, generateKeyPair } from "jose";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type BundleKeys, buildBundle, openBundle, signBundle } from "./bundle.js";
import { type ArchivedFile, nameSize_max, readTar, writeTar } from "./tar.js";

const text = "policy shop governs sql\ndefault block\n";
let folder: string;
let bundle: Uint8Array;
let signed: Uint8Array;
let keys: { readonly own: string; readonly public: string; readonly other: string };
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "hpl-bundle-"));
  writeFileSync(join(folder, "shop.hpl"), text);
  const compiled = compileForGateway(folder);
  if (!compiled.ok) throw new Error(compiled.findings);
  const pair = await generateKeyPair("EdDSA", { extractable: true });
  const other = await generateKeyPair("EdDSA", { extractable: true });
  keys = {
    own: await exportPKCS8(pair.privateKey),
    public: await exportSPKI(pair.publicKey),
    other: await exportSPKI(other.publicKey),
  };
  bundle = buildBundle(compiled.module, {
    sources: [{ path: "../x/shop.hpl", text }],
    revision: 7,
    vectors: [],
    provenance: { commit: "4f0c2a9" },
  });
  signed = await signBundle(bundle, keys.own, "k1");
});
afterAll(() => rmSync(folder, { recursive: true }));

const by = (pem: string): BundleKeys => new Map([["ci", pem]]);
const filesOf = (archive: Uint8Array): readonly ArchivedFile[] => readTar(gunzipSync(archive)) ?? [];
const repack = (files: readonly ArchivedFile[]): Uint8Array => gzipSync(writeTar(files) ?? new Uint8Array());

test("built, signed, opened; the same input gives the same bundle", async () => {
  const opened = await openBundle(signed, by(keys.public));
  if (!opened.ok) throw new Error(opened.reason);
  expect(opened.manifest).toMatchObject({ revision: "7", roots: ["hpl"] });
  expect(opened.files.map(({ name }) => name)).toEqual([
    ".manifest",
    ".provenance.json",
    "policy.wasm",
    "sources/x/shop.hpl",
    "vectors.json",
  ]);
  expect(Buffer.from(await signBundle(signed, keys.own, "k1"))).toEqual(Buffer.from(signed));
});

test.each<readonly [string, (files: readonly ArchivedFile[]) => readonly ArchivedFile[], string]>([
  [
    "a changed file",
    (files) => files.map((f) => (f.name.endsWith(".hpl") ? { ...f, bytes: Buffer.from("x") } : f)),
    "shop.hpl is not as it was signed",
  ],
  [
    "another module",
    (files) => files.map((f) => (f.name === "policy.wasm" ? { ...f, bytes: Buffer.from("x") } : f)),
    "policy.wasm is not as it was signed",
  ],
  [
    "a greater revision",
    (files) =>
      files.map((f) =>
        f.name === ".manifest"
          ? { ...f, bytes: Buffer.from(Buffer.from(f.bytes).toString().replace('"7"', '"8"')) }
          : f,
      ),
    ".manifest is not as it was signed",
  ],
  ["a file more", (files) => [...files, { name: "extra", bytes: Buffer.from("x") }], "extra is not as it was signed"],
  ["a file less", (files) => files.filter((f) => !f.name.endsWith(".hpl")), "is missing"],
  ["no signature", (files) => files.filter((f) => f.name !== ".signatures.json"), "it is not signed"],
  [
    "two signatures",
    (files) =>
      files.map((f) => (f.name === ".signatures.json" ? { ...f, bytes: Buffer.from('{"signatures":["a","b"]}') } : f)),
    "by no key that may sign",
  ],
])("%s is refused", async (_name, change, reason) => {
  const opened = await openBundle(repack(change(filesOf(signed))), by(keys.public));
  expect(opened.ok ? "" : opened.reason).toContain(reason);
});

test("another key, no bundle, half a bundle", async () => {
  expect(await openBundle(signed, by(keys.other))).toMatchObject({
    ok: false,
    reason: "its signature is not by this key",
  });
  expect(await openBundle(bundle, by(keys.public))).toMatchObject({ ok: false, reason: "it is not signed" });
  for (const bytes of [Buffer.from("x"), signed.subarray(0, signed.length / 2), gzipSync("x")])
    expect((await openBundle(bytes, by(keys.public))).ok).toBe(false);
});

test("how the manifest is written does not matter, what it says does", async () => {
  const files = filesOf(signed).map((file) =>
    file.name === ".manifest"
      ? { ...file, bytes: Buffer.from(JSON.stringify(JSON.parse(Buffer.from(file.bytes).toString()))) }
      : file,
  );
  expect((await openBundle(repack(files), by(keys.public))).ok).toBe(true);
});

const name = fc
  .array(
    fc.stringMatching(/^[a-z.]{1,12}$/).filter((part) => !/^\.{1,2}$/.test(part)),
    { minLength: 1, maxLength: 3 },
  )
  .map((parts) => parts.join("/"));
const files = fc.uniqueArray(fc.record({ name, bytes: fc.uint8Array({ maxLength: 1_200 }) }), {
  selector: (f) => f.name,
});

test("what is written is read", () => {
  fc.assert(
    fc.property(files, (all) => {
      const read = readTar(writeTar(all) ?? new Uint8Array());
      expect(read?.map((f) => [f.name, [...f.bytes]])).toEqual(
        all.toSorted((a, b) => (a.name < b.name ? -1 : 1)).map((f) => [f.name, [...f.bytes]]),
      );
    }),
  );
});

test("the system's tar reads what we write, and we what it writes", () => {
  const path = join(folder, "a.tar");
  writeFileSync(path, writeTar([{ name: "sources/shop.hpl", bytes: Buffer.from(text) }]) ?? "");
  expect(execFileSync("tar", ["-xOf", path, "sources/shop.hpl"], { encoding: "utf8" })).toBe(text);
  const theirs = execFileSync("tar", ["--format=ustar", "-C", folder, "-cf", "-", "./shop.hpl"]);
  expect(readTar(theirs)?.map((f) => [f.name, Buffer.from(f.bytes).toString()])).toEqual([["shop.hpl", text]]);
});

test.each(["../x", "a/../b", "a//b", "/a", "", "a\\b", "x".repeat(nameSize_max + 1)])(
  "no archive has the name %j",
  (bad) => {
    expect(writeTar([{ name: bad, bytes: new Uint8Array() }])).toBeNull();
  },
);

function written(archive: Buffer, text: string, at: number): Buffer {
  archive.write(text, at);
  return archive;
}

test.each<readonly [string, (archive: Buffer) => Buffer]>([
  ["a link", (archive) => written(archive, "2", 156)],
  ["a wrong checksum", (archive) => written(archive, "9", 0)],
  ["a size beyond its end", (archive) => written(archive, "77777777777\0", 124)],
  ["no end", (archive) => archive.subarray(0, -512)],
  ["something behind its end", (archive) => Buffer.concat([archive, Buffer.from("x".repeat(512))])],
  ["a file twice", (archive) => Buffer.concat([archive.subarray(0, 1024), archive])],
])("%s is no archive", (_name, change) => {
  const archive = Buffer.from(writeTar([{ name: "a", bytes: Buffer.from("x") }]) ?? "");
  expect(readTar(archive)).not.toBeNull();
  expect(readTar(change(archive))).toBeNull();
});
