import { defineConfig } from 'vitest/config';

// Component tests need a DOM, browser tests a Chromium and the running stack, the model test only a little of a browser.
export default defineConfig({
  test: {
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    testTimeout: 60_000,
    expect: { poll: { timeout: 15_000 } },
    hookTimeout: 90_000, // the first start builds the client
    projects: [
      {
        extends: true,
        test: {
          name: 'components',
          sequence: { groupOrder: 0 },
          include: ['test/web/components/**/*.test.{ts,tsx}'],
          environment: 'happy-dom',
          isolate: false, // as for the unit tests: test/vitest.config.ts
          maxWorkers: 2,
          setupFiles: ['test/support/shared-process.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'model',
          sequence: { groupOrder: 1 },
          maxWorkers: 2,
          include: ['test/web/model/**/*.test.ts'],
          setupFiles: ['test/web/model/page.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          sequence: { groupOrder: 2 },
          include: ['test/web/browser/**/*.test.ts'],
          globalSetup: ['test/web/browser/stack.ts'], // one stack for all files
          maxWorkers: 2,
        },
      },
    ],
  },
});
