// Generated from spec/facts by scripts/generate-facts.mjs. Do not edit.
import type { Fact, FactList } from "./fact.js";

/**
 * Who acts: a person, an agent or a service.
 */
export interface Principal {
/**
 * Stable identifier given by the issuer.
 */
readonly id: Fact<string>
/**
 * Who vouches for the identity.
 */
readonly issuer: Fact<string>
/**
 * A person, an AI agent, or a program.
 */
readonly kind: Fact<"human" | "agent" | "service">
/**
 * Verified e-mail address.
 */
readonly email?: Fact<string>
/**
 * The principal's own groups, by the identity provider's names.
 */
readonly groups: FactList<string>
/**
 * Further claims of the identity token.
 */
readonly claims?: Fact<{ readonly [name: string]: Fact<string> }>
/**
 * The person an agent acts for.
 */
readonly on_behalf_of?: Fact<string>
/**
 * Whether a second factor was used.
 */
readonly mfa: Fact<boolean>
}

/**
 * The authenticated connection the request came over.
 */
export interface Session {
/**
 * Identifier of the session.
 */
readonly id: Fact<string>
/**
 * Client address.
 */
readonly ip: Fact<string>
/**
 * What the client calls itself.
 */
readonly client: Fact<string>
/**
 * How the session was opened.
 */
readonly origin: Fact<"cli" | "web" | "native" | "mcp" | "ci">
/**
 * Whether a transaction is open.
 */
readonly in_transaction: Fact<boolean>
/**
 * Whether the principal runs in a sandbox.
 */
readonly sandboxed: Fact<boolean>
/**
 * Grants in force, by the ids policies give them: `module.name`.
 */
readonly grants: FactList<string>
/**
 * Counts so far, by the ids policies give them: `module.name`. A count that is missing is unknown.
 */
readonly counters: Fact<{ readonly [name: string]: Fact<number> }>
}

/**
 * What the principal is connected to.
 */
export interface Connection {
/**
 * Name in the gateway's configuration.
 */
readonly name: Fact<string>
/**
 * What sort of system it is.
 */
readonly kind: Fact<"postgres" | "mysql" | "bigquery" | "host" | "kubernetes" | "http">
/**
 * Database name, where the kind has one.
 */
readonly database?: Fact<string>
/**
 * Environment. Its members are an `attribute` of the policy: prod, staging and dev unless it declares others. Any other text is unknown.
 */
readonly env: Fact<string>
/**
 * Labels set in the gateway's configuration.
 */
readonly labels?: Fact<{ readonly [name: string]: Fact<string> }>
}

/**
 * Who acts, over which session, on which connection, and when. Part of every request, whatever the family of its actions.
 */
export interface CommonFacts {
/**
 * Who acts: a person, an agent or a service.
 */
readonly principal: Fact<Principal>
/**
 * The authenticated connection the request came over.
 */
readonly session: Fact<Session>
/**
 * What the principal is connected to.
 */
readonly connection: Fact<Connection>
/**
 * Milliseconds since 1970-01-01T00:00Z, given with the request. Unknown without it.
 */
readonly now: Fact<number>
}

/**
 * One ref update, or one use of a remote.
 */
export interface GitFacts {
/**
 * What is done.
 */
readonly verb: Fact<"push" | "fetch" | "clone">
/**
 * Remote, as named or as a URL.
 */
readonly remote: Fact<string>
/**
 * Full name of the remote ref.
 */
readonly ref: Fact<string>
/**
 * Whether history may be rewritten.
 */
readonly force: Fact<boolean>
/**
 * Whether the ref is removed.
 */
readonly delete: Fact<boolean>
/**
 * Whether all of the above is certain.
 */
readonly complete: Fact<boolean>
/**
 * Why something is not certain.
 */
readonly reasons: FactList<string>
}

/**
 * One HTTP request.
 */
export interface HttpFacts {
/**
 * Upper-case method.
 */
readonly method: Fact<string>
/**
 * Lower-case host name.
 */
readonly host: Fact<string>
/**
 * Normalised path.
 */
readonly path: Fact<string>
/**
 * Whether all of the above is certain.
 */
readonly complete: Fact<boolean>
/**
 * Why something is not certain.
 */
readonly reasons: FactList<string>
}

/**
 * One Kubernetes API request, from the wire or from a command.
 */
