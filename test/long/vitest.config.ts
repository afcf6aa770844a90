import { defineConfig } from 'vitest/config';

// What takes minutes, each file with DynamoDB Local to itself: `npm run test:long`. Not part of `npm test`.
export default defineConfig({
  test: {
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    include: ['test/long/**/*.test.ts'],
    globalSetup: ['test/support/dynamodb-local.ts'],
    fileParallelism: false,
    testTimeout: 180_000,
    hookTimeout: 60_000,
  },
});
