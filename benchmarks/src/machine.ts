import { arch, cpus, platform, totalmem } from "node:os";

/** The class of this machine, in words: enough to read figures by, nothing that names it. */
export function describeMachine(): string {
  const memory_gib = Math.round(totalmem() / 1024 ** 3);
  return `${cpus().length} cores (${platform()} ${arch()}), ${memory_gib} GiB, Node ${process.versions.node}`;
}
