import { readFileSync } from "node:fs";
import { type Connection, loadPolicy, type Principal, rememberFacts, type Session } from "@hpl/runtime";
import { loadPostgres, postgresFrontEnd } from "@hpl/runtime/sql";

/** The policy in the module at `path`, ready to decide on statements of PostgreSQL. */
export async function openDecider(path: string) {
  const loaded = loadPolicy(new Uint8Array(readFileSync(path)));
  if (!loaded.ok) throw new Error(`${loaded.failure.code}: ${loaded.failure.message}`);
  await loadPostgres();
  const frontEnd = rememberFacts(postgresFrontEnd);
  return (principal: Principal, connection: Connection, facts: Session) => {
    const session = loaded.policy.session(principal, connection);
    const context = { dialect: "postgres", catalog: null, server_version: 18 } as const;
    return (text: string) => {
      const { actions } = frontEnd.analyse(text, context);
      return session.decide(actions, { session: facts, now: Date.now() });
    };
  };
}
