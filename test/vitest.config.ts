import { defineConfig } from 'vitest/config';

// A project is named by what its tests need: nothing, DynamoDB Local, or the running stack.
export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'] } },
      {
        test: {
          name: 'table',
          include: ['test/table/**/*.test.ts'],
          globalSetup: ['test/support/dynamodb-local.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'offline',
          include: ['test/offline/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
