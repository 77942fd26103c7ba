import { expect, test } from "vitest";
import { listFiles, readFile } from "./tree.js";

const files = listFiles();
const code = files.filter((path) => /\.(ts|mjs)$/.test(path) && !path.includes("generated"));

/** Lines of `file` that `pattern` matches, as `file:line`. */
const linesWith = (file: string, pattern: RegExp): readonly string[] =>
  readFile(file)
    .split("\n")
    .flatMap((line, i) => (pattern.test(line) ? [`${file}:${i + 1}`] : []));

test("nothing is left for later or switched off", () => {
  const marks = new RegExp(
    `\\b(${["TODO", "FIX" + "ME", "XXX", "HACK"].join("|")})\\b|\\b(test|it|describe)\\.(only|skip)\\b`,
  );
  const own = /^scripts\/tidy\//;
  expect(code.filter((file) => !own.test(file)).flatMap((file) => linesWith(file, marks))).toEqual([]);
});

test("no file name says nothing", () => {
  expect(files.filter((path) => /(^|\/)(utils?|helpers?|common|types|misc)(\.ts|\/)/.test(path))).toEqual([]);
});

test("files are named in kebab-case", () => {
  expect(
    code.filter(
      (path) => !/^([a-z0-9]+([.-][a-z0-9]+)*\/)*[a-z0-9]+([.-][a-z0-9]+)*$/.test(path.replace(/^\.ci\//, "")),
    ),
  ).toEqual([]);
});

test("a file holds one idea: 450 lines at most", () => {
  const long = code.filter((path) => readFile(path).split("\n").length > 450);
  expect(long).toEqual([]);
});

test("text files say nothing of the machine they were written on", () => {
  const text = files.filter((path) => /\.(ts|mjs|md|json|hpl|sql|ebnf)$/.test(path) && path !== "package-lock.json");
  const machine = new RegExp(["/work/", "/root/", "registry\\.npm"].join("|"));
  expect(text.filter((file) => !file.startsWith("scripts/tidy/")).flatMap((file) => linesWith(file, machine))).toEqual(
    [],
  );
});

test("the lock file holds no download addresses", () => {
  expect(linesWith("package-lock.json", /"resolved": "https?:/)).toEqual([]);
});
