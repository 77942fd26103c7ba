import { defineConfig } from "vitest/config";

// Sources are tested as they are: the `@hpl/source` condition resolves workspace packages to their TypeScript files.
// `import` and `default` always hold; naming them here would make Node apply them to `require` too, which breaks packages.
const conditions = ["@hpl/source", "node"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ["{runtime,compiler,gateway,cli,examples,scripts,spec,benchmarks}/**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/dist/**"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    server: { deps: { inline: [/@hpl\//] } },
  },
});
