/** The two databases: same rows, same NULLs, other values in the labelled columns: other lengths, order and letters. */
export interface World {
  readonly secrets: readonly string[];
  readonly people: readonly Person[];
}

interface Person {
  readonly name: string;
  readonly email: string;
  readonly phone: string | null;
  readonly ssn: string;
  readonly salary: number;
  readonly tags: readonly string[];
}

const person = (
  name: string,
  email: string,
  phone: string | null,
  ssn: string,
  salary: number,
  tags: string,
): Person => ({
  name,
  email,
  phone,
  ssn,
  salary,
  tags: tags.split(" "),
});

const worldOf = (people: readonly Person[]): World => ({
  people,
  secrets: people.flatMap(({ email, phone, ssn, salary, tags }) => [
    ...[email, email.split("@")[0] ?? "", email.split("@")[1] ?? "", ssn, String(salary)],
    ...tags.filter((tag) => tag.length > 4),
    ...(phone === null ? [] : [phone]),
  ]),
});

export const worlds: readonly World[] = [
  worldOf([
    person("Ann Archer", "annsecret@archer-hidden.example", "+44 20 7946 0001", "111-22-3333", 91_000, "vip hushtag"),
    person("Ben Baker", "benhidden@baker-private.example", "+44 20 7946 0002", "222-33-4444", 72_345, "quietone"),
    person("Cleo Cook", "cleoveiled%s@cook-covert.example", null, "333-44-5555", 63_111, "murmur loudmark"),
  ]),
  worldOf([
    person(
      "Ann Archer",
      "zz9@q-clandestine-and-rather-long.example",
      "+1 999 555 1234567",
      "998-76-5432",
      12_345_678,
      "stealth",
    ),
    person("Ben Baker", "yolanda.occult@x-cryptic.example", "+1 2", "887-65-4321", 65, "lowkey sotto voce"),
    person("Cleo Cook", "a1-shrouded@m-latent.example", null, "776-54-3210", 40_404, "unseenly"),
  ]),
];

const text = (value: string | null): string => (value === null ? "NULL" : `'${value.replaceAll("'", "''")}'`);
const dates = ["2024-02-11", "2024-05-30", "2025-01-17"];

/** The quickstart's shop with more in it: what each kind of attack needs to find. */
export function seedSql({ people }: World): string {
  const customers = people.map(
    ({ name, email, phone }, i) => `(${i + 1}, ${text(name)}, ${text(email)}, ${text(phone)}, '${dates[i]}')`,
  );
  const cu = people.map(({ name, email, ssn, salary, tags }, i) => {
    const note = JSON.stringify({ email, n: salary });
    return `(${i + 1}, ${text(name)}, ${text(email)}, '${ssn}', ${salary}, '${note}', '{${tags.join(",")}}', '${dates[i]}', '10.0.0.${i}')`;
  });
  const parts = people.map(({ email }, i) => `(${i + 1}, ${text(email)}, 'part ${i}')`);
  return `
CREATE TABLE customers (id integer PRIMARY KEY, name text NOT NULL, email text NOT NULL UNIQUE, phone text, joined date NOT NULL);
CREATE TABLE cu (id integer PRIMARY KEY, name text, email text, ssn text, salary numeric, note jsonb, tags text[], dob date, ip inet);
CREATE TABLE orders (id integer PRIMARY KEY, customer_id integer NOT NULL REFERENCES customers, total numeric(10, 2) NOT NULL,
  status text NOT NULL DEFAULT 'open', email text);
CREATE TABLE parts (id integer, secret text, label text) PARTITION BY RANGE (id);
CREATE TABLE parts_low PARTITION OF parts FOR VALUES FROM (0) TO (100);
CREATE TABLE parts_high PARTITION OF parts FOR VALUES FROM (100) TO (200);
CREATE TABLE contacts (id integer PRIMARY KEY, address text REFERENCES customers (email) DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE later (id integer PRIMARY KEY, order_id integer REFERENCES orders DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE lines (id integer PRIMARY KEY, order_id integer REFERENCES orders ON DELETE CASCADE, sku text);
CREATE VIEW v_cust AS SELECT id, email AS contact FROM cu;
CREATE VIEW v_outer AS SELECT contact AS c, id FROM v_cust WHERE id > 0;
INSERT INTO customers VALUES ${customers.join(", ")};
INSERT INTO cu VALUES ${cu.join(", ")};
INSERT INTO orders VALUES (5, 1, 19.90, 'paid', ${text(people[0]?.email ?? "")}), (6, 2, 240.00, 'paid', 'none'),
  (7, 3, 74.50, 'open', 'none'), (8, 1, 5.25, 'open', 'none'), (10, 1, 1, 'open', 'none'), (11, 2, 1, 'open', 'none');
INSERT INTO parts VALUES ${parts.join(", ")};
INSERT INTO contacts VALUES (1, ${text(people[0]?.email ?? "")});
INSERT INTO lines VALUES (1, 5, 'bolt'), (2, 6, 'nut');
`;
}

/** Takes away whatever an attack has left. */
export const resetSql = `
DO $$ DECLARE s text; BEGIN
  FOR s IN SELECT nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema' LOOP
    EXECUTE format('DROP SCHEMA %I CASCADE', s);
  END LOOP;
END $$;
SELECT lo_unlink(oid) FROM pg_largeobject_metadata;
CREATE SCHEMA public;
ALTER ROLE app RESET ALL;
ALTER DATABASE postgres RESET ALL;
`;
