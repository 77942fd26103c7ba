import type { Request } from "@hpl/runtime/facts";

/** As `hpl eval --request` takes it. */
export function askable({ principal, connection, session, now, actions }: Request, text: string | null): object {
  const [action] = actions;
  if (action === undefined || action.opaque) return { principal, connection, session, now };
  const asked =
    text === null
      ? { [action.family]: action.facts }
      : action.family === "sql"
        ? { sql: { dialect: "postgres", text } }
        : { shell: { text } };
  return { id: "counterexample", principal, connection, session, now, action: asked };
}
