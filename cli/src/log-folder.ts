/** Where a gateway's audit log is: given by its folder, or by the gateway's configuration. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { copyPath, loadConfig, logFolder, pathIn } from "@hpl/gateway";
import { describeProblems } from "./config-problems.js";
import { CommandFailure } from "./exit-code.js";

/** A log's folder, and the copy of its last checkpoint where that is known. */
export interface FoundLog {
  readonly log: string;
  readonly copy: string | null;
}

/** The log in `given`, its own folder or the state folder it is in; without that the one of the configuration. */
export function findLog(given: string | undefined, config: string): FoundLog {
  if (given === undefined) return logOfConfig(config);
  const log = [given, logFolder(given)].find((folder) => existsSync(join(folder, "segments")));
  if (log === undefined) throw new CommandFailure(`there is no audit log in ${given}`);
  return { log, copy: null };
}

function logOfConfig(path: string): FoundLog {
  const loaded = loadConfig(path);
  if (!loaded.ok) throw new CommandFailure(describeProblems(path, loaded.problems));
  const { config, folder } = loaded;
  const state = pathIn(folder, config.state);
  if (!existsSync(logFolder(state))) throw new CommandFailure(`there is no audit log in ${state}`);
  const named = config.audit?.checkpoint_copy;
  const copy = named === undefined ? copyPath(state) : pathIn(folder, named);
  return { log: logFolder(state), copy: existsSync(copy) ? copy : null };
}

/** A moment with its zone, or a day, which begins at midnight UTC; in milliseconds since 1970. */
export function moment(text: string): number {
  const isTime = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/.test(text);
  const time_ms = isTime ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time_ms)) throw new CommandFailure(`\`${text}\` is no time such as 2026-11-01 or 2026-11-01T09:00Z`);
  return time_ms;
}

export function wholeNumber(text: string): number {
  if (!/^[0-9]{1,15}$/.test(text)) throw new CommandFailure(`\`${text}\` is no whole number`);
  return Number(text);
}
