import type { TestProject } from 'vitest/node';
import { type Ports, startStack } from '../../support/stack.ts';

declare module 'vitest' {
  interface ProvidedContext {
    stack: { httpUrl: string; ports: Ports };
  }
}

/** Starts the stack that all browser tests meet: each has people of its own there. */
export default async function setUp({ provide }: TestProject): Promise<() => Promise<unknown>> {
  const stack = await startStack();
  provide('stack', { httpUrl: stack.httpUrl, ports: stack.ports });
  return () => stack.stop();
}
