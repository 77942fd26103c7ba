/**
 * Charts as inline SVG: they need no script and no network, and print in black and white, because colour is never alone.
 *
 * In: numbers by name. Out: SVG text. Every bar says its value to whoever cannot see it.
 */

/** Text for HTML and SVG, in content and in quoted attributes. */
export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

const colors: Readonly<Record<string, string>> = {
  allow: "#2f7d5b",
  approve: "#b7791f",
  block: "#b03a2e",
  other: "#44617b",
};

export interface Stack {
  readonly name: string;
  /** Parts from the bottom up. */
  readonly parts: readonly { readonly kind: string; readonly count: number }[];
}

const chartWidth = 720;

/** Columns side by side, each made of parts: decisions a day, by verdict. */
export function columnChart(title: string, stacks: readonly Stack[]): string {
  const height = 180;
  const totals = stacks.map(({ parts }) => parts.reduce((sum, { count }) => sum + count, 0));
  const top = Math.max(1, ...totals);
  const step = chartWidth / Math.max(1, stacks.length);
  const columns = stacks.map(({ name, parts }, i) => {
    let y = height;
    const bars = parts.map(({ kind, count }) => {
      const size = (count / top) * (height - 20);
      y -= size;
      return count === 0 ? "" : bar(i * step + 1, y, Math.max(1, step - 2), size, kind, `${name}: ${count} ${kind}`);
    });
    return bars.join("");
  });
  const every = Math.ceil(stacks.length / 8);
  const labels = stacks.map(({ name }, i) =>
    i % every === 0 ? `<text x="${round(i * step)}" y="${height + 16}">${escapeHtml(name)}</text>` : "",
  );
  const axis = `<line x1="0" y1="${height}" x2="${chartWidth}" y2="${height}" stroke="#999"/><text x="0" y="12">${top}</text>`;
  return svg(title, height + 24, [axis, ...columns, ...labels].join(""));
}

/** Rows under each other: the names that occur most. */
export function rowChart(title: string, rows: readonly { readonly name: string; readonly count: number }[]): string {
  const top = Math.max(1, ...rows.map(({ count }) => count));
  const bars = rows.map(({ name, count }, i) => {
    const width = (count / top) * 380;
    const label = name.length > 44 ? `${name.slice(0, 43)}…` : name;
    return (
      `<text x="0" y="${i * 22 + 15}">${escapeHtml(label)}</text>` +
      bar(280, i * 22 + 3, width, 16, "other", `${name}: ${count}`) +
      `<text x="${round(286 + width)}" y="${i * 22 + 15}">${count}</text>`
    );
  });
  return svg(title, Math.max(22, rows.length * 22), bars.join(""));
}

const bar = (x: number, y: number, width: number, height: number, kind: string, says: string): string =>
  `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" fill="${colors[kind] ?? colors.other}"><title>${escapeHtml(says)}</title></rect>`;

const round = (value: number): number => Math.round(value * 10) / 10;

const svg = (title: string, height: number, content: string): string =>
  `<svg viewBox="0 0 ${chartWidth} ${height}" role="img" aria-label="${escapeHtml(title)}" font-size="12">${content}</svg>`;
