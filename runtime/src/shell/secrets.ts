/**
 * Which files hold credentials, by their names. A list, and therefore never complete: a policy that must be sure says which
 * paths may be read. Samples that people check in on purpose are not on it.
 */

/** A path with one of these in it, as whole segments, is a secret, whatever it is called. */
export const secretFolders: readonly (readonly string[])[] = [
  [".ssh"],
  [".aws"],
  [".azure"],
  [".gnupg"],
  [".config", "gcloud"],
  [".config", "op"],
  [".password-store"],
  [".kube"],
  [".docker"],
  [".minikube"],
  ["run", "secrets"],
  [".mozilla", "firefox"],
  [".config", "google-chrome"],
  ["Library", "Keychains"],
  [".local", "share", "keyrings"],
];

/** Files inside those folders that hold none. */
export const plainNames: readonly RegExp[] = [/\.pub$/, /^known_hosts(\.old)?$/, /^authorized_keys$/, /^cache$/];

/** Names of files. */
export const secretNames: readonly string[] = [
  ".env",
  ".envrc",
  ".netrc",
  "_netrc",
  ".pgpass",
  ".my.cnf",
  ".mylogin.cnf",
  ".npmrc",
  ".pypirc",
  ".git-credentials",
  ".vault-token",
  ".htpasswd",
  ".dockercfg",
  ".s3cfg",
  ".boto",
  "id_rsa",
  "id_dsa",
  "id_ecdsa",
  "id_ed25519",
  "credentials",
  "credentials.json",
  "credentials.tfrc.json",
  "client_secret.json",
  "service-account.json",
  "service_account.json",
  "application_default_credentials.json",
  "secrets.json",
  "secrets.yml",
  "secrets.yaml",
  "secrets.toml",
  "master.key",
  "shadow",
  "gshadow",
  "shadow-",
  "environ",
  "terraform.tfstate",
  "terraform.tfstate.backup",
  "kubeconfig",
  "admin.conf",
  ".bash_history",
  ".zsh_history",
  ".psql_history",
  ".mysql_history",
  "krb5.keytab",
];

/** Ends of names. */
export const secretEndings: readonly string[] = [
  ".pem",
  ".key",
  ".p12",
  ".pfx",
  ".jks",
  ".keystore",
  ".kdbx",
  ".ppk",
  ".tfvars",
  ".tfstate",
  ".keytab",
  ".env",
];

/** `.env.production` is one; `.env.example` is there to be read. */
const environmentFile = /^\.env\.(?!(?:example|sample|template|dist|defaults?|schema|test)$)/;

export function isSecretName(name: string): boolean {
  return (
    secretNames.includes(name) || environmentFile.test(name) || secretEndings.some((ending) => name.endsWith(ending))
  );
}

/** Names of environment variables whose values are credentials. */
export const isSecretVariable = (name: string): boolean =>
  /(?:PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|CREDENTIAL|PRIVATE|API_?KEY|ACCESS_?KEY|_KEY$|_PWD$|_PASS$|DATABASE_URL|_DSN$)/i.test(
    name,
  );
