/** What a match of a detector may have to pass beside its pattern, and how many numbers each check takes. */
export const detectorChecks = {
  // What stands beside the match: ASCII letters and digits, or digits.
  starts_word: 0,
  whole_word: 0,
  whole_number: 0,
  // What the match is made of.
  entropy: 1,
  luhn: 0,
  mod97: 0,
  verhoeff: 0,
  ip: 0,
  jwt: 0,
  base58check: 0,
  bech32: 0,
  iban: 0,
  phone: 0,
  // Numbers of people and companies, each with the checksum its issuer gives it.
  ssn: 0,
  itin: 0,
  us_routing: 0,
  us_npi: 0,
  uk_nhs: 0,
  au_abn: 0,
  au_acn: 0,
  au_tfn: 0,
  au_medicare: 0,
  br_cpf: 0,
  br_cnpj: 0,
  de_tax_id: 0,
  es_nif: 0,
  fi_hetu: 0,
  fr_nir: 0,
  in_gstin: 0,
  it_fiscal_code: 0,
  kr_rrn: 0,
  nl_bsn: 0,
  pl_pesel: 0,
  sg_fin: 0,
  th_id: 0,
  tr_id: 0,
} as const satisfies Readonly<Record<string, number>>;

export type DetectorCheck = keyof typeof detectorChecks;

/** Checks that look at the bytes beside a match: the scanning kernel makes them. */
export const besideChecks = ["starts_word", "whole_word", "whole_number"] as const satisfies readonly DetectorCheck[];
