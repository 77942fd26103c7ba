-- A small shop. The names and addresses are invented.
CREATE TABLE customers (
  id integer PRIMARY KEY,
  name text NOT NULL,
  email text NOT NULL UNIQUE,
  phone text,
  joined date NOT NULL
);

CREATE TABLE orders (
  id integer PRIMARY KEY,
  customer_id integer NOT NULL REFERENCES customers,
  total numeric(10, 2) NOT NULL,
  status text NOT NULL DEFAULT 'open'
);

INSERT INTO customers VALUES
  (1, 'Ann Archer', 'ann@archer.example', '+44 20 7946 0001', '2024-02-11'),
  (2, 'Ben Baker',  'ben@baker.example',  '+44 20 7946 0002', '2024-05-30'),
  (3, 'Cleo Cook',  'cleo@cook.example',  NULL,               '2025-01-17');

INSERT INTO orders VALUES
  (5, 1, 19.90, 'paid'),
  (6, 2, 240.00, 'paid'),
  (7, 3, 74.50, 'open'),
  (8, 1, 5.25, 'open');