export interface KubernetesFacts {
/**
 * API verb.
 */
readonly verb: Fact<"get" | "list" | "watch" | "create" | "update" | "patch" | "delete" | "deletecollection" | "connect" | "impersonate">
/**
 * What the request does.
 */
readonly effect: Fact<"read" | "write" | "delete" | "exec">
/**
 * Plural resource name.
 */
readonly resource: Fact<string>
/**
 * Subresource.
 */
readonly subresource?: Fact<string>
/**
 * Whether the request stays inside a namespace.
 */
readonly scope: Fact<"namespaced" | "cluster">
/**
 * Namespace; empty for a cluster-wide request.
 */
readonly namespace: Fact<string>
/**
 * Whether all of the above is certain.
 */
readonly complete: Fact<boolean>
/**
 * Why something is not certain.
 */
readonly reasons: FactList<string>
}

/**
 * One simple command, after wrappers and redirections have been seen through.
 */
export interface ShellFacts {
/**
 * Name of the program that runs.
 */
readonly program: Fact<string>
/**
 * Arguments as the program receives them, its name first.
 */
readonly argv: FactList<string>
/**
 * What the command does.
 */
readonly effects: FactList<"read" | "write" | "delete" | "exec" | "network" | "secret_read" | "export" | "identity" | "config">
/**
 * Canonical paths the command works on.
 */
readonly paths: FactList<string>
/**
 * Whether it runs code that nobody can see before it runs.
 */
readonly runs_unknown_code: Fact<boolean>
/**
 * Whether program, effects and paths are certain.
 */
readonly complete: Fact<boolean>
/**
 * Why something is not certain.
 */
readonly reasons: FactList<string>
}

export interface SqlRelation {
/**
 * Database, where the text names one.
 */
readonly catalog?: Fact<string>
/**
 * Schema, from the text or by search path.
 */
readonly schema: Fact<string>
/**
 * Name as the server folds it.
 */
readonly name: Fact<string>
/**
 * What is done to it.
 */
readonly access: Fact<"read" | "write" | "create" | "drop" | "alter" | "truncate" | "grant" | "lock">
/**
 * Where it stands in the statement.
 */
readonly via: Fact<"from" | "target" | "returning" | "reference" | "view" | "object">
/**
 * Whether the catalog knows it.
 */
readonly resolved: Fact<boolean>
}

export interface SqlTarget {
/**
 * `schema.name`.
 */
readonly relation: Fact<string>
/**
 * Schema.
 */
readonly schema: Fact<string>
/**
 * Table.
 */
readonly name: Fact<string>
/**
 * What happens to its rows.
 */
readonly change: Fact<"insert" | "update" | "delete" | "merge">
/**
 * Whether a condition that can be false limits the rows. Unknown when it cannot be told.
 */
readonly restricted: Fact<boolean>
/**
 * Whether the condition is an equality with a primary key.
 */
readonly by_key: Fact<boolean>
}

export interface SqlColumn {
/**
 * Name the client sees.
 */
readonly name: Fact<string>
/**
 * `schema.table.column` of every value that flows in.
 */
readonly sources: FactList<string>
/**
 * Whether the value is one source column, unchanged.
 */
readonly exact: Fact<boolean>
}

export interface SqlFunction {
/**
 * Schema, `pg_catalog` for built-in ones.
 */
readonly schema: Fact<string>
/**
 * Name.
 */
readonly name: Fact<string>
/**
 * Whether its effects are known.
 */
readonly known: Fact<boolean>
}

/**
 * One SQL statement: what the server would do, not what the text says.
 */
