import { type Catalog, type Policy, type ReadRequest, readRequest, zoneOffsets } from "@hpl/runtime";
import type { Command } from "commander";
import { CommandFailure } from "./exit-code.js";
import { parseJsonOption, readFileOption } from "./requests.js";

/** The options of a verb that asks about one request. */
export interface RequestOptions {
  readonly sql?: string;
  readonly shell?: string;
  readonly text?: string;
  readonly request?: string;
  readonly dialect?: string;
  readonly principal: string;
  readonly connection: string;
  readonly session: string;
  readonly catalog?: string;
  readonly now?: string;
}

export const addRequestOptions = (command: Command): Command =>
  command
    .option("--sql <text>", "ask about a SQL text")
    .option("--shell <text>", "ask about a shell command line")
    .option("--text <text>", "ask about plain text")
    .option("--request <file>", "ask about a request in a JSON file, - for standard input")
    .option(
      "--dialect <name>",
      "SQL dialect: postgres, mysql (or mariadb), bigquery (default: by the kind of the connection)",
    )
    .option("--principal <json>", "who asks", "{}")
    .option("--connection <json>", "on what", "{}")
    .option("--session <json>", "over what", "{}")
    .option("--catalog <file>", "catalog of the database; without one names mean plain tables as written")
    .option("--now <time>", "time of the request, RFC 3339 (default: the present)");

/** How many of the ways to ask were used. */
export const questionsCount = ({ sql, shell, text, request }: RequestOptions): number =>
  [sql, shell, text, request].filter((each) => each !== undefined).length;

/**
 * The request that the options describe, in the shape of a line of NDJSON, with the offsets of the time zones that `policy`
 * asks for. A request file says itself what it knows.
 */
export function readAskedRequest(options: RequestOptions, catalog: Catalog | null, policy: Policy): ReadRequest {
  if (options.request !== undefined)
    return readRequest(parseJsonOption(readFileOption(options.request), options.request), catalog);
  const now = parseTime(options.now);
  return readRequest(
    {
      principal: parseJsonOption(options.principal, "--principal"),
      connection: parseJsonOption(options.connection, "--connection"),
      session: parseJsonOption(options.session, "--session"),
      now,
      zones: zoneOffsets(policy.meta.zones, now),
      action: actionOf(options),
    },
    catalog,
  );
}

function actionOf({ sql, shell, text, dialect }: RequestOptions): unknown {
  if (sql !== undefined) return { sql: { ...(dialect === undefined ? {} : { dialect }), text: sql } };
  return shell === undefined ? { text } : { shell: { text: shell } };
}

function parseTime(text: string | undefined): number {
  const time = text === undefined ? Date.now() : Date.parse(text);
  if (Number.isNaN(time)) throw new CommandFailure(`--now is not a time: ${text}`);
  return time;
}
