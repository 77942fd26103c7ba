import { defineConfig } from "vitest/config";

// Sources are tested as they are: the `@hpl/source` condition resolves workspace packages to their TypeScript files.
const conditions = ["@hpl/source", "module", "import", "node", "default"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: ["node", "import", "default"] } },
  test: {
    include: ["{runtime,compiler,gateway,cli,examples,scripts,spec,benchmarks}/**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/dist/**"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    server: { deps: { inline: [/@hpl\//] } },
  },
});
