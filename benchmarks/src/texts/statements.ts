/** The SQL texts that text-to-decision asks about: four shapes, each in many variants that differ in a literal. */

/** A shape of statement, and what must come of it under `shopPolicy`. */
export interface Shape {
  readonly name: string;
  readonly text: (variant: number) => string;
  readonly verdict: "allow" | "block";
  /** Output columns that are masked, by position. */
  readonly masked: readonly number[];
}

const oltpShort = (variant: number): string => `SELECT id, status, total FROM orders WHERE id = ${1_000 + variant}`;

const threeTableJoin = (variant: number): string => `
SELECT o.id, c.name, c.email AS contact, p.title, o.total
FROM orders o
JOIN customers c ON c.id = o.customer_id
JOIN products p ON p.id = o.product_id
WHERE o.status = 'open' AND o.total > ${variant}.50 AND p.category IN ('books', 'games')
ORDER BY o.id DESC LIMIT 50`;

const revenueReport = (variant: number): string => `
WITH recent AS (
  SELECT o.id, o.customer_id, o.product_id, o.total * (1 - o.discount) AS volume,
         extract(year FROM o.shipped) AS ship_year
  FROM orders o
  WHERE o.shipped BETWEEN DATE '1995-01-01' AND DATE '1996-12-31' AND o.total > ${variant}
)
SELECT seller.name AS seller_nation, buyer.name AS buyer_nation, r.ship_year,
       sum(r.volume) AS revenue,
       sum(CASE WHEN buyer.name = 'BRAZIL' THEN r.volume ELSE 0 END) / sum(r.volume) AS market_share,
       avg(r.volume) AS mean_volume, count(*) AS orders_count
FROM recent r
JOIN products p ON p.id = r.product_id
JOIN suppliers s ON s.id = p.supplier_id
JOIN customers c ON c.id = r.customer_id
JOIN nations seller ON seller.id = s.nation_id
JOIN nations buyer ON buyer.id = c.nation_id
WHERE ((seller.name = 'FRANCE' AND buyer.name = 'GERMANY') OR (seller.name = 'GERMANY' AND buyer.name = 'FRANCE'))
  AND EXISTS (SELECT 1 FROM orders x WHERE x.customer_id = c.id AND x.status IN ('paid', 'sent'))
  AND p.price < (SELECT 0.8 * avg(q.price) FROM products q WHERE q.category = p.category)
GROUP BY seller.name, buyer.name, r.ship_year
HAVING sum(r.volume) > 1000
ORDER BY seller_nation, buyer_nation, r.ship_year`;

/** How many columns the table `wide` has; one in ten of them is labelled. */
export const wide_columns_count = 200;
const wideColumns = Array.from({ length: wide_columns_count }, (_, i) => `c${i}`);
const wideSelect = (variant: number): string => `SELECT ${wideColumns.join(", ")} FROM wide WHERE id = ${variant}`;

export const shapes: readonly Shape[] = [
  { name: "OLTP, short", text: oltpShort, verdict: "allow", masked: [] },
  { name: "join of 3 tables", text: threeTableJoin, verdict: "allow", masked: [2] },
  { name: "TPC-H-like", text: revenueReport, verdict: "allow", masked: [] },
  {
    name: "200 columns",
    text: wideSelect,
    verdict: "allow",
    masked: wideColumns.flatMap((_, i) => (i % 10 === 0 ? [i] : [])),
  },
];
