import { readFileSync } from "node:fs";
import { type Answer, failure } from "./answer.js";

/** The page's files in the package, beside its code. They are served as they are, and need nothing from elsewhere. */
const files: Readonly<Record<string, { readonly file: string; readonly type: string }>> = {
  "/": { file: "index.html", type: "text/html; charset=utf-8" },
  "/page.css": { file: "page.css", type: "text/css; charset=utf-8" },
  "/page.js": { file: "page.js", type: "text/javascript; charset=utf-8" },
  "/elements.js": { file: "elements.js", type: "text/javascript; charset=utf-8" },
  "/replay.js": { file: "replay.js", type: "text/javascript; charset=utf-8" },
};

export const isPageFile = (path: string): boolean => Object.hasOwn(files, path);

export function pageFile(path: string): Answer {
  const found = files[path];
  if (found === undefined) return failure(404, "there is nothing here");
  const body = readFileSync(new URL(`../../web/${found.file}`, import.meta.url), "utf8");
  return { status: 200, body, type: found.type };
}
