// Generated from spec/gateway-config.schema.json by scripts/generate-config.mjs. Do not edit.
/**
 * Configuration of the HPL gateway. A secret may be given as {"env": "NAME"} or {"file": "PATH"}. Paths are relative to the configuration file.
 */
export interface GatewayConfig {
/**
 * A .hpl file, a folder of them, or a compiled .wasm module.
 */
readonly policy: string
/**
 * Folder for the audit log and for approvals. Made when missing.
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
 * postgres://user:password@host:port/database?sslmode=disable|require|verify-full
 */
readonly url: (string | {
readonly env: string
} | {
readonly file: string
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
readonly static: readonly StaticIdentity[]
}
export interface StaticIdentity {
/**
 * Name to log in with.
 */
readonly user: string
/**
 * Password to log in with.
 */
readonly password: (string | {
readonly env: string
} | {
readonly file: string
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
}

/** The schema of a configuration file. */
export const gatewayConfigSchema = {
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "$id": "https://hpl.dev/gateway-config.schema.json",
  "title": "GatewayConfig",
  "description": "Configuration of the HPL gateway. A secret may be given as {\"env\": \"NAME\"} or {\"file\": \"PATH\"}. Paths are relative to the configuration file.",
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
      "type": "string",
      "minLength": 1,
      "description": "A .hpl file, a folder of them, or a compiled .wasm module."
    },
    "state": {
      "type": "string",
      "minLength": 1,
      "description": "Folder for the audit log and for approvals. Made when missing."
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
      "required": [
        "static"
      ],
      "properties": {
        "static": {
          "type": "array",
          "minItems": 1,
          "items": {
            "$ref": "#/$defs/StaticIdentity"
          },
          "description": "Users with a password of their own."
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
        }
      },
      "description": "Where approvals are decided."
    }
  },
  "$defs": {
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
