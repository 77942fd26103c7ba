import type { Catalog } from "../facts/index.js";

/** What the meaning of a SQL text depends on beside itself. Each front end reads the fields that its dialect has. */
export interface SqlContext {
  readonly dialect: "postgres" | "mysql" | "bigquery";
  /** Without one, names are plain tables as written; the caller marks the decision as assumed. */
  readonly catalog: Catalog | null;
  /** Major version of the server; null for the newest. */
  readonly server_version: number | null;
  /** Modes of the session; null or missing for the server's default. A mode that is not known leaves the text opaque. */
  readonly modes?: readonly string[] | null;
  /** Schema of names that name none, without a catalog. */
  readonly database?: string | null;
}
