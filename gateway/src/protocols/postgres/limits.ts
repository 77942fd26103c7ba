/** Everything that a peer could make large or slow, bounded once, with the reason. Bytes count whole messages. */
export const limits = {
  /** From connect to a finished login: long enough for a person's network, short enough that half-open sockets go away. */
  startup_timeout_ms: 15_000,
  /** The server's own MAX_STARTUP_PACKET_LENGTH. */
  startup_packet_bytes_max: 10_000,
  /** Answers of a client during login: the server's own PG_MAX_SASL_MESSAGE_LENGTH is 1,024; a password may be longer. */
  login_message_bytes_max: 65_536,
  /** SQL text of one message: what can be judged in bounded time. Past it the statement is refused, not the session. */
  sql_bytes_max: 1_048_576,
  /** Any message of a client: a Bind is held whole because a decision covers its parameters. Past it the session ends. */
  client_message_bytes_max: 16_777_216,
  /** A server message that must be seen whole: a row to mask, an error. Rows that are not masked have no limit. */
  server_message_bytes_max: 67_108_864,
  /** Messages read from a client but not handled yet, while it waits. Past it the client's socket is not read. */
  inbox_bytes_max: 262_144,
  /** Statement and portal names: the server looks at 63 bytes only, so longer names could mean each other. */
  name_bytes_max: 63,
  /** Prepared statements one session may keep, and the sum of their Parse messages: they are kept to be parsed again. */
  statements_max: 10_000,
  statement_bytes_max: 16_777_216,
  /**
   * How old a session's reading of the catalog may get: definitions can also be changed by those who do not come through the
   * gateway, and nothing tells it.
   */
  catalog_age_max_ms: 30_000,
  /** Silence of a client that waits for people: home routers forget a connection after some minutes. */
  hold_reminder_ms: 60_000,
  /**
   * Clients of one listener at a time, logging in or logged in: each holds a session at the server, two sockets, and what
   * it remembers. Past it a client is told 53300. The server's own max_connections is mostly less.
   */
  clients_max: 1_000,
  /** After so long without a word, TCP asks whether a peer is still there: a host that vanished says no goodbye. */
  keepalive_delay_ms: 30_000,
  /** How long sessions may finish what they run when the listener closes. */
  drain_timeout_ms: 10_000,
  /** Connecting to the upstream server, its login included. */
  upstream_timeout_ms: 10_000,
} as const;
