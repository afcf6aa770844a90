import { defineConfig } from 'vitest/config';

const shared = {
  env: {
    // The SDK's notice about Node 20 would drown what the tests say.
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    // Tests read what commands print: no colours in it, neither on a terminal nor where CI is set.
    NO_COLOR: '1',
    FORCE_COLOR: '0',
  },
  testTimeout: 60_000,
  hookTimeout: 60_000,
};

/** Loading the packages for each file anew takes as long as most tests. test/support/shared-process.ts separates the files. */
const sharedProcess = { isolate: false, setupFiles: ['test/support/shared-process.ts'] };

/** Measures times, keeps both cores busy, or makes `web/dist` anew, which stacks and packages read. */
const alone = ['api', 'package', 'sockets', 'web-build'].map((name) => `test/offline/${name}.test.ts`);

// A project is named by what its tests need: nothing, DynamoDB Local (one for each worker), or the running stack, some
// of them with nothing beside them.
export default defineConfig({
  test: {
    projects: [
      { test: { ...shared, ...sharedProcess, name: 'unit', maxWorkers: 2, include: ['test/unit/**/*.test.ts'] } },
      {
        test: {
          ...shared,
          ...sharedProcess,
          name: 'table',
          include: ['test/table/**/*.test.ts', 'test/faults/**/*.test.ts', 'test/simulation/**/*.test.ts'],
          globalSetup: ['test/table/databases.ts'],
          maxWorkers: 2,
        },
      },
      {
        test: {
          ...shared,
          name: 'offline',
          sequence: { groupOrder: 1 },
          include: ['test/offline/**/*.test.ts'],
          exclude: alone,
          maxWorkers: 2,
        },
      },
      {
        test: {
          ...shared,
          name: 'alone',
          sequence: { groupOrder: 2 },
          include: alone,
          fileParallelism: false,
        },
      },
    ],
  },
});
