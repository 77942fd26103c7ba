import { type FrontEnds, textFrontEnd } from "@hpl/runtime";
import { shellFrontEnd } from "@hpl/runtime/shell";
import { bigqueryFrontEnd, loadPostgres, mysqlFrontEnd, postgresFrontEnd } from "@hpl/runtime/sql";
import { wireFrontEnd } from "@hpl/runtime/wire";

/** Every front end there is, ready to be asked. Loading PostgreSQL's grammar takes some milliseconds. */
export async function loadFrontEnds(): Promise<FrontEnds> {
  await loadPostgres();
  const sql = { postgres: postgresFrontEnd, mysql: mysqlFrontEnd, bigquery: bigqueryFrontEnd };
  return { ...sql, shell: shellFrontEnd, wire: wireFrontEnd, text: textFrontEnd };
}
