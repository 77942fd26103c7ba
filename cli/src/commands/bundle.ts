/**
 * `hpl bundle`: a policy as it travels to gateways, built, signed and checked.
 *
 * Keys are PEM files: PKCS #8 to sign, SPKI to check, Ed25519 (`openssl genpkey -algorithm ed25519`).
 */
import { readFileSync, writeFileSync } from "node:fs";
import { renderDiagnostics } from "@hpl/compiler";
import { buildBundle, type OpenedBundle, openBundle, signBundle } from "@hpl/gateway";
import type { Command } from "commander";
import { recordVectors } from "../bundle-vectors.js";
import { CommandFailure, exitCode } from "../exit-code.js";
import { loadFrontEnds } from "../front-ends.js";
import { compileSources } from "../load-policy.js";
import { readPolicyFiles } from "../policy-files.js";
import { openTerminal, type Terminal } from "../terminal.js";
import { visible } from "../visible.js";

interface BuildOptions {
  readonly output: string;
  readonly revision: string;
  readonly provenance?: string;
}

interface SignOptions {
  readonly key: string;
  readonly keyId: string;
}

interface VerifyOptions {
  readonly key: string;
  readonly format: "text" | "json";
}

const help = `
Examples:
  $ openssl genpkey -algorithm ed25519 -out policy.key && openssl pkey -in policy.key -pubout -out policy.pub
  $ hpl bundle build policy/ -o policy.tar.gz --revision 7
  $ hpl bundle sign policy.tar.gz --key policy.key
  $ hpl bundle verify policy.tar.gz --key policy.pub`;

export function addBundle(program: Command, run: (code: Promise<number>) => void): void {
  const bundle = program
    .command("bundle")
    .summary("pack, sign and check a policy")
    .description("A policy as one signed file, in the layout of the Open Policy Agent's bundles.")
    .addHelpText("after", help);
  const terminalOf = (command: Command): Terminal => openTerminal(command.optsWithGlobals().color);
  bundle
    .command("build")
    .description("Compiles a policy, runs its examples and tests, and packs it with them and its sources.")
    .argument("<path...>", ".hpl files, or folders of them")
    .requiredOption("-o, --output <file.tar.gz>", "where to write the bundle")
    .requiredOption("--revision <number>", "a whole number, greater than that of the bundle before")
    .option("--provenance <file.json>", "where the policy came from: commit, author, reviewers; signed along")
    .action((paths: string[], options: BuildOptions, command: Command) =>
      run(build(paths, options, terminalOf(command))),
    );
  bundle
    .command("sign")
    .description("Signs a bundle, in place of an earlier signature.")
    .argument("<bundle>", "a .tar.gz")
    .requiredOption("--key <file>", "the private key, PKCS #8 in PEM")
    .option("--key-id <name>", "the key's name, for whoever has several", "default")
    .action((path: string, options: SignOptions) => run(sign(path, options)));
  bundle
    .command("verify")
    .description("Checks signature, files and module of a bundle. Exit code: 0 good, 1 not.")
    .argument("<bundle>", "a .tar.gz")
    .requiredOption("--key <file>", "the public key, SPKI in PEM")
    .option("--format <format>", "text or json", "text")
    .action((path: string, options: VerifyOptions, command: Command) =>
      run(verify(path, options, terminalOf(command))),
    );
}

async function build(
  paths: readonly string[],
  { output, revision, provenance }: BuildOptions,
  terminal: Terminal,
): Promise<number> {
  if (!/^\d{1,15}$/.test(revision)) throw new CommandFailure("--revision is a whole number");
  const compiled = compileSources(paths, terminal.hasColors);
  const { sources, data } = readPolicyFiles(paths);
  const { vectors, diagnostics } = recordVectors(compiled, await loadFrontEnds());
  if (diagnostics.some(({ severity }) => severity === "error"))
    throw new CommandFailure(
      renderDiagnostics(diagnostics, sources, { colors: terminal.hasColors }),
      exitCode.findings,
    );
  const parts = { sources: [...sources, ...data], revision: Number(revision), vectors };
  writeFileSync(output, buildBundle(compiled.module, { ...parts, provenance: provenanceAt(provenance) }));
  return exitCode.ok;
}

/** JSON that says where the policy came from, signed along and shown by `verify`; null for none. */
function provenanceAt(path: string | undefined): unknown {
  if (path === undefined) return null;
  try {
    return JSON.parse(textOf(path));
  } catch (error) {
    throw error instanceof CommandFailure ? error : new CommandFailure(`${path} is not JSON`);
  }
}

async function sign(path: string, { key, keyId }: SignOptions): Promise<number> {
  const pem = textOf(key);
  const signed = await signBundle(bytesOf(path), pem, keyId).catch((error: unknown) => {
    throw new CommandFailure(error instanceof Error ? error.message : String(error), exitCode.findings);
  });
  writeFileSync(path, signed);
  return exitCode.ok;
}

async function verify(path: string, { key, format }: VerifyOptions, terminal: Terminal): Promise<number> {
  const opened = await openBundle(bytesOf(path), new Map([["given", textOf(key)]])).catch(() => {
    throw new CommandFailure(`${key} is no public key of Ed25519`);
  });
  if (format === "json") terminal.out(JSON.stringify(answerOf(opened), null, 2));
  else
    terminal.out(
      visible(`${path}: ${opened.ok ? `revision ${opened.manifest.revision}, signed and whole` : opened.reason}`),
    );
  return opened.ok ? exitCode.ok : exitCode.findings;
}

function answerOf(opened: OpenedBundle) {
  if (!opened.ok) return opened;
  const { manifest, vectors_count, provenance } = opened;
  const { revision, metadata } = manifest;
  return { ok: true, revision, policy_digest: metadata.policy_digest, vectors_count, provenance };
}

function bytesOf(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch {
    throw new CommandFailure(`there is no ${path}`);
  }
}

const textOf = (path: string): string => Buffer.from(bytesOf(path)).toString("utf8");