export interface SqlFacts {
/**
 * Grammar the text was read with.
 */
readonly dialect: Fact<"postgres" | "mysql" | "bigquery">
/**
 * Verb of the statement. Prefer `effects`: a `select` can write.
 */
readonly kind: Fact<"select" | "insert" | "update" | "delete" | "merge" | "truncate" | "create" | "drop" | "alter" | "rename" | "comment" | "grant" | "revoke" | "role" | "copy" | "call" | "do" | "explain" | "prepare" | "execute" | "deallocate" | "declare" | "fetch" | "close" | "set" | "show" | "reset" | "discard" | "transaction" | "lock" | "listen" | "notify" | "unlisten" | "vacuum" | "analyze" | "reindex" | "cluster" | "checkpoint" | "refresh" | "load" | "maintenance" | "other">
/**
 * Everything the statement does, nested statements and functions included. Open when something in it is not known.
 */
readonly effects: FactList<"read" | "write" | "create" | "drop" | "alter" | "truncate" | "grant" | "exec" | "file_read" | "file_write" | "network" | "identity" | "config" | "lock" | "transaction" | "dynamic">
/**
 * Tables and views the statement touches.
 */
readonly relations: FactList<SqlRelation>
/**
 * Tables whose rows the statement changes.
 */
readonly targets: FactList<SqlTarget>
/**
 * Output columns in order, with the table columns their values come from.
 */
readonly columns: FactList<SqlColumn>
/**
 * Whether `columns` and `predicate_columns` are all there is.
 */
readonly columns_complete: Fact<boolean>
/**
 * `schema.table.column` of every column that influences the statement otherwise than as an output value: conditions, joins, grouping, ordering, values written elsewhere.
 */
readonly predicate_columns: FactList<string>
/**
 * Functions called.
 */
readonly functions: FactList<SqlFunction>
/**
 * Literal LIMIT of the outermost query.
 */
readonly limit?: Fact<number>
/**
 * Whether kind, effects and relations are certain.
 */
readonly complete: Fact<boolean>
/**
 * Why something is not certain.
 */
readonly reasons: FactList<string>
}

