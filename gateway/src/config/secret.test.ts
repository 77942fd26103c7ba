import { expect, test } from "vitest";
import { readSecret } from "./secret.js";

const node = (script: string) => ({ command: [process.execPath, "-e", script] });

test("a secret is what a program prints, without the last line end", () => {
  expect(readSecret(node("console.log('s3cret')"), "/")).toBe("s3cret");
  expect(readSecret(node("process.stdout.write(process.cwd())"), "/usr")).toBe("/usr");
  expect(readSecret({ command: ["echo", "$HOME; id"] }, "/")).toBe("$HOME; id"); // No shell reads it.
});

test.each([
  ["is not there", { command: ["no-such-program"] }, "the command no-such-program failed"],
  ["fails", node("console.log('s3cret'); process.exit(1)"), `the command ${process.execPath} failed`],
  ["prints nothing", node(""), `the command ${process.execPath} printed nothing`],
  ["prints too much", node("process.stdout.write('s3cret'.repeat(20000))"), `the command ${process.execPath} failed`],
])("a program that %s: said without a word of what it printed", (_name, secret, message) => {
  expect(() => readSecret(secret, "/")).toThrow(new Error(message));
});
