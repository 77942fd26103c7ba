import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { readSmallFile } from "./small-file.js";

/** The branch that is checked out and the names of remotes; each left out when the files do not say it for certain. */
export interface GitFiles {
  readonly branch?: string;
  readonly remotes?: readonly string[];
}

/** Variables by which Git works on something else than what stands in the folder, or with other settings. */
const redirecting =
  /^GIT_(?:DIR|WORK_TREE|COMMON_DIR|NAMESPACE|DISCOVERY_ACROSS_FILESYSTEM|CEILING_DIRECTORIES|CONFIG.*)$/;

/** Reads `.git` of the repository that `folder` is in, as https://git-scm.com/docs/gitrepository-layout describes it. */
export function branchAndRemotes(folder: string, environment: Readonly<Record<string, string | undefined>>): GitFiles {
  if (Object.keys(environment).some((name) => redirecting.test(name))) return {};
  const found = gitFolderOf(folder);
  if (found === null) return {};
  const branch = branchOf(found);
  const remotes = remotesOf(found);
  return { ...(branch === null ? {} : { branch }), ...(remotes === null ? {} : { remotes }) };
}

/** The nearest `.git` upwards; where it is a file, as in a worktree or a submodule, the folder that it names. */
function gitFolderOf(folder: string): string | null {
  for (let at = resolve(folder); ; at = dirname(at)) {
    const path = join(at, ".git");
    if (existsSync(join(path, "HEAD"))) return path;
    const named = /^gitdir: ([^\n]+)\n?$/.exec(readSmallFile(path) ?? "")?.[1];
    if (named !== undefined) return resolve(at, named);
    // A `.git` that is neither: Git may read it otherwise than we do.
    if (existsSync(path) || at === dirname(at)) return null;
  }
}

function branchOf(gitFolder: string): string | null {
  const branch = /^ref: refs\/heads\/([^\s]+)\n?$/.exec(readSmallFile(join(gitFolder, "HEAD")) ?? "")?.[1];
  // In a repository whose refs are tables, HEAD only says `.invalid`.
  return branch === undefined || branch.startsWith(".") ? null : branch;
}

function remotesOf(gitFolder: string): readonly string[] | null {
  const common = readSmallFile(join(gitFolder, "commondir"))?.trim() ?? ".";
  const config = readSmallFile(join(gitFolder, common, "config"));
  // An included file, or settings of one worktree, may name more.
  if (config === null || /^\s*\[\s*include|worktreeconfig/im.test(config)) return null;
  return [...new Set([...config.matchAll(/^\s*\[remote "((?:[^"\\])+)"\]/gim)].flatMap(([, name]) => name ?? []))];
}
