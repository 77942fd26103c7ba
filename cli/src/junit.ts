import { locate, type SourceFile, type VerificationResult } from "@hpl/compiler";

/**
 * Results as JUnit XML, in the shape that CI servers read: a suite a module, a case a `hit`, `miss` or test, the finding as the
 * text of its failure. https://github.com/testmoapp/junitxml describes the format, which has no standard of its own.
 */
export function toJUnit(
  results: readonly VerificationResult[],
  sources: readonly SourceFile[],
  render: (result: VerificationResult) => string,
): string {
  const modules = [...new Set(results.map(moduleOf))];
  const suites = modules.map((module) => {
    const own = results.filter((result) => moduleOf(result) === module);
    const cases = own.map((result) => caseOf(result, sources, render));
    return element("testsuite", { name: module, ...countsOf(own) }, cases.join(""));
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element("testsuites", countsOf(results), suites.join(""))}`;
}

const moduleOf = ({ id }: VerificationResult): string => id.slice(0, id.indexOf("/"));

function countsOf(results: readonly VerificationResult[]) {
  const count = (outcome: VerificationResult["outcome"]) => results.filter((each) => each.outcome === outcome).length;
  return { tests: results.length, failures: count("failed"), skipped: count("not run") };
}

function caseOf(
  result: VerificationResult,
  sources: readonly SourceFile[],
  render: (result: VerificationResult) => string,
): string {
  const { file, line } = locate(result.span, sources);
  const [first] = result.diagnostics;
  const name = `${result.kind} ${result.id.slice(result.id.indexOf("/") + 1)} (${file}:${line})`;
  const below =
    result.outcome === "failed"
      ? element("failure", { message: first?.message ?? "failed", type: first?.code ?? "" }, escapeXml(render(result)))
      : result.outcome === "not run"
        ? element("skipped", { message: first?.message ?? "not run" }, "")
        : "";
  return element("testcase", { classname: moduleOf(result), name, file, line }, below);
}

function element(name: string, attributes: Readonly<Record<string, string | number>>, content: string): string {
  const pairs = Object.entries(attributes).map(([key, value]) => ` ${key}="${escapeXml(String(value))}"`);
  return `<${name}${pairs.join("")}>${content}</${name}>\n`;
}

// Control characters other than tab and line ends may not stand in XML 1.0 at all.
const escapeXml = (text: string): string =>
  text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is replaced.
    .replaceAll(/[\0-\x08\x0B\x0C\x0E-\x1F\uFFFE\uFFFF]/g, "\u25A1")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