/** The fact schemas, by file name. */
export const factSchemas = {
  "common": {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "https://hpl.dev/facts/common.schema.json",
    "title": "CommonFacts",
    "description": "Who acts, over which session, on which connection, and when. Part of every request, whatever the family of its actions.",
    "type": "object",
    "additionalProperties": false,
    "required": [
      "principal",
      "session",
      "connection",
      "now"
    ],
    "properties": {
      "principal": {
        "title": "Principal",
        "description": "Who acts: a person, an agent or a service.",
        "type": "object",
        "additionalProperties": false,
        "required": [
          "id",
          "issuer",
          "kind",
          "groups",
          "mfa"
        ],
        "properties": {
          "id": {
            "type": "string",
            "description": "Stable identifier given by the issuer.",
            "examples": [
              "alice"
            ]
          },
          "issuer": {
            "type": "string",
            "description": "Who vouches for the identity.",
            "examples": [
              "static"
            ]
          },
          "kind": {
            "enum": [
              "human",
              "agent",
              "service"
            ],
            "description": "A person, an AI agent, or a program."
          },
          "email": {
            "type": "string",
            "x-hpl-format": "email",
            "description": "Verified e-mail address."
          },
          "groups": {
            "type": "array",
            "items": {
              "type": "string"
            },
            "description": "The principal's own groups, by the identity provider's names."
          },
          "claims": {
            "type": "object",
            "additionalProperties": {
              "type": "string"
            },
            "description": "Further claims of the identity token."
          },
          "on_behalf_of": {
            "type": "string",
            "description": "The person an agent acts for."
          },
          "mfa": {
            "type": "boolean",
            "description": "Whether a second factor was used."
          }
        }
      },
      "session": {
        "title": "Session",
        "description": "The authenticated connection the request came over.",
        "type": "object",
        "additionalProperties": false,
        "required": [
          "id",
          "ip",
          "client",
          "origin",
          "in_transaction",
          "sandboxed",
          "grants",
          "counters"
        ],
        "properties": {
          "id": {
            "type": "string",
            "description": "Identifier of the session."
          },
          "ip": {
            "type": "string",
            "x-hpl-format": "ip",
            "description": "Client address."
          },
          "client": {
            "type": "string",
            "description": "What the client calls itself.",
            "examples": [
              "psql"
            ]
          },
          "origin": {
            "enum": [
              "cli",
              "web",
              "native",
              "mcp",
              "ci"
            ],
            "description": "How the session was opened."
          },
          "in_transaction": {
            "type": "boolean",
            "description": "Whether a transaction is open."
          },
          "sandboxed": {
            "type": "boolean",
            "description": "Whether the principal runs in a sandbox."
          },
          "grants": {
            "type": "array",
            "items": {
              "type": "string"
            },
            "description": "Grants in force, by the ids policies give them: `module.name`."
          },
          "counters": {
            "type": "object",
            "additionalProperties": {
              "type": "integer"
            },
            "x-hpl-required-keys": true,
            "description": "Counts so far, by the ids policies give them: `module.name`. A count that is missing is unknown."
          }
        }
      },
      "connection": {
        "title": "Connection",
        "description": "What the principal is connected to.",
        "type": "object",
        "additionalProperties": false,
        "required": [
          "name",
          "kind",
          "env"
        ],
        "properties": {
          "name": {
            "type": "string",
            "description": "Name in the gateway's configuration.",
            "examples": [
              "orders"
            ]
          },
          "kind": {
            "enum": [
              "postgres",
              "mysql",
              "bigquery",
              "host",
              "kubernetes",
              "http"
            ],
            "description": "What sort of system it is."
          },
          "database": {
            "type": "string",
            "description": "Database name, where the kind has one."
          },
          "env": {
            "type": "string",
            "description": "Environment. Its members are an `attribute` of the policy: prod, staging and dev unless it declares others. Any other text is unknown."
          },
          "labels": {
            "type": "object",
            "additionalProperties": {
              "type": "string"
            },
            "description": "Labels set in the gateway's configuration."
          }
        }
      },
      "now": {
        "type": "integer",
        "x-hpl-type": "Time",
        "description": "Milliseconds since 1970-01-01T00:00Z, given with the request. Unknown without it."
      }
    }
  },
  "git": {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "https://hpl.dev/facts/git.schema.json",
    "title": "GitFacts",
    "description": "One ref update, or one use of a remote.",
    "x-hpl-family": "git",
    "x-hpl-root": "git",
    "type": "object",
    "additionalProperties": false,
    "required": [
      "verb",
      "remote",
      "ref",
      "force",
      "delete",
      "complete",
      "reasons"
    ],
    "properties": {
      "verb": {
        "enum": [
          "push",
          "fetch",
          "clone"
        ],
        "description": "What is done."
      },
      "remote": {
        "type": "string",
        "description": "Remote, as named or as a URL."
      },
      "ref": {
        "type": "string",
        "x-hpl-format": "path",
        "description": "Full name of the remote ref.",
        "examples": [
          "refs/heads/main"
        ]
      },
      "force": {
        "type": "boolean",
        "description": "Whether history may be rewritten."
      },
      "delete": {
        "type": "boolean",
        "description": "Whether the ref is removed."
      },
      "complete": {
        "type": "boolean",
        "x-hpl-knowledge": true,
        "description": "Whether all of the above is certain."
      },
      "reasons": {
        "type": "array",
        "items": {
          "type": "string"
        },
        "x-hpl-knowledge": true,
        "description": "Why something is not certain."
      }
    }
  },
  "http": {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "https://hpl.dev/facts/http.schema.json",
    "title": "HttpFacts",
    "description": "One HTTP request.",
    "x-hpl-family": "http",
    "x-hpl-root": "http",
    "type": "object",
    "additionalProperties": false,
    "required": [
      "method",
      "host",
      "path",
      "complete",
      "reasons"
    ],
    "properties": {
      "method": {
        "type": "string",
        "description": "Upper-case method.",
        "examples": [
          "GET"
        ]
      },
      "host": {
        "type": "string",
        "x-hpl-format": "host",
        "description": "Lower-case host name."
      },
      "path": {
        "type": "string",
        "x-hpl-format": "url_path",
        "description": "Normalised path."
      },
      "complete": {
        "type": "boolean",
        "x-hpl-knowledge": true,
        "description": "Whether all of the above is certain."
      },
      "reasons": {
        "type": "array",
        "items": {
          "type": "string"
        },
        "x-hpl-knowledge": true,
        "description": "Why something is not certain."
      }
    }
  },
  "k8s": {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "https://hpl.dev/facts/k8s.schema.json",
    "title": "KubernetesFacts",
    "description": "One Kubernetes API request, from the wire or from a command.",
    "x-hpl-family": "k8s",
    "x-hpl-root": "k8s",
    "type": "object",
    "additionalProperties": false,
    "required": [
      "verb",
      "effect",
      "resource",
      "scope",
      "namespace",
      "complete",
      "reasons"
    ],
    "properties": {
      "verb": {
        "enum": [
          "get",
          "list",
          "watch",
          "create",
          "update",
          "patch",
          "delete",
          "deletecollection",
          "connect",
          "impersonate"
        ],
        "description": "API verb."
      },
      "effect": {
        "enum": [
          "read",
          "write",
          "delete",
          "exec"
        ],
        "description": "What the request does."
      },
      "resource": {
        "type": "string",
        "description": "Plural resource name.",
        "examples": [
          "pods"
        ]
      },
      "subresource": {
        "type": "string",
        "description": "Subresource.",
        "examples": [
          "exec"
        ]
      },
      "scope": {
        "enum": [
          "namespaced",
          "cluster"
        ],
        "description": "Whether the request stays inside a namespace."
      },
      "namespace": {
        "type": "string",
        "description": "Namespace; empty for a cluster-wide request."
      },
      "complete": {
        "type": "boolean",
        "x-hpl-knowledge": true,
        "description": "Whether all of the above is certain."
      },
      "reasons": {
        "type": "array",
        "items": {
          "type": "string"
        },
        "x-hpl-knowledge": true,
        "description": "Why something is not certain."
      }
    }
  },
  "shell": {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "https://hpl.dev/facts/shell.schema.json",
    "title": "ShellFacts",
    "description": "One simple command, after wrappers and redirections have been seen through.",
    "x-hpl-family": "shell",
    "x-hpl-root": "command",
    "type": "object",
    "additionalProperties": false,
    "required": [
      "program",
      "argv",
      "effects",
      "paths",
      "runs_unknown_code",
      "complete",
      "reasons"
    ],
    "properties": {
      "program": {
        "type": "string",
        "description": "Name of the program that runs."
      },
      "argv": {
        "type": "array",
        "items": {
          "type": "string"
        },
        "description": "Arguments as the program receives them, its name first."
      },
      "effects": {
        "type": "array",
        "items": {
          "enum": [
            "read",
            "write",
            "delete",
            "exec",
            "network",
            "secret_read",
            "export",
            "identity",
            "config"
          ]
        },
        "description": "What the command does."
      },
      "paths": {
        "type": "array",
        "items": {
          "type": "string",
          "x-hpl-format": "path"
        },
        "description": "Canonical paths the command works on."
      },
      "runs_unknown_code": {
        "type": "boolean",
        "description": "Whether it runs code that nobody can see before it runs."
      },
      "complete": {
        "type": "boolean",
        "x-hpl-knowledge": true,
        "description": "Whether program, effects and paths are certain."
      },
      "reasons": {
        "type": "array",
        "items": {
          "type": "string"
        },
        "x-hpl-knowledge": true,
        "description": "Why something is not certain."
      }
    }
  },
  "sql": {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "https://hpl.dev/facts/sql.schema.json",
    "title": "SqlFacts",
    "description": "One SQL statement: what the server would do, not what the text says.",
    "x-hpl-family": "sql",
    "x-hpl-root": "statement",
    "type": "object",
    "additionalProperties": false,
    "required": [
      "dialect",
      "kind",
      "effects",
      "relations",
      "targets",
      "columns",
      "columns_complete",
      "predicate_columns",
      "functions",
      "complete",
      "reasons"
    ],
    "properties": {
      "dialect": {
        "enum": [
          "postgres",
          "mysql",
          "bigquery"
        ],
        "description": "Grammar the text was read with."
      },
      "kind": {
        "enum": [
          "select",
          "insert",
          "update",
          "delete",
          "merge",
          "truncate",
          "create",
          "drop",
          "alter",
          "rename",
          "comment",
          "grant",
          "revoke",
          "role",
          "copy",
          "call",
          "do",
          "explain",
          "prepare",
          "execute",
          "deallocate",
          "declare",
          "fetch",
          "close",
          "set",
          "show",
          "reset",
          "discard",
          "transaction",
          "lock",
          "listen",
          "notify",
          "unlisten",
          "vacuum",
          "analyze",
          "reindex",
          "cluster",
          "checkpoint",
          "refresh",
          "load",
          "maintenance",
          "other"
        ],
        "description": "Verb of the statement. Prefer `effects`: a `select` can write."
      },
      "effects": {
        "type": "array",
        "items": {
          "enum": [
            "read",
            "write",
            "create",
            "drop",
            "alter",
            "truncate",
            "grant",
            "exec",
            "file_read",
            "file_write",
            "network",
            "identity",
            "config",
            "lock",
            "transaction",
            "dynamic"
          ]
        },
        "description": "Everything the statement does, nested statements and functions included. Open when something in it is not known."
      },
      "relations": {
        "type": "array",
        "description": "Tables and views the statement touches.",
        "items": {
          "title": "SqlRelation",
          "type": "object",
          "additionalProperties": false,
          "required": [
            "schema",
            "name",
            "access",
            "via",
            "resolved"
          ],
          "properties": {
            "catalog": {
              "type": "string",
              "description": "Database, where the text names one."
            },
            "schema": {
              "type": "string",
              "description": "Schema, from the text or by search path."
            },
            "name": {
              "type": "string",
              "description": "Name as the server folds it."
            },
            "access": {
              "enum": [
                "read",
                "write",
                "create",
                "drop",
                "alter",
                "truncate",
                "grant",
                "lock"
              ],
              "description": "What is done to it."
            },
            "via": {
              "enum": [
                "from",
                "target",
                "returning",
                "reference",
                "view",
                "object"
              ],
              "description": "Where it stands in the statement."
            },
            "resolved": {
              "type": "boolean",
              "x-hpl-knowledge": true,
              "description": "Whether the catalog knows it."
            }
          }
        }
      },
      "targets": {
        "type": "array",
        "description": "Tables whose rows the statement changes.",
        "items": {
          "title": "SqlTarget",
          "type": "object",
          "additionalProperties": false,
          "required": [
            "relation",
            "schema",
            "name",
            "change",
            "restricted",
            "by_key"
          ],
          "properties": {
            "relation": {
              "type": "string",
              "x-hpl-format": "sql_name",
              "description": "`schema.name`."
            },
            "schema": {
              "type": "string",
              "description": "Schema."
            },
            "name": {
              "type": "string",
              "description": "Table."
            },
            "change": {
              "enum": [
                "insert",
                "update",
                "delete",
                "merge"
              ],
              "description": "What happens to its rows."
            },
            "restricted": {
              "type": "boolean",
              "description": "Whether a condition that can be false limits the rows. Unknown when it cannot be told."
            },
            "by_key": {
              "type": "boolean",
              "description": "Whether the condition is an equality with a primary key."
            }
          }
        }
      },
      "columns": {
        "type": "array",
        "description": "Output columns in order, with the table columns their values come from.",
        "items": {
          "title": "SqlColumn",
          "type": "object",
          "additionalProperties": false,
          "required": [
            "name",
            "sources",
            "exact"
          ],
          "properties": {
            "name": {
              "type": "string",
              "description": "Name the client sees."
            },
            "sources": {
              "type": "array",
              "items": {
                "type": "string",
                "x-hpl-format": "sql_name"
              },
              "description": "`schema.table.column` of every value that flows in."
            },
            "exact": {
              "type": "boolean",
              "x-hpl-knowledge": true,
              "description": "Whether the value is one source column, unchanged."
            }
          }
        }
      },
      "columns_complete": {
        "type": "boolean",
        "x-hpl-knowledge": true,
        "description": "Whether `columns` and `predicate_columns` are all there is."
      },
      "predicate_columns": {
        "type": "array",
        "items": {
          "type": "string",
          "x-hpl-format": "sql_name"
        },
        "description": "`schema.table.column` of every column that influences the statement otherwise than as an output value: conditions, joins, grouping, ordering, values written elsewhere."
      },
      "functions": {
        "type": "array",
        "description": "Functions called.",
        "items": {
          "title": "SqlFunction",
          "type": "object",
          "additionalProperties": false,
          "required": [
            "schema",
            "name",
            "known"
          ],
          "properties": {
            "schema": {
              "type": "string",
              "description": "Schema, `pg_catalog` for built-in ones."
            },
            "name": {
              "type": "string",
              "description": "Name."
            },
            "known": {
              "type": "boolean",
              "x-hpl-knowledge": true,
              "description": "Whether its effects are known."
            }
          }
        }
      },
      "limit": {
        "type": "integer",
        "description": "Literal LIMIT of the outermost query."
      },
      "labels": {
        "type": "array",
        "items": {
          "type": "string",
          "x-hpl-type": "Label"
        },
        "x-hpl-derived": true,
        "description": "Labels of every column the statement touches; worked out by the policy."
      },
      "output_labels": {
        "type": "array",
        "items": {
          "type": "string",
          "x-hpl-type": "Label"
        },
        "x-hpl-derived": true,
        "description": "Labels of the output columns."
      },
      "predicate_labels": {
        "type": "array",
        "items": {
          "type": "string",
          "x-hpl-type": "Label"
        },
        "x-hpl-derived": true,
        "description": "Labels of `predicate_columns`."
      },
      "complete": {
        "type": "boolean",
        "x-hpl-knowledge": true,
        "description": "Whether kind, effects and relations are certain."
      },
      "reasons": {
        "type": "array",
        "items": {
          "type": "string"
        },
        "x-hpl-knowledge": true,
        "description": "Why something is not certain."
      }
    }
  }
} as const;
