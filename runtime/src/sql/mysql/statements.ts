/** Every verb of MySQL and MariaDB, and who reads its statement. A verb that is not here is opaque. */
import { always, commonReaders, mysqlReaders, type Reader, type Readers } from "../skeleton/statement.js";
import { definitionReaders } from "./definitions.js";
import { executionReaders } from "./execution.js";
import { sessionReaders } from "./session.js";

/** Statements for whoever runs the server. What their words name is not read. */
const administration: readonly (readonly [string, Reader])[] = [
  ["BINLOG", always("other", ["write", "dynamic"], "binlog")],
  ["CHANGE", always("other", ["config", "network"], "replication")],
  ["CLONE", always("other", ["network", "file_read", "file_write"], "clone")],
  ["BACKUP", always("maintenance", ["lock"], "backup")],
  ["CACHE", always("maintenance", ["config"], "administration")],
  ["FLUSH", always("maintenance", ["config", "lock"], "administration")],
  ["IMPORT", always("load", ["create", "file_read"], "import")],
  ["INSTALL", always("create", ["create", "exec", "file_read"], "plugin")],
  ["UNINSTALL", always("drop", ["drop", "config"], "plugin")],
  ["KILL", always("other", ["exec"])],
  ["PURGE", always("maintenance", ["drop"], "administration")],
  ["RESET", always("reset", ["config", "drop"], "administration")],
  ["RESTART", always("other", ["exec"])],
  ["SHUTDOWN", always("other", ["exec"])],
  ["START", startTransaction],
  ["STOP", always("other", ["config"], "replication")],
];

/** START TRANSACTION; any other START is about replication. */
function startTransaction(...[cursor, scope]: Parameters<Reader>): ReturnType<Reader> {
  const isTransaction = cursor.words[cursor.at + 1] === "TRANSACTION";
  const read = isTransaction
    ? always("transaction", ["transaction"])
    : always("other", ["config", "network"], "replication");
  return read(cursor, scope);
}

export const mysqlStatements: Readers = new Map<string, Reader>([
  ...commonReaders,
  ...mysqlReaders,
  ...definitionReaders,
  ...executionReaders,
  ...sessionReaders,
  ...administration,
]);
