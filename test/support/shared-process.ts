import { afterAll, vi } from 'vitest';

// The setup of each test file in a project whose files share a process (`isolate: false`): packages, which take most of the time of
// a short test file, are loaded once. The modules of this repository are evaluated anew for each file, and neither a changed
// environment nor a stubbed global nor a fake clock outlasts its file.

vi.resetModules();

const { exitCode } = process;
const environment = { ...process.env };

afterAll(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
  for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name];
  Object.assign(process.env, environment);
  process.exitCode = exitCode;
});
