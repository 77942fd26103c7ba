import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";

/** Text, or where to find it. */
export type Secret =
  | string
  | { readonly env: string }
  | { readonly file: string }
  | { readonly command: readonly string[] };

/** What a command that prints a secret may take: time, and bytes. */
const commandTime_ms = 10_000;
const commandSize_max = 65_536;

/** `path` as the configuration means it: relative to its own folder. */
export const pathIn = (folder: string, path: string): string => resolve(folder, path);

/** The text of a secret, never empty. Throws an error that names where it should be, never what it is. */
export function readSecret(secret: Secret, folder: string): string {
  if (typeof secret === "string") return secret;
  if ("env" in secret) {
    const value = process.env[secret.env];
    if (value === undefined || value === "") throw new Error(`the environment variable ${secret.env} is not set`);
    return value;
  }
  if ("command" in secret) return runCommand(secret.command, folder);
  const value = readTextFile(secret.file, folder).replace(/\r?\n$/, "");
  if (value === "") throw new Error(`the file ${secret.file} is empty`);
  return value;
}

/** What a program prints, without the last line end. It is started as it is, with no shell, in the configuration's folder. */
function runCommand([program = "", ...args]: readonly string[], folder: string): string {
  const value = outputOf(program, args, folder).replace(/\r?\n$/, "");
  if (value === "") throw new Error(`the command ${program} printed nothing`);
  return value;
}

function outputOf(program: string, args: readonly string[], folder: string): string {
  const limits = { timeout: commandTime_ms, maxBuffer: commandSize_max, killSignal: "SIGKILL" } as const;
  try {
    return execFileSync(program, args, {
      cwd: folder,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
      ...limits,
    });
  } catch {
    throw new Error(`the command ${program} failed`);
  }
}

/** A text file that the configuration names. Throws an error that names it, and never quotes it. */
export function readTextFile(path: string, folder: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(pathIn(folder, path)));
  } catch (error) {
    throw new Error(`the file ${path} cannot be read: ${whyOf(error)}`);
  }
}

function whyOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : null;
  if (code === "ENOENT") return "there is none";
  if (code === "EISDIR") return "it is a folder";
  return code === "ERR_ENCODING_INVALID_ENCODED_DATA" ? "it is not UTF-8" : String(code ?? "no permission");
}
