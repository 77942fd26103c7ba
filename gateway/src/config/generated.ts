// Generated from spec/gateway-config.schema.json by scripts/generate-config.mjs. Do not edit.
/**
 * Where bundles of `hpl bundle` come from, and which keys may sign them.
 */
export type BundleConfig = ({
/**
 * Address that a GET gives the bundle from. `http` only on this machine.
 */
readonly url: string
/**
 * Headers sent along, such as `authorization`.
 */
readonly headers?: {
readonly [k: string]: Secret
}
readonly poll_s?: PollSeconds
readonly keys: BundleKeysConfig
} | {
/**
 * The bundle, a .tar.gz. It need not be there yet.
 */
readonly file: string
readonly poll_s?: PollSeconds
readonly keys: BundleKeysConfig
})
/**
 * Text, or where to find it.
 */
export type Secret = (string | {
readonly env: string
} | {
readonly file: string
} | {
/**
 * A program and its arguments, started without a shell; what it prints.
 * 
 * @minItems 1
 */
readonly command: readonly string[]
})
/**
 * Seconds between looks. Default 30 for a server, 1 for a file.
 */
export type PollSeconds = number
/**
 * A place that events are shipped to, in order, each at least once.
 */
export type AuditSink = ({
readonly name: SinkName
readonly format?: SinkFormat
/**
 * File that gets a line an event.
 */
readonly file: string
} | {
readonly name: SinkName
readonly format?: SinkFormat
readonly webhook: {
/**
 * Where batches of events are posted.
 */
readonly url: string
/**
 * Text, or where to find it.
 */
readonly secret: (string | {
readonly env: string
} | {
readonly file: string
} | {
/**
 * A program and its arguments, started without a shell; what it prints.
 * 
 * @minItems 1
 */
readonly command: readonly string[]
})
}
} | {
readonly name: SinkName
readonly format?: SinkFormat
readonly otlp: {
/**
 * OTLP/HTTP endpoint for logs; ends in /v1/logs.
 */
readonly url: string
/**
 * Headers sent along, such as an API key.
 */
readonly headers?: {
readonly [k: string]: Secret
}
}
} | {
readonly name: SinkName
readonly format?: SinkFormat
readonly postgres: {
/**
 * Text, or where to find it.
 */
readonly url: (string | {
readonly env: string
} | {
readonly file: string
} | {
/**
 * A program and its arguments, started without a shell; what it prints.
 * 
 * @minItems 1
 */
readonly command: readonly string[]
})
}
})
/**
 * Name in metrics, and of the file that remembers how far it got.
 */
export type SinkName = string
/**
 * Shape of the events: lines of the log, OCSF 1.8 (default), Elastic Common Schema, or CEF.
 */
export type SinkFormat = ("hpl" | "ocsf" | "ecs" | "cef")
/**
 * Who remembers how far this log was, to find one that was put back to an older state.
 */
export type WitnessConfig = ({
/**
 * Text, or where to find it.
 */
readonly url: (string | {
readonly env: string
} | {
readonly file: string
} | {
/**
 * A program and its arguments, started without a shell; what it prints.
 * 
 * @minItems 1
 */
readonly command: readonly string[]
})
} | {
/**
 * Another gateway: the address of its metrics.
 */
readonly peer: string
})

/**
 * Configuration of the HPL gateway. A secret may be given as {"env": "NAME"}, {"file": "PATH"} or {"command": ["PROGRAM", ..]}. Paths are relative to the configuration file.
 */
export interface GatewayConfig {
/**
 * The policy in force.
 */
readonly policy: (string | BundledPolicy)
/**
 * A policy that is judged beside the one in force and never enforced: a .hpl file, a folder of them, or a .wasm module. Where it would have decided otherwise, the audit log says so.
 */
readonly shadow?: string
/**
 * Folder for the audit log, for approvals, and for the last good bundle. Made when missing.
 */
readonly state: string
/**
 * What clients can connect to.
 * 
 * @minItems 1
 */
readonly connections: readonly ConnectionConfig[]
readonly identity: IdentityConfig
readonly approvals?: ApprovalsConfig
readonly recording?: RecordingConfig
readonly shared?: SharedConfig
readonly audit?: AuditConfig
readonly keys?: MaskKeysConfig
readonly metrics?: MetricsConfig
}
export interface BundledPolicy {
readonly bundle: BundleConfig
}
/**
 * Public keys that may sign, by the name that `hpl bundle sign --key-id` gives: Ed25519, SPKI in PEM.
 */
