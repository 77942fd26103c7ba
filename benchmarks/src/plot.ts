/**
 * A plot as SVG: lines over two logarithmic axes.
 *
 * In: named series of points, all greater than zero. Out: the text of one SVG file that stands alone: no script, no font, no
 * library. It has no background and two sets of colours, so that it reads on light pages and on dark ones; every line also has
 * its name at its end, because colours alone tell some readers nothing. Absent: any other kind of plot.
 */
export interface Plot {
  /** Part of a file's name. */
  readonly name: string;
  readonly title: string;
  readonly x_label: string;
  readonly y_label: string;
  readonly series: readonly Series[];
}

export interface Series {
  readonly name: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

const size = { width: 760, height: 440 };
const area = { left: 70, right: 600, top: 50, bottom: 380 };
/** Okabe and Ito's colours, which most people can tell apart; darker ones of them on a light page. */
const colors = {
  light: ["#0072b2", "#b34700", "#007a5a", "#a8386b", "#7a6000", "#4b5563", "#5b2ca0"],
  dark: ["#56b4e9", "#e69f00", "#2dd4a7", "#ee8cc0", "#f0e442", "#b6bec9", "#b79bff"],
};

/** Maps a logarithmic range of values to a range of pixels. */
interface Axis {
  readonly ticks: readonly number[];
  at(value: number): number;
}

export function renderPlot(plot: Plot): string {
  const points = plot.series.flatMap((series) => series.points);
  const x = makeAxis(
    points.map((point) => point.x),
    area.left,
    area.right,
  );
  const y = makeAxis(
    points.map((point) => point.y),
    area.bottom,
    area.top,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${size.height}" role="img" aria-label="${escaped(plot.title)}">`,
    `<style>${styles()}</style>`,
    `<text class="title" x="${area.left}" y="26">${escaped(plot.title)}</text>`,
    ...x.ticks.map((tick) => tickAt(x.at(tick), area.bottom + 20, "middle", tick)),
    ...y.ticks.flatMap((tick) => [
      `<line class="grid" x1="${area.left}" x2="${area.right}" y1="${y.at(tick)}" y2="${y.at(tick)}"/>`,
      tickAt(area.left - 8, y.at(tick) + 4, "end", tick),
    ]),
    `<text x="${(area.left + area.right) / 2}" y="${area.bottom + 46}" text-anchor="middle">${escaped(plot.x_label)}</text>`,
    `<text transform="translate(18 ${(area.top + area.bottom) / 2}) rotate(-90)" text-anchor="middle">${escaped(plot.y_label)}</text>`,
    ...plot.series.map((series, i) => renderLine(series, i, x, y)),
    ...renderNames(plot.series, y),
    "</svg>\n",
  ].join("\n");
}

function styles(): string {
  const rules = (set: readonly string[]): string =>
    set.map((color, i) => `.s${i}{stroke:${color}}.n${i}{fill:${color}}`).join("");
  const text = "text{font:13px system-ui,sans-serif;fill:#1f2937}.title{font-size:16px;font-weight:600}";
  const lines = ".grid{stroke:#9ca3af;stroke-opacity:.35}.line{fill:none;stroke-width:2}";
  return `${text}${lines}${rules(colors.light)}@media(prefers-color-scheme:dark){text{fill:#e5e7eb}${rules(colors.dark)}}`;
}

/** From the power of ten below the least value to the one above the greatest, with a tick at each. */
function makeAxis(values: readonly number[], start_px: number, end_px: number): Axis {
  const exponents = values.map(Math.log10);
  const low = Math.floor(Math.min(...exponents));
  const high = Math.max(low + 1, Math.ceil(Math.max(...exponents)));
  const at = (value: number): number =>
    rounded(start_px + ((Math.log10(value) - low) / (high - low)) * (end_px - start_px));
  return { ticks: Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i)), at };
}

function renderLine({ points }: Series, i: number, x: Axis, y: Axis): string {
  const path = points.map((point) => `${x.at(point.x)},${y.at(point.y)}`).join(" ");
  const color = i % colors.light.length;
  const dots = points.map((point) => `<circle class="n${color}" cx="${x.at(point.x)}" cy="${y.at(point.y)}" r="3.5"/>`);
  return `<polyline class="line s${color}" points="${path}"/>${dots.join("")}`;
}

/** Names beside the ends of their lines, from the top down and never closer than a line of text. */
function renderNames(series: readonly Series[], y: Axis): readonly string[] {
  const ends = series
    .map(({ name, points }, i) => ({ name, i, at: y.at(points.at(-1)?.y ?? 1) }))
    .toSorted((a, b) => a.at - b.at);
  let last = Number.NEGATIVE_INFINITY;
  return ends.map(({ name, i, at }) => {
    last = Math.max(at, last + 17);
    const color = i % colors.light.length;
    return `<text class="n${color}" x="${area.right + 14}" y="${last + 4}">${escaped(name)}</text>`;
  });
}

const tickAt = (x: number, y: number, anchor: string, value: number): string =>
  `<text x="${x}" y="${y}" text-anchor="${anchor}">${shownTick(value)}</text>`;

/** Powers of ten, without what floating point adds. */
const shownTick = (value: number): string =>
  value >= 1 ? value.toLocaleString("en-US") : value.toFixed(Math.round(-Math.log10(value)));

const rounded = (px: number): number => Math.round(px * 10) / 10;

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
