import type { FrontEnds } from "@hpl/runtime";
import { shellFrontEnd } from "@hpl/runtime/shell";
import { bigqueryFrontEnd, loadPostgres, mysqlFrontEnd, postgresFrontEnd } from "@hpl/runtime/sql";

/** Every front end there is, ready to be asked. Loading PostgreSQL's grammar takes some milliseconds. */
export async function loadFrontEnds(): Promise<FrontEnds> {
  await loadPostgres();
  return { postgres: postgresFrontEnd, mysql: mysqlFrontEnd, bigquery: bigqueryFrontEnd, shell: shellFrontEnd };
}
