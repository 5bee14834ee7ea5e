import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/support/engines.ts", "test/console/setup.ts"],
    setupFiles: ["test/support/setup.ts"],
    // for a machine with a fraction of the usual speed: what is waited for comes, or is broken
    testTimeout: 600_000,
    hookTimeout: 600_000,
    teardownTimeout: 120_000,
    expect: { poll: { timeout: 120_000 } },
    maxWorkers: 2,
  },
});
