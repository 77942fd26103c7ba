import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import {
  type BundleServer,
  bundleOf,
  makeKey,
  type Served,
  type SigningKey,
  serveBundles,
} from "../../../test/bundle-fixture.js";
import { eventually } from "../../../test/gateway-fixture.js";
import type { Candidate, PolicySource, ReloadResult } from "../in-force.js";
import { signBundle } from "./bundle.js";
import { openBundleSource } from "./bundle-source.js";
import { bundleFileSize_max, bundleFromFile, bundleFromUrl, type FetchBundle } from "./fetch-bundle.js";
import { readTar, writeTar } from "./tar.js";

const block = "policy shop governs sql\ndefault block\n";
const allow = "policy shop governs sql\ndefault allow\n";
const keyed = `${block}label pii on column "**.email"\nmask "m" pii with hmac(key: "pii-2026")\n`;

let keys: { readonly own: SigningKey; readonly other: SigningKey };
let first: { readonly bytes: Uint8Array; readonly digest: string };
let second: { readonly bytes: Uint8Array; readonly digest: string };
beforeAll(async () => {
  keys = { own: await makeKey(), other: await makeKey() };
  first = await bundleOf(block, { key: keys.own, revision: 7 });
  second = await bundleOf(allow, { key: keys.own, revision: 8 });
});

let state: string;
let server: BundleServer;
let source: PolicySource | null = null;
let told: (readonly [ReloadResult, Candidate | null])[];
let recordFails: boolean;
beforeEach(async () => {
  state = mkdtempSync(join(tmpdir(), "hpl-bundles-"));
  server = await serveBundles();
  told = [];
  recordFails = false;
});
afterEach(async () => {
  source?.close();
  await server.close();
  rmSync(state, { recursive: true, force: true });
});

async function open(fetchBundle: FetchBundle = bundleFromUrl(server.url, {})): Promise<PolicySource> {
  source?.close();
  source = await openBundleSource({
    fetchBundle,
    poll_ms: 20,
    signers: new Map([["ci", keys.own.public]]),
    state,
    keys: new Set(),
    onReload: (result, candidate) => {
      if (recordFails) throw new Error("the audit log cannot be written");
      told.push([result, candidate]);
    },
    now: () => new Date("2026-11-20T12:00:00Z"),
  });
  return source;
}
const digest = (): string | null => {
  const inForce = source?.current();
  return inForce?.kind === "loaded" ? inForce.policy.digest : null;
};
const looks = (count: number) => {
  const before = server.asked.length;
  return eventually(() => server.asked.length >= before + count);
};

test("a good bundle comes into force, and the next one in its place", async () => {
  server.serve = { body: first.bytes, etag: '"7"' };
  await open();
  expect(digest()).toBe(first.digest);
  expect(told).toMatchObject([[{ ok: true, bundle: { revision: 7, key: "ci" } }, { sources: [{ path: "shop.hpl" }] }]]);
  server.serve = { body: second.bytes, etag: '"8"' };
  await eventually(() => digest() === second.digest);
  expect(server.asked.slice(0, 2)).toEqual([undefined, '"7"']);
  expect(source?.bundle()).toEqual({ revision: 8, checked_at_ms: Date.parse("2026-11-20T12:00:00Z") });
});

test("a server without tags gives the same bundle again and again: that is told once", async () => {
  server.serve = { body: first.bytes };
  await open();
  await looks(3);
  expect(told.length).toBe(1);
});

