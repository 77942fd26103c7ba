import { type InspectedServer, inspectServer } from "@hpl/gateway";
import { CommandFailure } from "../exit-code.js";

/** Looks at the server at a URL, or at that in an environment variable: a URL on the command line is seen by others. */
export async function inspect(against: string): Promise<InspectedServer> {
  const name = /^env:(.+)$/.exec(against)?.[1];
  const url = name === undefined ? against : process.env[name];
  if (url === undefined || url === "") throw new CommandFailure(`the environment variable ${name} is not set`);
  try {
    return await inspectServer(url);
  } catch (error) {
    throw new CommandFailure(
      `the database cannot be looked at: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
