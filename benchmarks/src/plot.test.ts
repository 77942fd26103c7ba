import { expect, test } from "vitest";
import { renderPlot } from "./plot.js";

const plot = {
  name: "plain",
  title: "a < b & c",
  x_label: "rules",
  y_label: "µs",
  series: [
    {
      name: "hpl",
      points: [
        { x: 10, y: 1 },
        { x: 1_000, y: 100 },
      ],
    },
    {
      name: "peer",
      points: [
        { x: 10, y: 0.5 },
        { x: 1_000, y: 101 },
      ],
    },
  ],
};

test("a plot is one SVG that stands alone, in colours for light pages and dark ones", () => {
  const svg = renderPlot(plot);
  expect(svg).toContain("a &lt; b &amp; c");
  expect(svg).toContain("prefers-color-scheme:dark");
  expect(svg).not.toMatch(/<script|href|url\(|NaN|undefined/);
  expect(svg.match(/<polyline/g)).toHaveLength(2);
  expect(renderPlot(plot)).toBe(svg);
});

test("axes are logarithmic, from power of ten to power of ten", () => {
  const svg = renderPlot(plot);
  for (const tick of ["0.1", "1", "10", "100", "1,000"]) expect(svg).toContain(`>${tick}</text>`);
  const [first, second] = [...svg.matchAll(/polyline class="line s0" points="([^"]+)"/g)][0]?.[1]?.split(" ") ?? [];
  expect(first).toBe("70,297.5");
  expect(second).toBe("600,132.5");
});

test("names do not lie on one another", () => {
  const heights = [...renderPlot(plot).matchAll(/<text class="n\d" x="614" y="([\d.]+)"/g)].map(([, y]) => Number(y));
  expect(heights).toHaveLength(2);
  expect(Math.abs((heights[0] ?? 0) - (heights[1] ?? 0))).toBeGreaterThanOrEqual(17);
});
