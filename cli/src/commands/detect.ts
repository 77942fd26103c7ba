import { readFileSync } from "node:fs";
import { compile } from "@hpl/compiler";
import { type Detectors, type Finding, openDetectors } from "@hpl/runtime";
import type { Command } from "commander";
import { CommandFailure, exitCode } from "../exit-code.js";
import { readModule } from "../load-policy.js";
import { type PlacedFinding, placesIn } from "../places-in-text.js";
import { readLibraries } from "../policy-files.js";
import { inputLines } from "../requests.js";
import { openTerminal, type Terminal } from "../terminal.js";

interface DetectOptions {
  readonly policy?: string;
  readonly ndjson?: true;
  readonly format: string;
}

const examples = `
Examples:
  $ hpl detect dump.sql
  $ kubectl logs orders | hpl detect --format json
  $ hpl detect --ndjson < texts.ndjson        {"id":"1","text":"mail ann@corp.io"}
                                              {"id":"1","findings":[{"type":"email_address","start":5,"end":16}]}

What is found is never printed whole. Offsets are bytes of UTF-8, lines and characters count from 1. Exit code: 0 nothing
found, 1 something, 2 usage; with --ndjson 0 whenever the input was read.`;

export function addDetect(program: Command, run: (code: Promise<number>) => void): void {
  program
    .command("detect")
    .summary("find secrets and personal data in text")
    .description(
      "Looks through FILE, or standard input, with the detectors of a policy, or all of the standard library's, and says what it found where.",
    )
    .argument("[file]", "a text; standard input when left out or `-`")
    .option("--policy <path>", "use the detectors that masks of this policy use")
    .option("--ndjson", "one text a line on standard input, one answer a line")
    .option("--format <format>", "text or json", "text")
    .addHelpText("after", examples)
    .action((file: string | undefined, options: DetectOptions, command: Command) =>
      run(detect(file, options, openTerminal(command.optsWithGlobals().color))),
    );
}

async function detect(file: string | undefined, options: DetectOptions, terminal: Terminal): Promise<number> {
  const { ndjson, format } = options;
  if (format !== "text" && format !== "json") throw new CommandFailure(`the format is text or json, not ${format}`);
  if (ndjson && file !== undefined) throw new CommandFailure("--ndjson reads standard input: leave FILE out");
  const detectors = openFor(options.policy, terminal);
  if (ndjson) return detectLines(detectors, terminal);
  const text = readBytes(file);
  const findings = placesIn(text, detectors.detect(text));
  if (format === "json") terminal.out(JSON.stringify({ findings }));
  else for (const finding of findings) terminal.out(lineOf(finding, text, terminal));
  return findings.length === 0 ? exitCode.ok : exitCode.findings;
}

function openFor(policy: string | undefined, { hasColors }: Terminal): Detectors {
  const opened = openDetectors(policy === undefined ? standardModule() : readModule(policy, hasColors));
  if (!opened.ok)
    throw new CommandFailure(`error[${opened.failure.code}]: ${opened.failure.message}`, exitCode.findings);
  if (opened.detectors.types.length > 0) return opened.detectors;
  throw new CommandFailure(
    `no mask of ${policy} uses a detector: write \`mask "secrets" values std.detect.secrets with redact\``,
  );
}

/** A policy that is nothing but every detector of the standard library. */
function standardModule(): Uint8Array<ArrayBuffer> {
  const text = 'policy every.detector governs text\nuse std.detect\nmask "all" values detect.everything with redact\n';
  const { module } = compile({ sources: [{ path: "every-detector.hpl", text }], libraries: readLibraries() });
  if (module === null) throw new Error("HPL9001: the detectors of the standard library do not compile");
  return module;
}

function readBytes(file: string | undefined): Uint8Array {
  try {
    return readFileSync(file === undefined || file === "-" ? 0 : file);
  } catch {
    throw new CommandFailure(`${file ?? "standard input"} cannot be read`);
  }
}

async function detectLines(detectors: Detectors, terminal: Terminal): Promise<number> {
  for await (const line of inputLines()) terminal.out(JSON.stringify(answerTo(line, detectors)));
  return exitCode.ok;
}

interface Answer {
  readonly id: unknown;
  readonly findings: readonly Finding[];
  /** Why the line could not be read; then nothing was looked for. */
  readonly error?: string;
}

function answerTo(line: string, detectors: Detectors): Answer {
  const asked = parse(line);
  const id = isObject(asked) ? (asked.id ?? null) : null;
  if (!isObject(asked) || typeof asked.text !== "string")
    return { id, findings: [], error: "the line is no JSON object with a text" };
  return { id, findings: detectors.detect(new TextEncoder().encode(asked.text)) };
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

function lineOf({ type, line, character, start, end }: PlacedFinding, text: Uint8Array, { colors }: Terminal): string {
  return `${line}:${character}  ${type}  ${colors.dim(hinted(text.subarray(start, end)))}`;
}

/** Enough to find it again, and too little to use it: two characters at either end, of what has at least twelve. */
function hinted(match: Uint8Array): string {
  const characters = [...new TextDecoder().decode(match)].map((character) =>
    /[!-~]/.test(character) ? character : "·",
  );
  if (characters.length < 12) return "…";
  return `${characters.slice(0, 2).join("")}…${characters.slice(-2).join("")}`;
}