export interface BundleKeysConfig {
readonly [k: string]: Secret
}
export interface ConnectionConfig {
/**
 * Name in policies, approvals and the audit log.
 */
readonly name: string
/**
 * What sort of server it is.
 */
readonly kind: "postgres"
/**
 * Environment, as policies see it.
 */
readonly env: ("prod" | "staging" | "dev")
/**
 * Labels, as policies see them.
 */
readonly labels?: {
readonly [k: string]: string
}
readonly tls?: TlsConfig
/**
 * Address clients connect to.
 */
readonly listen: string
/**
 * A held client waits on the wire (default), or gets an error that names the approval and sends the statement again.
 */
readonly hold?: ("wait" | "refuse")
/**
 * The real server.
 */
readonly upstream: (UrlUpstream | EmbeddedUpstream)
}
/**
 * Certificate towards clients. Without it the gateway offers no TLS.
 */
export interface TlsConfig {
/**
 * File with the certificate chain, PEM.
 */
readonly cert: string
/**
 * File with the private key, PEM.
 */
readonly key: {
readonly file: string
}
}
export interface UrlUpstream {
/**
 * Text, or where to find it.
 */
readonly url: (string | {
readonly env: string
} | {
readonly file: string
} | {
/**
 * A program and its arguments, started without a shell; what it prints.
 * 
 * @minItems 1
 */
readonly command: readonly string[]
})
}
export interface EmbeddedUpstream {
/**
 * A PostgreSQL of the gateway's own, gone when it stops.
 */
readonly embedded: "postgres"
/**
 * SQL file it starts with.
 */
readonly seed?: string
}
/**
 * Who may log in.
 */
export interface IdentityConfig {
/**
 * Users with a password of their own.
 * 
 * @minItems 1
 */
readonly static?: readonly StaticIdentity[]
readonly oidc?: OidcConfig
}
export interface StaticIdentity {
/**
 * Name to log in with.
 */
readonly user: string
/**
 * Text, or where to find it.
 */
readonly password: (string | {
readonly env: string
} | {
readonly file: string
} | {
/**
 * A program and its arguments, started without a shell; what it prints.
 * 
 * @minItems 1
 */
readonly command: readonly string[]
})
readonly principal: PrincipalConfig
}
export interface PrincipalConfig {
/**
 * Identifier in policies and the audit log.
 */
readonly id: string
/**
 * Who it is.
 */
readonly kind: ("human" | "agent" | "service")
/**
 * Groups, by the identity provider's names.
 */
readonly groups: readonly string[]
/**
 * E-mail address.
 */
readonly email?: string
/**
 * Further claims.
 */
readonly claims?: {
readonly [k: string]: string
}
/**
 * The person an agent acts for: may not approve its requests.
 */
readonly on_behalf_of?: string
/**
 * Whether a second factor was used.
 */
readonly mfa?: boolean
}
/**
 * Whoever an identity provider vouches for: clients send their token for a password.
 */
export interface OidcConfig {
/**
 * The provider's issuer, as its tokens have it. `http` only on this machine.
 */
readonly issuer: string
/**
 * Whom tokens must be made for: the client id of this gateway.
 */
readonly audience: string
/**
 * Claim with the principal's id. Default: sub.
 */
readonly id_claim?: string
/**
 * Claim with the groups. Default: groups.
 */
readonly groups_claim?: string
/**
 * Claim that says human, agent or service. Without it everybody is human, but for tokens with an `act` claim.
 */
readonly kind_claim?: string
/**
 * Claim that names the person an agent acts for. A token with an `act` claim needs none.
 */
readonly on_behalf_of_claim?: string
/**
 * Signatures that are taken. Default: RS256, PS256, ES256 and EdDSA.
 * 
 * @minItems 1
 */
readonly algorithms?: readonly ("RS256" | "RS384" | "RS512" | "PS256" | "PS384" | "PS512" | "ES256" | "ES384" | "ES512" | "EdDSA")[]
}
/**
 * Where approvals are decided.
 */
