import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { compile, renderDiagnostics } from "@hpl/compiler";
import { expect, test } from "vitest";
import { listFiles, readFile, root } from "./tree.js";

/** Pages whose blocks are checked by the test of the error catalogue instead. */
const isErrorPage = (path: string): boolean => path.startsWith("docs/errors/");
const documents = listFiles().filter((path) => path.endsWith(".md") && !isErrorPage(path));

interface Block {
  readonly at: string;
  readonly language: string;
  readonly text: string;
}

const blocks: readonly Block[] = documents.flatMap((path) =>
  [...readFile(path).matchAll(/^```(\w+)\n([\s\S]*?)^```/gm)].map(([, language = "", text = ""], i) => ({
    at: `${path} block ${i + 1}`,
    language,
    text,
  })),
);

const libraries = listFiles()
  .filter((path) => path.startsWith("stdlib/") && path.endsWith(".hpl"))
  .map((path) => ({ path: path.replace("stdlib/", "std/"), text: readFile(path) }));

/** A block is one file, or several behind `# file: name` lines. */
function sourcesOf({ at, text }: Block) {
  const [first = "", ...more] = text.split(/^# file: (.+)$/m);
  const named = more.flatMap((part, i) => (i % 2 === 0 ? [{ path: part, text: more[i + 1] ?? "" }] : []));
  return [...(first.trim() === "" ? [] : [{ path: at, text: first }]), ...named];
}

test.each(blocks.filter(({ language }) => language === "hpl").map((block) => [block.at, block] as const))(
  "%s compiles",
  (_at, block) => {
    const sources = sourcesOf(block);
    const { diagnostics } = compile({ sources, libraries });
    const errors = diagnostics.filter(({ severity }) => severity === "error");
    expect(renderDiagnostics(errors, [...sources, ...libraries], { colors: false })).toBe("");
  },
);

test("TypeScript blocks compile", () => {
  const typescript = blocks.filter(({ language }) => language === "ts");
  const folder = mkdtempSync(join(root, "node_modules/.docs-"));
  try {
    typescript.forEach(({ text }, i) => {
      writeFileSync(join(folder, `block-${i}.ts`), `${text}\nexport {};\n`);
    });
    const config = {
      extends: join(root, "tsconfig.base.json"),
      compilerOptions: { noEmit: true, composite: false, types: ["node"], noUnusedLocals: false },
      include: ["*.ts"],
    };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
    if (typescript.length > 0)
      execFileSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", folder], {
        encoding: "utf8",
      });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("JSON blocks parse", () => {
  for (const { at, language, text } of blocks)
    if (language === "json") expect(() => JSON.parse(text), at).not.toThrow();
});

test("links between documents lead somewhere", () => {
  const broken = documents.flatMap((path) =>
    [...readFile(path).matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g)]
      .map(([, target = ""]) => target)
      .filter((target) => !existsSync(join(root, dirname(path), target)))
      .map((target) => `${path}: ${target}`),
  );
  expect(broken).toEqual([]);
});

test("every error code that the sources say has a page, and every page a code", () => {
  const sources = listFiles().filter(
    (path) => /^(runtime|compiler|gateway|cli)\/src\/.*\.ts$/.test(path) && !path.endsWith(".test.ts"),
  );
  const said = new Set(sources.flatMap((path) => readFile(path).match(/HPL\d{4}/g) ?? []));
  const pages = listFiles().flatMap((path) => /^docs\/errors\/(HPL\d{4})\.md$/.exec(path)?.[1] ?? []);
  expect([...said].toSorted()).toEqual(pages.toSorted());
});
