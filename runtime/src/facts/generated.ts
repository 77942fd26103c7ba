// Generated from spec/facts by scripts/generate-facts.mjs. Do not edit.
import type { Fact, FactList } from "./fact.js";

/**
 * One call to a cloud or platform API.
 */
export interface CloudFacts {
/**
 * Whose API.
 */
readonly provider: Fact<"aws" | "gcp" | "azure" | "terraform" | "vault" | "github" | "other">
/**
 * Service, as its command line names it.
 */
readonly service: Fact<string>
/**
 * What is asked of it, as its command line names it.
 */
readonly verb: Fact<string>
/**
 * What it is asked about, where the command names one thing; else empty.
 */
readonly resource: Fact<string>
/**
 * Project, account profile or subscription it acts in; empty where the command names none.
 */
readonly project: Fact<string>
/**
 * Whether anything changes.
 */
readonly mutates: Fact<boolean>
/**
 * What the call does. `delete`: resources are gone. `export`: data in bulk leaves its store.
 */
readonly effects: FactList<"read" | "write" | "delete" | "exec" | "grant" | "secret_read" | "export">
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
readonly kind: Fact<"postgres" | "mysql" | "mariadb" | "bigquery" | "host" | "kubernetes" | "http" | "git" | "redis" | "mongo">
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
 * One thing done to one file or folder.
 */
export interface FsFacts {
/**
 * What is done. `write` replaces what was there.
 */
readonly op: Fact<"read" | "write" | "append" | "delete" | "move" | "permissions" | "link" | "execute">
/**
 * Canonical path: absolute where the working folder is known, without `.` and `..`. Links are not followed.
 */
readonly path: Fact<string>
/**
 * Whether everything below the path is meant.
 */
readonly recursive: Fact<boolean>
/**
 * Whether the path stays in the folder in which the request began, on the machine itself.
 */
readonly inside_workspace: Fact<boolean>
/**
 * Whether files by this name hold credentials: keys, tokens, cloud profiles, environment files.
 */
readonly secret: Fact<boolean>
/**
 * On which machine.
 */
readonly place: Fact<"local" | "remote" | "container">
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
 * One ref update, one use of a remote, or one command on a repository.
 */
export interface GitFacts {
/**
 * What is done. `read` changes nothing.
 */
readonly verb: Fact<"push" | "fetch" | "clone" | "pull" | "read" | "commit" | "merge" | "rebase" | "reset" | "clean" | "checkout" | "restore" | "stash" | "branch" | "tag" | "reflog" | "gc" | "filter" | "config" | "worktree" | "remote" | "apply" | "other">
/**
 * Remote, as named or as a URL; empty where none takes part.
 */
readonly remote: Fact<string>
/**
 * Full name of the ref: the remote one where a remote takes part. Empty where none is named or changed.
 */
readonly ref: Fact<string>
/**
 * Whether refs are meant that are not named: --all, --mirror, a wildcard.
 */
readonly all_refs: Fact<boolean>
/**
 * Whether history may be rewritten, or protection gone round.
 */
readonly force: Fact<boolean>
/**
 * Whether the ref is removed.
 */
readonly delete: Fact<boolean>
/**
 * Whether uncommitted or unpushed work may be lost.
 */
readonly discards: Fact<boolean>
/**
 * Whether options or configuration given with it make Git start a program.
 */
readonly executes: Fact<boolean>
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
 * Lower-case scheme.
 */
readonly scheme: Fact<string>
/**
 * Lower-case host name; an IPv4 address in four decimal numbers, however it was spelt.
 */
readonly host: Fact<string>
/**
 * Port.
 */
readonly port: Fact<number>
/**
 * Normalised path: decoded once, without `.` and `..`.
 */
readonly path: Fact<string>
/**
 * What follows the question mark; empty without one.
 */
readonly query: Fact<string>
/**
 * Whether the content of a file is sent.
 */
readonly uploads_file: Fact<boolean>
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
 * API group; empty for the core.
 */
readonly group: Fact<string>
/**
 * Plural resource name.
 */
readonly resource: Fact<string>
/**
 * Subresource.
 */
readonly subresource?: Fact<string>
/**
 * Name of the object; empty where all or those of a selector are meant.
 */
readonly name: Fact<string>
/**
 * Whether the request stays inside a namespace.
 */
readonly scope: Fact<"namespaced" | "cluster">
/**
 * Namespace; empty for a cluster-wide request. For a request on a namespace itself, its name.
 */
readonly namespace: Fact<string>
/**
 * Whether objects of every namespace are meant.
 */
readonly all_namespaces: Fact<boolean>
/**
 * Name of the cluster context; empty for a request on the wire.
 */
readonly context: Fact<string>
/**
 * Whether it acts as another user or group.
 */
readonly impersonates: Fact<boolean>
/**
 * Whether nothing is left running.
 */
readonly scales_to_zero: Fact<boolean>
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
 * One MongoDB command, from the wire or from a command line.
 */
export interface MongoFacts {
/**
 * Command as the wire names it, whatever a shell calls it.
 */
readonly command: Fact<string>
/**
 * Database it is sent to.
 */
readonly database: Fact<string>
/**
 * What the command does. `delete`: documents, collections or indexes are gone. `exec`: JavaScript runs in the server: $where, $function, $accumulator, mapReduce. `admin`: the server or a collection's settings. `grant`: who may do what. `identity`: who the connection is. `network`: data goes to or comes from another server.
 */
readonly effects: FactList<"read" | "write" | "delete" | "admin" | "exec" | "grant" | "identity" | "network">
/**
 * `database.collection` of every collection it names, $lookup, $unionWith, $out and $merge included.
 */
readonly collections: FactList<string>
/**
 * Those of them that it may change or remove.
 */
readonly changed_collections: FactList<string>
/**
 * Whether every update and delete in it is limited to one document or by a condition that can be false. True for what has neither, false for what is dropped; unknown when it cannot be told.
 */
readonly restricted: Fact<boolean>
/**
 * Whether command, effects and collections are certain.
 */
readonly complete: Fact<boolean>
/**
 * Why something is not certain.
 */
readonly reasons: FactList<string>
}

/**
 * One Redis command, from the wire or from a command line.
 */
export interface RedisFacts {
/**
 * Command in lower case, with its subcommand.
 */
readonly command: Fact<string>
/**
 * What the command does. `delete`: keys, or something in them, are gone. `exec`: code runs in the server. `admin`: the server itself. `grant`: who may do what. `identity`: who the connection is. `network`: data goes to or comes from another server.
 */
readonly effects: FactList<"read" | "write" | "delete" | "admin" | "exec" | "grant" | "identity" | "network">
/**
 * Keys it names. Open when there may be others: a script, `SORT .. BY`.
 */
readonly keys: FactList<string>
/**
 * Those of them that it may change or remove.
 */
readonly changed_keys: FactList<string>
/**
 * Whether keys are meant that are not named: FLUSHALL, KEYS, SCAN.
 */
readonly all_keys: Fact<boolean>
/**
 * The server's own categories, those of its access lists.
 */
readonly categories: FactList<"keyspace" | "read" | "write" | "set" | "sortedset" | "list" | "hash" | "string" | "bitmap" | "hyperloglog" | "geo" | "stream" | "pubsub" | "admin" | "fast" | "slow" | "blocking" | "dangerous" | "connection" | "transaction" | "scripting">
/**
 * Whether all of the above is certain.
 */
readonly complete: Fact<boolean>
/**
 * Why something is not certain.
 */
readonly reasons: FactList<string>
}

export interface ShellRedirect {
/**
 * How it is opened. `write` empties it first.
 */
readonly mode: Fact<"read" | "write" | "append">
/**
 * Canonical path.
 */
readonly path: Fact<string>
}

/**
 * One simple command, after wrappers and redirections have been seen through.
 */
export interface ShellFacts {
/**
 * Name of the program that runs, without its folder.
 */
readonly program: Fact<string>
/**
 * Arguments as the program receives them, its name first.
 */
readonly argv: FactList<string>
/**
 * Words that choose what the program does, joined by blanks; empty for a program that has none.
 */
readonly subcommand: Fact<string>
/**
 * Flags given, each by its longest name, however it was spelt. Switched off (`--x=false`) is not given.
 */
readonly flags: FactList<string>
/**
 * Programs that start this one, outermost first: `sudo`, `xargs`, `sh`, `ssh`.
 */
readonly wrappers: FactList<string>
/**
 * Names of environment variables set or removed for this command alone.
 */
readonly env: FactList<string>
/**
 * Where its input comes from: `none` is the terminal or the caller's, `text` stands in the line itself.
 */
readonly stdin: Fact<"none" | "text" | "file" | "pipe">
/**
 * Files the shell opens for it.
 */
readonly redirects: FactList<ShellRedirect>
/**
 * What the command does; `read`, which includes printing, is the least. `destroy`: infrastructure, services or a host's state are gone. `discard`: uncommitted or unpushed work may be lost. `grant`: changes who may do what.
 */
readonly effects: FactList<"read" | "write" | "delete" | "exec" | "network" | "secret_read" | "export" | "identity" | "config" | "grant" | "destroy" | "discard">
/**
 * Canonical paths the command works on.
 */
readonly paths: FactList<string>
/**
 * Code it runs that is not shell: `project` is a build or test of the project, `package` comes from a package registry, `file` a script in a file, `inline` stands in the line in another language, `fetched` comes from the network, `unknown` cannot be seen before it runs.
 */
readonly code: FactList<"project" | "package" | "file" | "inline" | "fetched" | "unknown">
/**
 * Whether it runs code that nobody can see before it runs.
 */
readonly runs_unknown_code: Fact<boolean>
/**
 * Whether it runs as another user by sudo, su or the like.
 */
readonly privileged: Fact<boolean>
/**
 * Where it runs.
 */
readonly place: Fact<"local" | "remote" | "container">
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
 * What the server expects the statement to cost, from a plan or a dry run that came with the request. Unknown when nobody asked.
 */
export interface SqlEstimate {
/**
 * Rows of the result.
 */
readonly rows: Fact<number>
/**
 * Bytes that are read, or the most that may be where the request sets a ceiling: BigQuery's `maximumBytesBilled`.
 */
readonly bytes: Fact<number>
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
 * Every name in the statement's own text, in small letters, whatever it stands for: tables, columns, aliases, functions, keywords. More than it touches, never less; open where not all of it is understood.
 */
readonly identifiers: FactList<string>
/**
 * Literal LIMIT of the outermost query.
 */
readonly limit?: Fact<number>
/**
 * What the server expects the statement to cost, from a plan or a dry run that came with the request. Unknown when nobody asked.
 */
readonly estimate: Fact<SqlEstimate>
/**
 * Whether kind, effects and relations are certain.
 */
readonly complete: Fact<boolean>
/**
 * Why something is not certain.
 */
readonly reasons: FactList<string>
}

/**
 * A text on its way somewhere: a prompt, a message, a file.
 */
export interface TextFacts {
/**
 * Length in UTF-8.
 */
readonly size: Fact<number>
/**
 * Line feeds, and one.
 */
readonly lines: Fact<number>
/**
 * Detectors that find something in it, of those that the policy names: `text.detected has any detect.secrets`.
 */
readonly detected: FactList<string>
/**
 * Whether all of the above is certain.
 */
readonly complete: Fact<boolean>
/**
 * Why something is not certain.
 */
readonly reasons: FactList<string>
}

/** The fact schemas, by file name. */
export const factSchemas = {
  "cloud": {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "https://hpl.dev/facts/cloud.schema.json",
    "title": "CloudFacts",
    "description": "One call to a cloud or platform API.",
    "x-hpl-family": "cloud",
    "x-hpl-root": "cloud",
    "type": "object",
    "additionalProperties": false,
    "required": [
      "provider",
      "service",
      "verb",
      "resource",
      "project",
      "mutates",
      "effects",
      "complete",
      "reasons"
    ],
    "properties": {
      "provider": {
        "enum": [
          "aws",
          "gcp",
          "azure",
          "terraform",
          "vault",
          "github",
          "other"
        ],
        "description": "Whose API."
      },
      "service": {
        "type": "string",
        "description": "Service, as its command line names it.",
        "examples": [
          "secretsmanager"
        ]
      },
      "verb": {
        "type": "string",
        "description": "What is asked of it, as its command line names it.",
        "examples": [
          "get-secret-value"
        ]
      },
      "resource": {
        "type": "string",
        "description": "What it is asked about, where the command names one thing; else empty."
      },
      "project": {
        "type": "string",
        "description": "Project, account profile or subscription it acts in; empty where the command names none."
      },
      "mutates": {
        "type": "boolean",
        "description": "Whether anything changes."
      },
      "effects": {
        "type": "array",
        "items": {
          "enum": [
            "read",
            "write",
            "delete",
            "exec",
            "grant",
            "secret_read",
            "export"
          ]
        },
        "description": "What the call does. `delete`: resources are gone. `export`: data in bulk leaves its store."
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
              "mariadb",
              "bigquery",
              "host",
              "kubernetes",
              "http",
              "git",
              "redis",
              "mongo"
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
  "fs": {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "https://hpl.dev/facts/fs.schema.json",
    "title": "FsFacts",
    "description": "One thing done to one file or folder.",
    "x-hpl-family": "fs",
    "x-hpl-root": "fs",
    "type": "object",
    "additionalProperties": false,
    "required": [
      "op",
      "path",
      "recursive",
      "inside_workspace",
      "secret",
      "place",
      "complete",
      "reasons"
    ],
    "properties": {
      "op": {
        "enum": [
          "read",
          "write",
          "append",
          "delete",
          "move",
          "permissions",
          "link",
          "execute"
        ],
        "description": "What is done. `write` replaces what was there."
      },
      "path": {
        "type": "string",
        "x-hpl-format": "path",
        "description": "Canonical path: absolute where the working folder is known, without `.` and `..`. Links are not followed.",
        "examples": [
          "/etc/passwd"
        ]
      },
      "recursive": {
        "type": "boolean",
        "description": "Whether everything below the path is meant."
      },
      "inside_workspace": {
        "type": "boolean",
        "description": "Whether the path stays in the folder in which the request began, on the machine itself."
      },
      "secret": {
        "type": "boolean",
        "description": "Whether files by this name hold credentials: keys, tokens, cloud profiles, environment files."
      },
      "place": {
        "enum": [
          "local",
          "remote",
          "container"
        ],
        "description": "On which machine."
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
  "git": {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "https://hpl.dev/facts/git.schema.json",
    "title": "GitFacts",
    "description": "One ref update, one use of a remote, or one command on a repository.",
    "x-hpl-family": "git",
    "x-hpl-root": "git",
    "type": "object",
    "additionalProperties": false,
    "required": [
      "verb",
      "remote",
      "ref",
      "all_refs",
      "force",
      "delete",
      "discards",
      "executes",
      "complete",
      "reasons"
    ],
    "properties": {
      "verb": {
        "enum": [
          "push",
          "fetch",
          "clone",
          "pull",
          "read",
          "commit",
          "merge",
          "rebase",
          "reset",
          "clean",
          "checkout",
          "restore",
          "stash",
          "branch",
          "tag",
          "reflog",
          "gc",
          "filter",
          "config",
          "worktree",
          "remote",
          "apply",
          "other"
        ],
        "description": "What is done. `read` changes nothing."
      },
      "remote": {
        "type": "string",
        "description": "Remote, as named or as a URL; empty where none takes part."
      },
      "ref": {
        "type": "string",
        "x-hpl-format": "path",
        "description": "Full name of the ref: the remote one where a remote takes part. Empty where none is named or changed.",
        "examples": [
          "refs/heads/main"
        ]
      },
      "all_refs": {
        "type": "boolean",
        "description": "Whether refs are meant that are not named: --all, --mirror, a wildcard."
      },
      "force": {
        "type": "boolean",
        "description": "Whether history may be rewritten, or protection gone round."
      },
      "delete": {
        "type": "boolean",
        "description": "Whether the ref is removed."
      },
      "discards": {
        "type": "boolean",
        "description": "Whether uncommitted or unpushed work may be lost."
      },
      "executes": {
        "type": "boolean",
        "description": "Whether options or configuration given with it make Git start a program."
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
      "scheme",
      "host",
      "port",
      "path",
      "query",
      "uploads_file",
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
      "scheme": {
        "type": "string",
        "description": "Lower-case scheme.",
        "examples": [
          "https"
        ]
      },
      "host": {
        "type": "string",
        "x-hpl-format": "host",
        "description": "Lower-case host name; an IPv4 address in four decimal numbers, however it was spelt."
      },
      "port": {
        "type": "integer",
        "description": "Port."
      },
      "path": {
        "type": "string",
        "x-hpl-format": "url_path",
        "description": "Normalised path: decoded once, without `.` and `..`."
      },
      "query": {
        "type": "string",
        "description": "What follows the question mark; empty without one."
      },
      "uploads_file": {
        "type": "boolean",
        "description": "Whether the content of a file is sent."
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
      "group",
      "resource",
      "name",
      "scope",
      "namespace",
      "all_namespaces",
      "context",
      "impersonates",
      "scales_to_zero",
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
      "group": {
        "type": "string",
        "description": "API group; empty for the core.",
        "examples": [
          "apps"
        ]
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
      "name": {
        "type": "string",
        "description": "Name of the object; empty where all or those of a selector are meant."
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
        "description": "Namespace; empty for a cluster-wide request. For a request on a namespace itself, its name."
      },
      "all_namespaces": {
        "type": "boolean",
        "description": "Whether objects of every namespace are meant."
      },
      "context": {
        "type": "string",
        "description": "Name of the cluster context; empty for a request on the wire."
      },
      "impersonates": {
        "type": "boolean",
        "description": "Whether it acts as another user or group."
      },
      "scales_to_zero": {
        "type": "boolean",
        "description": "Whether nothing is left running."
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
  "mongo": {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "https://hpl.dev/facts/mongo.schema.json",
    "title": "MongoFacts",
    "description": "One MongoDB command, from the wire or from a command line.",
    "x-hpl-family": "mongo",
    "x-hpl-root": "mongo",
    "type": "object",
    "additionalProperties": false,
    "required": [
      "command",
      "database",
      "effects",
      "collections",
      "changed_collections",
      "restricted",
      "complete",
      "reasons"
    ],
    "properties": {
      "command": {
        "type": "string",
        "description": "Command as the wire names it, whatever a shell calls it.",
        "examples": [
          "findAndModify"
        ]
      },
      "database": {
        "type": "string",
        "description": "Database it is sent to."
      },
      "effects": {
        "type": "array",
        "items": {
          "enum": [
            "read",
            "write",
            "delete",
            "admin",
            "exec",
            "grant",
            "identity",
            "network"
          ]
        },
        "description": "What the command does. `delete`: documents, collections or indexes are gone. `exec`: JavaScript runs in the server: $where, $function, $accumulator, mapReduce. `admin`: the server or a collection's settings. `grant`: who may do what. `identity`: who the connection is. `network`: data goes to or comes from another server."
      },
      "collections": {
        "type": "array",
        "items": {
          "type": "string"
        },
        "description": "`database.collection` of every collection it names, $lookup, $unionWith, $out and $merge included."
      },
      "changed_collections": {
        "type": "array",
        "items": {
          "type": "string"
        },
        "description": "Those of them that it may change or remove."
      },
      "restricted": {
        "type": "boolean",
        "description": "Whether every update and delete in it is limited to one document or by a condition that can be false. True for what has neither, false for what is dropped; unknown when it cannot be told."
      },
      "complete": {
        "type": "boolean",
        "x-hpl-knowledge": true,
        "description": "Whether command, effects and collections are certain."
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
  "redis": {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "https://hpl.dev/facts/redis.schema.json",
    "title": "RedisFacts",
    "description": "One Redis command, from the wire or from a command line.",
    "x-hpl-family": "redis",
    "x-hpl-root": "redis",
    "type": "object",
    "additionalProperties": false,
    "required": [
      "command",
      "effects",
      "keys",
      "changed_keys",
      "all_keys",
      "categories",
      "complete",
      "reasons"
    ],
    "properties": {
      "command": {
        "type": "string",
        "description": "Command in lower case, with its subcommand.",
        "examples": [
          "config set"
        ]
      },
      "effects": {
        "type": "array",
        "items": {
          "enum": [
            "read",
            "write",
            "delete",
            "admin",
            "exec",
            "grant",
            "identity",
            "network"
          ]
        },
        "description": "What the command does. `delete`: keys, or something in them, are gone. `exec`: code runs in the server. `admin`: the server itself. `grant`: who may do what. `identity`: who the connection is. `network`: data goes to or comes from another server."
      },
      "keys": {
        "type": "array",
        "items": {
          "type": "string"
        },
        "description": "Keys it names. Open when there may be others: a script, `SORT .. BY`."
      },
      "changed_keys": {
        "type": "array",
        "items": {
          "type": "string"
        },
        "description": "Those of them that it may change or remove."
      },
      "all_keys": {
        "type": "boolean",
        "description": "Whether keys are meant that are not named: FLUSHALL, KEYS, SCAN."
      },
      "categories": {
        "type": "array",
        "items": {
          "enum": [
            "keyspace",
            "read",
            "write",
            "set",
            "sortedset",
            "list",
            "hash",
            "string",
            "bitmap",
            "hyperloglog",
            "geo",
            "stream",
            "pubsub",
            "admin",
            "fast",
            "slow",
            "blocking",
            "dangerous",
            "connection",
            "transaction",
            "scripting"
          ]
        },
        "description": "The server's own categories, those of its access lists."
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
      "subcommand",
      "flags",
      "wrappers",
      "env",
      "stdin",
      "redirects",
      "effects",
      "paths",
      "code",
      "runs_unknown_code",
      "privileged",
      "place",
      "complete",
      "reasons"
    ],
    "properties": {
      "program": {
        "type": "string",
        "description": "Name of the program that runs, without its folder.",
        "examples": [
          "rm"
        ]
      },
      "argv": {
        "type": "array",
        "items": {
          "type": "string"
        },
        "description": "Arguments as the program receives them, its name first."
      },
      "subcommand": {
        "type": "string",
        "description": "Words that choose what the program does, joined by blanks; empty for a program that has none.",
        "examples": [
          "remote add"
        ]
      },
      "flags": {
        "type": "array",
        "items": {
          "type": "string"
        },
        "description": "Flags given, each by its longest name, however it was spelt. Switched off (`--x=false`) is not given."
      },
      "wrappers": {
        "type": "array",
        "items": {
          "type": "string"
        },
        "description": "Programs that start this one, outermost first: `sudo`, `xargs`, `sh`, `ssh`."
      },
      "env": {
        "type": "array",
        "items": {
          "type": "string"
        },
        "description": "Names of environment variables set or removed for this command alone."
      },
      "stdin": {
        "enum": [
          "none",
          "text",
          "file",
          "pipe"
        ],
        "description": "Where its input comes from: `none` is the terminal or the caller's, `text` stands in the line itself."
      },
      "redirects": {
        "type": "array",
        "description": "Files the shell opens for it.",
        "items": {
          "title": "ShellRedirect",
          "type": "object",
          "additionalProperties": false,
          "required": [
            "mode",
            "path"
          ],
          "properties": {
            "mode": {
              "enum": [
                "read",
                "write",
                "append"
              ],
              "description": "How it is opened. `write` empties it first."
            },
            "path": {
              "type": "string",
              "x-hpl-format": "path",
              "description": "Canonical path."
            }
          }
        }
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
            "config",
            "grant",
            "destroy",
            "discard"
          ]
        },
        "description": "What the command does; `read`, which includes printing, is the least. `destroy`: infrastructure, services or a host's state are gone. `discard`: uncommitted or unpushed work may be lost. `grant`: changes who may do what."
      },
      "paths": {
        "type": "array",
        "items": {
          "type": "string",
          "x-hpl-format": "path"
        },
        "description": "Canonical paths the command works on."
      },
      "code": {
        "type": "array",
        "items": {
          "enum": [
            "project",
            "package",
            "file",
            "inline",
            "fetched",
            "unknown"
          ]
        },
        "description": "Code it runs that is not shell: `project` is a build or test of the project, `package` comes from a package registry, `file` a script in a file, `inline` stands in the line in another language, `fetched` comes from the network, `unknown` cannot be seen before it runs."
      },
      "runs_unknown_code": {
        "type": "boolean",
        "description": "Whether it runs code that nobody can see before it runs."
      },
      "privileged": {
        "type": "boolean",
        "description": "Whether it runs as another user by sudo, su or the like."
      },
      "place": {
        "enum": [
          "local",
          "remote",
          "container"
        ],
        "description": "Where it runs."
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
      "identifiers",
      "estimate",
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
      "identifiers": {
        "type": "array",
        "items": {
          "type": "string"
        },
        "description": "Every name in the statement's own text, in small letters, whatever it stands for: tables, columns, aliases, functions, keywords. More than it touches, never less; open where not all of it is understood.",
        "examples": [
          [
            "select",
            "email",
            "from",
            "users"
          ]
        ]
      },
      "limit": {
        "type": "integer",
        "description": "Literal LIMIT of the outermost query."
      },
      "estimate": {
        "title": "SqlEstimate",
        "type": "object",
        "description": "What the server expects the statement to cost, from a plan or a dry run that came with the request. Unknown when nobody asked.",
        "additionalProperties": false,
        "required": [
          "rows",
          "bytes"
        ],
        "properties": {
          "rows": {
            "type": "integer",
            "description": "Rows of the result."
          },
          "bytes": {
            "type": "integer",
            "x-hpl-type": "Bytes",
            "description": "Bytes that are read, or the most that may be where the request sets a ceiling: BigQuery's `maximumBytesBilled`."
          }
        }
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
  },
  "text": {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "https://hpl.dev/facts/text.schema.json",
    "title": "TextFacts",
    "description": "A text on its way somewhere: a prompt, a message, a file.",
    "x-hpl-family": "text",
    "x-hpl-root": "text",
    "type": "object",
    "additionalProperties": false,
    "required": [
      "size",
      "lines",
      "detected",
      "complete",
      "reasons"
    ],
    "properties": {
      "size": {
        "type": "integer",
        "x-hpl-type": "Bytes",
        "description": "Length in UTF-8."
      },
      "lines": {
        "type": "integer",
        "description": "Line feeds, and one."
      },
      "detected": {
        "type": "array",
        "items": {
          "type": "string",
          "x-hpl-type": "Detector"
        },
        "description": "Detectors that find something in it, of those that the policy names: `text.detected has any detect.secrets`.",
        "examples": [
          [
            "std.detect.aws_key"
          ]
        ]
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
  }
} as const;
