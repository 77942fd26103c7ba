import type { Tool } from "../call.js";
import type { Output } from "../walk.js";
import { bq, cloudCli, gsutil, objectCopy, terraform } from "./cloud.js";
import { awk, sed } from "./code.js";
import { mongo, redis, sqlClient } from "./databases.js";
import { docker } from "./docker.js";
import { copy, dd, environment, printenv, ssh, tar } from "./files.js";
import { find, parallel, xargs } from "./find.js";
import { git } from "./git.js";
import { gh, ghApi } from "./github.js";
import { curl, wget } from "./http-request.js";
import { shell } from "./interpreter.js";
import { helm, kubectl } from "./kubectl.js";
import { interpreter } from "./language.js";

/** What a spec's `handler` names: for programs whose arguments say more than data can. Null: the spec says what it prints. */
export type Handler = (tool: Tool) => Output | null;

export const handlers: ReadonlyMap<string, Handler> = new Map<string, Handler>([
  ["awk", awk],
  ["bq", bq],
  ["cloud", cloudCli],
  ["copy", copy],
  ["curl", curl],
  ["dd", dd],
  ["docker", docker],
  ["environment", environment],
  ["find", find],
  ["gh", gh],
  ["gh-api", ghApi],
  ["git", git],
  ["gsutil", gsutil],
  ["helm", helm],
  ["interpreter", interpreter],
  ["kubectl", kubectl],
  ["mongo", mongo],
  ["object-copy", objectCopy],
  ["parallel", parallel],
  ["printenv", printenv],
  ["redis", redis],
  ["sed", sed],
  ["shell", shell],
  ["sql", sqlClient],
  ["ssh", ssh],
  ["tar", tar],
  ["terraform", terraform],
  ["wget", wget],
  ["xargs", xargs],
]);
