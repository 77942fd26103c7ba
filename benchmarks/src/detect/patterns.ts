/** Something to look for, as a detector and as a regular expression of JavaScript. */
export interface BenchPattern {
  /** Both read it alike. */
  readonly pattern: string;
  /** Whether no letter or digit may stand before it: a check of the detector, `\\b` of the expression. */
  readonly startsWord?: true;
}

export const patterns: Readonly<Record<string, BenchPattern>> = {
  email: { pattern: "[A-Za-z0-9_][A-Za-z0-9._%+-]*@(?:[A-Za-z0-9-]+\\.)+[A-Za-z]{2,}" },
  ssn: { pattern: "\\d{3}-\\d{2}-\\d{4}", startsWord: true },
  card: { pattern: "[3-6]\\d{3}[ -]?\\d{4}[ -]?\\d{4}[ -]?\\d{1,7}", startsWord: true },
  phone: { pattern: "\\+[1-9]\\d{7,14}" },
  us_phone: { pattern: "\\([2-9]\\d{2}\\) ?[2-9]\\d{2}-\\d{4}" },
  ipv4: { pattern: "\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}", startsWord: true },
  ipv6: { pattern: "(?:[0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}", startsWord: true },
  aws: { pattern: "(?:AKIA|ASIA)[A-Z2-7]{16}" },
  github: { pattern: "gh[opsur]_[A-Za-z0-9]{36,255}" },
  slack: { pattern: "xox[abeoprs]-[A-Za-z0-9-]{10,48}" },
  jwt: { pattern: "eyJ[A-Za-z0-9_-]{5,}\\.eyJ[A-Za-z0-9_-]{5,}\\.[A-Za-z0-9_-]{10,}" },
  stripe: { pattern: "(?:sk|rk)_live_[A-Za-z0-9]{16,}" },
  google: { pattern: "AIza[A-Za-z0-9_-]{35}" },
  iban: { pattern: "[A-Z]{2}\\d{2}[A-Z0-9]{11,30}", startsWord: true },
  mac: { pattern: "[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5}", startsWord: true },
  birth: { pattern: "(?:19|20)\\d{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\\d|3[01])", startsWord: true },
  pem: { pattern: "-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----" },
  nino: { pattern: "[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\\d{6}[A-D]", startsWord: true },
  dsn: { pattern: "(?:postgres|mysql|mongodb|redis)://[^\\s:@/]+:[^\\s@/]+@" },
  bitcoin: { pattern: "[13][1-9A-HJ-NP-Za-km-z]{25,34}", startsWord: true },
};
