import type { TestProject } from 'vitest/node';
import { type Ports, startStack } from '../../support/stack.ts';

declare module 'vitest' {
  interface ProvidedContext {
    stack: { httpUrl: string; ports: Ports };
  }
}

/** Starts the one stack of all browser tests. Each test signs up its own users. */
export default async function setUp({ provide }: TestProject): Promise<() => Promise<unknown>> {
  const stack = await startStack();
  provide('stack', { httpUrl: stack.httpUrl, ports: stack.ports });
  return () => stack.stop();
}
