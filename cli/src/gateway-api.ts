import { loadConfig, pathIn } from "@hpl/gateway";
import { describeProblems } from "./config-problems.js";
import { CommandFailure, exitCode } from "./exit-code.js";
import { visible } from "./visible.js";

/** Which gateway, and as whom. */
export interface GatewayCaller {
  /** The gateway's configuration. */
  readonly config: string;
  /** A user of it; empty where the password is a token that says who it is. */
  readonly as: string;
}

/**
 * Calls the HTTP API of the gateway that runs with the configuration, with the password or token in HPL_PASSWORD. Throws what
 * it answers when it refuses.
 */
export async function callGateway(
  { config, as }: GatewayCaller,
  method: "GET" | "POST",
  path: string,
  body?: object,
): Promise<unknown> {
  const password = process.env.HPL_PASSWORD;
  if (!password) throw new CommandFailure("set HPL_PASSWORD to the user's password");
  const address = addressOf(config);
  const response = await fetch(`http://${address}${path}`, {
    method,
    headers: {
      authorization: `Basic ${Buffer.from(`${as}:${password}`).toString("base64")}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }).catch(() => {
    throw new CommandFailure(
      `no gateway answers at ${address}; start it with \`hpl gateway --config ${config}\``,
      exitCode.findings,
    );
  });
  const answer: unknown = await response.json().catch(() => null);
  if (response.ok && answer !== null) return answer;
  const error = typeof answer === "object" && answer !== null && "error" in answer ? answer.error : null;
  const message =
    typeof error === "string" ? visible(error) : `${address} answered ${response.status}, not as a gateway`;
  throw new CommandFailure(message, exitCode.findings);
}

function addressOf(path: string): string {
  const loaded = loadConfig(path);
  if (!loaded.ok) throw new CommandFailure(describeProblems(path, loaded.problems));
  const { approvals } = loaded.config;
  if (approvals === undefined) throw new CommandFailure(`${pathIn(".", path)} has no \`approvals\``);
  return approvals.listen;
}

/** The state folder of a configuration. */
export function stateOf(path: string): string {
  const { config, folder } = readConfig(path);
  return pathIn(folder, config.state);
}

/** Whether a configuration keeps approvals in a database that several gateways share. */
export const isShared = (path: string): boolean => readConfig(path).config.shared !== undefined;

function readConfig(path: string) {
  const loaded = loadConfig(path);
  if (!loaded.ok) throw new CommandFailure(describeProblems(path, loaded.problems));
  return loaded;
}