/** Bundles that must not come into force, made of a good one of revision 9. */
const bad: readonly (readonly [string, () => Promise<Served>, string])[] = [
  [
    "a bundle by another key",
    async () => ({ body: (await bundleOf(allow, { key: keys.other, revision: 9 })).bytes }),
    "not by this key",
  ],
  [
    "a lower revision",
    async () => ({ body: (await bundleOf(allow, { key: keys.own, revision: 6 })).bytes }),
    "lower than 7",
  ],
  [
    "another policy of the same revision",
    async () => ({ body: (await bundleOf(allow, { key: keys.own, revision: 7 })).bytes }),
    "a revision is one policy",
  ],
  ["a truncated archive", async () => ({ body: second.bytes.subarray(0, -40) }), "no bundle"],
  ["garbage", async () => ({ body: Buffer.from("<html>") }), "no bundle"],
  ["nothing", async () => ({ body: new Uint8Array() }), "no bundle"],
  ["an unsigned bundle", async () => ({ body: without(second.bytes, ".signatures.json") }), "not signed"],
  [
    "a manifest nested too deeply",
    async () => ({ body: changed(second.bytes, ".manifest", `${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}`) }),
    "nested too deeply",
  ],
  ["a bundle without vectors", async () => ({ body: without(second.bytes, "vectors.json") }), "was signed is missing"],
  [
    "a module that decides otherwise than recorded",
    async () => ({
      body: await withVectors((own) => own.map((v) => ({ ...v, decision: { ...v.decision, verdict: "allow" } }))),
    }),
    "self-test vector 1 of 1",
  ],
  [
    "a vector whose request is none",
    async () => ({ body: await withVectors((own) => own.map((v) => ({ ...v, request: { actions: "x" } as never }))) }),
    "self-test vector 1 of 1",
  ],
  [
    "a vector that is none",
    async () => ({ body: await withVectors(() => [null as never]) }),
    "self-test vector 1 of 1",
  ],
  [
    "a policy with a key that is not there",
    async () => ({ body: (await bundleOf(keyed, { key: keys.own, revision: 9 })).bytes }),
    "HPL7006",
  ],
  ["a file of zeros that unfolds without end", async () => ({ body: gzipSync(Buffer.alloc(65 << 20)) }), "no bundle"],
  ["too many bytes", async () => ({ body: Buffer.alloc(bundleFileSize_max + 1) }), "more than"],
  ["an error", async () => ({ status: 500 }), "answers 500"],
  ["a 304 that nobody asked for", async () => ({ status: 304 }), "answers 304"],
  ["a redirect", async () => ({ redirect: "http://127.0.0.1:9/x" }), "redirect"],
  ["a connection that is cut", async () => "reset", "the bundle is not taken"],
];

const without = (bundle: Uint8Array, name: string): Uint8Array =>
  gzipSync(writeTar((readTar(gunzipSync(bundle)) ?? []).filter((file) => file.name !== name)) ?? "");

const changed = (bundle: Uint8Array, name: string, text: string): Uint8Array =>
  gzipSync(
    writeTar(
      (readTar(gunzipSync(bundle)) ?? []).map((file) =>
        file.name === name ? { name, bytes: Buffer.from(text) } : file,
      ),
    ) ?? "",
  );

const withVectors = async (vectors: Parameters<typeof bundleOf>[1]["vectors"] & {}): Promise<Uint8Array> =>
  (await bundleOf(allow, { key: keys.own, revision: 9, vectors })).bytes;

test.each(bad)("%s is refused, told once, and what was in force stays", async (_name, make, why) => {
  server.serve = { body: first.bytes };
  await open();
  server.serve = await make();
  await looks(4);
  const refusals = told.slice(1).map(([result]) => (result.ok ? "" : result.findings));
  expect(refusals).toEqual([expect.stringContaining(why)]);
  expect(digest()).toBe(first.digest);
  server.serve = { body: second.bytes };
  await eventually(() => digest() === second.digest);
});

test.each(bad.filter(([name]) => !/revision/.test(name)))(
  "%s at the first start: everything is blocked",
  async (_name, make) => {
    server.serve = await make();
    await open();
    expect(source?.current()).toMatchObject({ kind: "none" });
  },
);

