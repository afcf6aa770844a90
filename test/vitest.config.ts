import { defineConfig } from 'vitest/config';

// The SDK's notice about Node 20 would drown what the tests say.
const env = { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' };

// A project is named by what its tests need: nothing, DynamoDB Local, or the running stack.
export default defineConfig({
  test: {
    projects: [
      { test: { env, name: 'unit', sequence: { groupOrder: 0 }, include: ['test/unit/**/*.test.ts'] } },
      {
        test: {
          env,
          name: 'table',
          sequence: { groupOrder: 1 },
          include: ['test/table/**/*.test.ts'],
          globalSetup: ['test/support/dynamodb-local.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          env,
          name: 'offline',
          sequence: { groupOrder: 2 }, // alone on the machine: it measures
          include: ['test/offline/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