export interface ApprovalsConfig {
/**
 * Address of the HTTP API that `hpl approvals` uses.
 */
readonly listen: string
/**
 * Who is told of approvals.
 */
readonly webhooks?: readonly WebhookConfig[]
/**
 * Groups that may look at all sessions, recordings and decisions; everybody else at their own.
 */
readonly viewers?: readonly string[]
}
export interface WebhookConfig {
/**
 * Where events are posted.
 */
readonly url: string
/**
 * Environment variable with the signing secret.
 */
readonly secret_env: string
/**
 * What is posted: the event (default), or a message as Slack takes it.
 */
readonly format?: ("hpl" | "slack")
}
/**
 * Keeps what sessions did, to be replayed. Without it nothing is recorded.
 */
export interface RecordingConfig {
/**
 * Rows of each result that are kept, as the client saw them. Default 0: counts only.
 */
readonly rows?: number
/**
 * Bytes a recording may have. Default 1 MiB.
 */
readonly size?: number
/**
 * Recordings that are kept; the oldest goes first. Default 1,000.
 */
readonly sessions?: number
}
/**
 * Several gateways with one set of approvals and grants. Without it they are in the state folder, and of this gateway alone.
 */
export interface SharedConfig {
/**
 * Text, or where to find it.
 */
readonly postgres: (string | {
readonly env: string
} | {
readonly file: string
} | {
/**
 * A program and its arguments, started without a shell; what it prints.
 * 
 * @minItems 1
 */
readonly command: readonly string[]
})
}
/**
 * The audit log, and where its events go.
 */
export interface AuditConfig {
/**
 * File for a copy of each checkpoint, best on another disk: shows that the log was put back to an older state. Default: last-checkpoint in the state folder.
 */
readonly checkpoint_copy?: string
/**
 * Seconds between the checkpoints that the log itself notes. Default 60.
 */
readonly heartbeat_s?: number
/**
 * Where events are shipped to.
 * 
 * @maxItems 16
 */
readonly sinks?: readonly AuditSink[]
readonly witness?: WitnessConfig
/**
 * Keys of the logs of other gateways (their audit/key) whose checkpoints this one keeps, at the address of its metrics.
 * 
 * @maxItems 64
 */
readonly witness_for?: readonly string[]
}
/**
 * Keys of the transforms that take one, by the name policies call them: 32 random bytes or more, as hex digits or base64. A policy that names another key is refused.
 */
export interface MaskKeysConfig {
readonly [k: string]: Secret
}
/**
 * Metrics and health, without a password: listen where only the collector reaches.
 */
export interface MetricsConfig {
/**
 * Address that serves /metrics (Prometheus), /healthz and /readyz.
 */
readonly listen: string
}