test("an answer that never ends is no reason to wait with the last good one", async () => {
  server.serve = { body: first.bytes };
  await open();
  server.serve = "hang";
  await open();
  expect(digest()).toBe(first.digest);
});

test("a start without a server goes on with the last good bundle", async () => {
  server.serve = { body: second.bytes };
  await open();
  server.serve = "reset";
  await open();
  expect(digest()).toBe(second.digest);
  expect(source?.bundle()).toMatchObject({ revision: 8, checked_at_ms: null });
});

/** What may be done to the state folder behind the gateway's back, and what a start without a server then has in force. */
const tampered: readonly (readonly [string, () => void | Promise<void>, RegExp])[] = [
  [
    "an older bundle in its place",
    () => writeFileSync(join(state, "policy", "last-good.tar.gz"), first.bytes),
    /lower than 8/,
  ],
  [
    "half a bundle",
    () => writeFileSync(join(state, "policy", "last-good.tar.gz"), second.bytes.subarray(0, 100)),
    /no bundle/,
  ],
  [
    "another signer's bundle",
    async () =>
      writeFileSync(
        join(state, "policy", "last-good.tar.gz"),
        (await bundleOf(allow, { key: keys.other, revision: 9 })).bytes,
      ),
    /not by this key/,
  ],
  ["a floor that is none", () => writeFileSync(join(state, "policy", "revision.json"), "{}"), /damaged/],
];
test.each(tampered)("%s counts for nothing", async (_name, tamper, why) => {
  server.serve = { body: second.bytes };
  await open();
  await tamper();
  server.serve = "reset";
  await open();
  expect(source?.current()).toMatchObject({ kind: "none" });
  expect(told.map(([result]) => (result.ok ? "" : result.findings)).join("\n")).toMatch(why);
});

test("a bundle that cannot be written down does not count, and is tried again", async () => {
  server.serve = { body: first.bytes, etag: '"7"' };
  await open();
  recordFails = true;
  server.serve = { body: second.bytes, etag: '"8"' };
  await looks(3);
  expect(digest()).toBe(first.digest);
  recordFails = false;
  await eventually(() => digest() === second.digest);
});

test("a new signature by a new name is the same revision", async () => {
  server.serve = { body: first.bytes };
  await open();
  const again = await signBundle(first.bytes, keys.own.private, "other-name");
  server.serve = { body: again };
  await eventually(() => told.length === 2);
  expect(told[1]?.[0]).toMatchObject({ ok: true, isNew: false });
});

test("an outage is told once, and the next one again", async () => {
  server.serve = { body: first.bytes, etag: '"7"' };
  await open();
  for (const count of [2, 3]) {
    server.serve = { status: 503 };
    await eventually(() => told.length === count);
    await looks(2);
    server.serve = { body: first.bytes, etag: '"7"' };
    await looks(2);
  }
  expect(told.length).toBe(3);
});

test("asked to look, it looks at once and says what came of it", async () => {
  server.serve = { body: first.bytes, etag: '"7"' };
  const { reload } = await open();
  expect(await reload()).toMatchObject({ ok: true, isNew: false });
  server.serve = { status: 404 };
  expect(await reload()).toMatchObject({ ok: false, reason: "the bundle cannot be fetched" });
});

test("a bundle in a file is followed", async () => {
  const path = join(state, "shop.tar.gz");
  await open(bundleFromFile(path));
  expect(source?.current()).toMatchObject({ kind: "none", reason: "the bundle cannot be fetched" });
  writeFileSync(path, first.bytes);
  await eventually(() => digest() === first.digest);
  writeFileSync(`${path}.new`, second.bytes);
  renameSync(`${path}.new`, path);
  await eventually(() => digest() === second.digest);
  rmSync(path);
  await eventually(() => told.at(-1)?.[0].ok === false);
  expect(digest()).toBe(second.digest);
  expect(readFileSync(join(state, "policy", "last-good.tar.gz"))).toEqual(Buffer.from(second.bytes));
});