/** The schema of a configuration file. */
export const gatewayConfigSchema = {
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "$id": "https://hpl.dev/gateway-config.schema.json",
  "title": "GatewayConfig",
  "description": "Configuration of the HPL gateway. A secret may be given as {\"env\": \"NAME\"}, {\"file\": \"PATH\"} or {\"command\": [\"PROGRAM\", ..]}. Paths are relative to the configuration file.",
  "type": "object",
  "additionalProperties": false,
  "required": [
    "policy",
    "state",
    "connections",
    "identity"
  ],
  "properties": {
    "policy": {
      "$ref": "#/$defs/PolicyConfig",
      "description": "The policy in force."
    },
    "shadow": {
      "type": "string",
      "minLength": 1,
      "description": "A policy that is judged beside the one in force and never enforced: a .hpl file, a folder of them, or a .wasm module. Where it would have decided otherwise, the audit log says so."
    },
    "state": {
      "type": "string",
      "minLength": 1,
      "description": "Folder for the audit log, for approvals, and for the last good bundle. Made when missing."
    },
    "connections": {
      "type": "array",
      "minItems": 1,
      "items": {
        "$ref": "#/$defs/ConnectionConfig"
      },
      "description": "What clients can connect to."
    },
    "identity": {
      "title": "IdentityConfig",
      "type": "object",
      "additionalProperties": false,
      "minProperties": 1,
      "properties": {
        "static": {
          "type": "array",
          "minItems": 1,
          "items": {
            "$ref": "#/$defs/StaticIdentity"
          },
          "description": "Users with a password of their own."
        },
        "oidc": {
          "$ref": "#/$defs/OidcConfig",
          "description": "Whoever an identity provider vouches for: clients send their token for a password."
        }
      },
      "description": "Who may log in."
    },
    "approvals": {
      "title": "ApprovalsConfig",
      "type": "object",
      "additionalProperties": false,
      "required": [
        "listen"
      ],
      "properties": {
        "listen": {
          "$ref": "#/$defs/Address",
          "description": "Address of the HTTP API that `hpl approvals` uses."
        },
        "webhooks": {
          "type": "array",
          "items": {
            "$ref": "#/$defs/WebhookConfig"
          },
          "description": "Who is told of approvals."
        },
        "viewers": {
          "type": "array",
          "items": {
            "type": "string",
            "minLength": 1
          },
          "description": "Groups that may look at all sessions, recordings and decisions; everybody else at their own."
        }
      },
      "description": "Where approvals are decided."
    },
    "recording": {
      "title": "RecordingConfig",
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "rows": {
          "type": "integer",
          "minimum": 0,
          "maximum": 10000,
          "description": "Rows of each result that are kept, as the client saw them. Default 0: counts only."
        },
        "size": {
          "type": "integer",
          "minimum": 4096,
          "maximum": 1073741824,
          "description": "Bytes a recording may have. Default 1 MiB."
        },
        "sessions": {
          "type": "integer",
          "minimum": 1,
          "maximum": 10000,
          "description": "Recordings that are kept; the oldest goes first. Default 1,000."
        }
      },
      "description": "Keeps what sessions did, to be replayed. Without it nothing is recorded."
    },
    "shared": {
      "title": "SharedConfig",
      "type": "object",
      "additionalProperties": false,
      "required": [
        "postgres"
      ],
      "properties": {
        "postgres": {
          "$ref": "#/$defs/Secret",
          "description": "postgres://user:password@host:port/database?sslmode=.. of a database of the gateways' own. A direct connection: the gateways listen on it."
        }
      },
      "description": "Several gateways with one set of approvals and grants. Without it they are in the state folder, and of this gateway alone."
    },
    "audit": {
      "title": "AuditConfig",
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "checkpoint_copy": {
          "type": "string",
          "minLength": 1,
          "description": "File for a copy of each checkpoint, best on another disk: shows that the log was put back to an older state. Default: last-checkpoint in the state folder."
        },
        "heartbeat_s": {
          "type": "integer",
          "minimum": 1,
          "maximum": 86400,
          "description": "Seconds between the checkpoints that the log itself notes. Default 60."
        },
        "sinks": {
          "type": "array",
          "maxItems": 16,
          "items": {
            "$ref": "#/$defs/AuditSink"
          },
          "description": "Where events are shipped to."
        },
        "witness": {
          "$ref": "#/$defs/WitnessConfig",
          "description": "Who remembers how far this log was, to find one that was put back to an older state."
        },
        "witness_for": {
          "type": "array",
          "maxItems": 64,
          "items": {
            "type": "string",
            "pattern": "^[^\\s+]+\\+[0-9a-f]{8}\\+[A-Za-z0-9+/]{44}$"
          },
          "description": "Keys of the logs of other gateways (their audit/key) whose checkpoints this one keeps, at the address of its metrics."
        }
      },
      "description": "The audit log, and where its events go."
    },
    "keys": {
      "title": "MaskKeysConfig",
      "type": "object",
      "maxProperties": 64,
      "propertyNames": {
        "pattern": "^[a-z0-9][a-z0-9._-]{0,31}$"
      },
      "additionalProperties": {
        "$ref": "#/$defs/Secret"
      },
      "description": "Keys of the transforms that take one, by the name policies call them: 32 random bytes or more, as hex digits or base64. A policy that names another key is refused."
    },
    "metrics": {
      "title": "MetricsConfig",
      "type": "object",
      "additionalProperties": false,
      "required": [
        "listen"
      ],
      "properties": {
        "listen": {
          "$ref": "#/$defs/Address",
          "description": "Address that serves /metrics (Prometheus), /healthz and /readyz."
        }
      },
      "description": "Metrics and health, without a password: listen where only the collector reaches."
    }
  },
  "$defs": {
    "PolicyConfig": {
      "description": "A .hpl file, a folder of them, a compiled .wasm module, or signed bundles.",
      "anyOf": [
        {
          "type": "string",
          "minLength": 1
        },
        {
          "$ref": "#/$defs/BundledPolicy"
        }
      ]
    },
    "BundledPolicy": {
      "title": "BundledPolicy",
      "type": "object",
      "additionalProperties": false,
      "required": [
        "bundle"
      ],
      "properties": {
        "bundle": {
          "$ref": "#/$defs/BundleConfig"
        }
      }
    },
    "BundleConfig": {
      "description": "Where bundles of `hpl bundle` come from, and which keys may sign them.",
      "anyOf": [
        {
          "type": "object",
          "additionalProperties": false,
          "required": [
            "url",
            "keys"
          ],
          "properties": {
            "url": {
              "type": "string",
              "pattern": "^https?://",
              "description": "Address that a GET gives the bundle from. `http` only on this machine."
            },
            "headers": {
              "type": "object",
              "additionalProperties": {
                "$ref": "#/$defs/Secret"
              },
              "description": "Headers sent along, such as `authorization`."
            },
            "poll_s": {
              "$ref": "#/$defs/PollSeconds"
            },
            "keys": {
              "$ref": "#/$defs/BundleKeys"
            }
          }
        },
        {
          "type": "object",
          "additionalProperties": false,
          "required": [
            "file",
            "keys"
          ],
          "properties": {
            "file": {
              "type": "string",
              "minLength": 1,
              "description": "The bundle, a .tar.gz. It need not be there yet."
            },
            "poll_s": {
              "$ref": "#/$defs/PollSeconds"
            },
            "keys": {
              "$ref": "#/$defs/BundleKeys"
            }
          }
        }
      ]
    },
    "PollSeconds": {
      "type": "integer",
      "minimum": 1,
      "maximum": 86400,
      "description": "Seconds between looks. Default 30 for a server, 1 for a file."
    },
    "BundleKeys": {
      "title": "BundleKeysConfig",
      "type": "object",
      "minProperties": 1,
      "maxProperties": 16,
      "additionalProperties": {
        "$ref": "#/$defs/Secret"
      },
      "description": "Public keys that may sign, by the name that `hpl bundle sign --key-id` gives: Ed25519, SPKI in PEM."
    },
    "AuditSink": {
      "description": "A place that events are shipped to, in order, each at least once.",
      "anyOf": [
        {
          "type": "object",
          "additionalProperties": false,
          "required": [
            "name",
            "file"
          ],
          "properties": {
            "name": {
              "$ref": "#/$defs/SinkName"
            },
            "format": {
              "$ref": "#/$defs/SinkFormat"
            },
            "file": {
              "type": "string",
              "minLength": 1,
              "description": "File that gets a line an event."
            }
          }
        },
        {
          "type": "object",
          "additionalProperties": false,
          "required": [
            "name",
            "webhook"
          ],
          "properties": {
            "name": {
              "$ref": "#/$defs/SinkName"
            },
            "format": {
              "$ref": "#/$defs/SinkFormat"
            },
            "webhook": {
              "type": "object",
              "additionalProperties": false,
              "required": [
                "url",
                "secret"
              ],
              "properties": {
                "url": {
                  "type": "string",
                  "pattern": "^https?://",
                  "description": "Where batches of events are posted."
                },
                "secret": {
                  "$ref": "#/$defs/Secret",
                  "description": "Signing secret (Standard Webhooks)."
                }
              }
            }
          }
        },
        {
          "type": "object",
          "additionalProperties": false,
          "required": [
            "name",
            "otlp"
          ],
          "properties": {
            "name": {
              "$ref": "#/$defs/SinkName"
            },
            "format": {
              "$ref": "#/$defs/SinkFormat"
            },
            "otlp": {
              "type": "object",
              "additionalProperties": false,
              "required": [
                "url"
              ],
              "properties": {
                "url": {
                  "type": "string",
                  "pattern": "^https?://",
                  "description": "OTLP/HTTP endpoint for logs; ends in /v1/logs."
                },
                "headers": {
                  "type": "object",
                  "additionalProperties": {
                    "$ref": "#/$defs/Secret"
                  },
                  "description": "Headers sent along, such as an API key."
                }
              }
            }
          }
        },
        {
          "type": "object",
          "additionalProperties": false,
          "required": [
            "name",
            "postgres"
          ],
          "properties": {
            "name": {
              "$ref": "#/$defs/SinkName"
            },
            "format": {
              "$ref": "#/$defs/SinkFormat"
            },
            "postgres": {
              "type": "object",
              "additionalProperties": false,
              "required": [
                "url"
              ],
              "properties": {
                "url": {
                  "$ref": "#/$defs/Secret",
                  "description": "As postgres://user:password@host:5432/database?sslmode=verify-full. Its table is hpl_audit_events."
                }
              }
            }
          }
        }
      ]
    },
    "WitnessConfig": {
      "title": "WitnessConfig",
      "description": "A place that keeps this log's checkpoints.",
      "anyOf": [
        {
          "type": "object",
          "additionalProperties": false,
          "required": [
            "url"
          ],
          "properties": {
            "url": {
              "$ref": "#/$defs/Secret",
              "description": "PostgreSQL, as postgres://user:password@host:5432/database?sslmode=verify-full; not the server that the gateway guards. Its table is hpl_checkpoints."
            }
          }
        },
        {
          "type": "object",
          "additionalProperties": false,
          "required": [
            "peer"
          ],
          "properties": {
            "peer": {
              "type": "string",
              "pattern": "^https?://",
              "description": "Another gateway: the address of its metrics."
            }
          }
        }
      ]
    },
    "SinkName": {
      "type": "string",
      "pattern": "^[a-z0-9][a-z0-9_-]*$",
      "description": "Name in metrics, and of the file that remembers how far it got."
    },
    "SinkFormat": {
      "enum": [
        "hpl",
        "ocsf",
        "ecs",
        "cef"
      ],
      "description": "Shape of the events: lines of the log, OCSF 1.8 (default), Elastic Common Schema, or CEF."
    },
    "Address": {
      "type": "string",
      "pattern": "^(\\[[0-9a-fA-F:]+\\]|[^:\\[\\]]+):[0-9]{1,5}$",
      "description": "host:port"
    },
    "Secret": {
      "description": "Text, or where to find it.",
      "anyOf": [
        {
          "type": "string",
          "minLength": 1
        },
        {
          "type": "object",
          "additionalProperties": false,
          "required": [
            "env"
          ],
          "properties": {
            "env": {
              "type": "string",
              "minLength": 1
            }
          }
        },
        {
          "type": "object",
          "additionalProperties": false,
          "required": [
            "file"
          ],
          "properties": {
            "file": {
              "type": "string",
              "minLength": 1
            }
          }
        },
        {
          "type": "object",
          "additionalProperties": false,
          "required": [
            "command"
          ],
          "properties": {
            "command": {
              "type": "array",
              "minItems": 1,
              "items": {
                "type": "string",
                "minLength": 1
              },
              "description": "A program and its arguments, started without a shell; what it prints."
            }
          }
        }
      ]
    },
    "ConnectionConfig": {
      "title": "ConnectionConfig",
      "type": "object",
      "additionalProperties": false,
      "required": [
        "name",
        "kind",
        "env",
        "listen",
        "upstream"
      ],
      "properties": {
        "name": {
          "type": "string",
          "pattern": "^[a-z0-9][a-z0-9_-]*$",
          "description": "Name in policies, approvals and the audit log."
        },
        "kind": {
          "enum": [
            "postgres"
          ],
          "description": "What sort of server it is."
        },
        "env": {
          "enum": [
            "prod",
            "staging",
            "dev"
          ],
          "description": "Environment, as policies see it."
        },
        "labels": {
          "type": "object",
          "additionalProperties": {
            "type": "string"
          },
          "description": "Labels, as policies see them."
        },
        "tls": {
          "$ref": "#/$defs/TlsConfig",
          "description": "Certificate towards clients. Without it the gateway offers no TLS."
        },
        "listen": {
          "$ref": "#/$defs/Address",
          "description": "Address clients connect to."
        },
        "hold": {
          "enum": [
            "wait",
            "refuse"
          ],
          "description": "A held client waits on the wire (default), or gets an error that names the approval and sends the statement again."
        },
        "upstream": {
          "anyOf": [
            {
              "$ref": "#/$defs/UrlUpstream"
            },
            {
              "$ref": "#/$defs/EmbeddedUpstream"
            }
          ],
          "description": "The real server."
        }
      }
    },
    "TlsConfig": {
      "title": "TlsConfig",
      "type": "object",
      "additionalProperties": false,
      "required": [
        "cert",
        "key"
      ],
      "properties": {
        "cert": {
          "type": "string",
          "minLength": 1,
          "description": "File with the certificate chain, PEM."
        },
        "key": {
          "type": "object",
          "additionalProperties": false,
          "required": [
            "file"
          ],
          "properties": {
            "file": {
              "type": "string",
              "minLength": 1
            }
          },
          "description": "File with the private key, PEM."
        }
      }
    },
    "UrlUpstream": {
      "title": "UrlUpstream",
      "type": "object",
      "additionalProperties": false,
      "required": [
        "url"
      ],
      "properties": {
        "url": {
          "$ref": "#/$defs/Secret",
          "description": "postgres://user:password@host:port/database?sslmode=disable|require|verify-full"
        }
      }
    },
    "EmbeddedUpstream": {
      "title": "EmbeddedUpstream",
      "type": "object",
      "additionalProperties": false,
      "required": [
        "embedded"
      ],
      "properties": {
        "embedded": {
          "const": "postgres",
          "description": "A PostgreSQL of the gateway's own, gone when it stops."
        },
        "seed": {
          "type": "string",
          "minLength": 1,
          "description": "SQL file it starts with."
        }
      }
    },
    "WebhookConfig": {
      "title": "WebhookConfig",
      "type": "object",
      "additionalProperties": false,
      "required": [
        "url",
        "secret_env"
      ],
      "properties": {
        "url": {
          "type": "string",
          "pattern": "^https?://",
          "description": "Where events are posted."
        },
        "secret_env": {
          "type": "string",
          "minLength": 1,
          "description": "Environment variable with the signing secret."
        },
        "format": {
          "enum": [
            "hpl",
            "slack"
          ],
          "description": "What is posted: the event (default), or a message as Slack takes it."
        }
      }
    },
    "OidcConfig": {
      "title": "OidcConfig",
      "type": "object",
      "additionalProperties": false,
      "required": [
        "issuer",
        "audience"
      ],
      "properties": {
        "issuer": {
          "type": "string",
          "pattern": "^https?://",
          "description": "The provider's issuer, as its tokens have it. `http` only on this machine."
        },
        "audience": {
          "type": "string",
          "minLength": 1,
          "description": "Whom tokens must be made for: the client id of this gateway."
        },
        "id_claim": {
          "type": "string",
          "minLength": 1,
          "description": "Claim with the principal's id. Default: sub."
        },
        "groups_claim": {
          "type": "string",
          "minLength": 1,
          "description": "Claim with the groups. Default: groups."
        },
        "kind_claim": {
          "type": "string",
          "minLength": 1,
          "description": "Claim that says human, agent or service. Without it everybody is human, but for tokens with an `act` claim."
        },
        "on_behalf_of_claim": {
          "type": "string",
          "minLength": 1,
          "description": "Claim that names the person an agent acts for. A token with an `act` claim needs none."
        },
        "algorithms": {
          "type": "array",
          "minItems": 1,
          "items": {
            "enum": [
              "RS256",
              "RS384",
              "RS512",
              "PS256",
              "PS384",
              "PS512",
              "ES256",
              "ES384",
              "ES512",
              "EdDSA"
            ]
          },
          "description": "Signatures that are taken. Default: RS256, PS256, ES256 and EdDSA."
        }
      }
    },
    "StaticIdentity": {
      "title": "StaticIdentity",
      "type": "object",
      "additionalProperties": false,
      "required": [
        "user",
        "password",
        "principal"
      ],
      "properties": {
        "user": {
          "type": "string",
          "minLength": 1,
          "description": "Name to log in with."
        },
        "password": {
          "$ref": "#/$defs/Secret",
          "description": "Password to log in with."
        },
        "principal": {
          "title": "PrincipalConfig",
          "type": "object",
          "additionalProperties": false,
          "required": [
            "id",
            "kind",
            "groups"
          ],
          "properties": {
            "id": {
              "type": "string",
              "minLength": 1,
              "description": "Identifier in policies and the audit log."
            },
            "kind": {
              "enum": [
                "human",
                "agent",
                "service"
              ],
              "description": "Who it is."
            },
            "groups": {
              "type": "array",
              "items": {
                "type": "string"
              },
              "description": "Groups, by the identity provider's names."
            },
            "email": {
              "type": "string",
              "description": "E-mail address."
            },
            "claims": {
              "type": "object",
              "additionalProperties": {
                "type": "string"
              },
              "description": "Further claims."
            },
            "on_behalf_of": {
              "type": "string",
              "description": "The person an agent acts for: may not approve its requests."
            },
            "mfa": {
              "type": "boolean",
              "description": "Whether a second factor was used."
            }
          }
        }
      }
    }
  }
} as const;
