import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parsePort } from '../../../offline/ports.ts';
import {
  invalidPort,
  missingForStart,
  missingJava,
  sharedPort,
  takenPort,
} from '../../../offline/preflight/local-stack.ts';
import { type LocalSettings, localSettings, type ServerlessLike } from '../../../offline/settings.ts';
import { freePort } from '../../support/free-port.ts';

describe('a port', () => {
  test.each(['0x1F90', 'abc', '99999', '65536', '0', '-1', '3000.5', '3e3', ' 3000', '03000', '+1', ''])(
    '%j is not a port',
    (text) => {
      for (const [service, name] of [
        ['http', 'HTTP_PORT'],
        ['websocket', 'WEBSOCKET_PORT'],
        ['dynamodb', 'DYNAMODB_PORT'],
      ] as const)
        expect(invalidPort([[service, parsePort(text)]])).toMatch(new RegExp(`^${name} must be a port`));
    },
  );

  test('the settings of the stack know no port that is not one', () => {
    const ports = { http: '3000', websocket: 'abc', lambda: '99999', dynamodb: '0x1F90', cognito: '9229' };
    const service = { provider: {}, functions: {}, custom: { ports } };
    const settings = localSettings({ serviceDir: '/', instanceId: '1', service } as unknown as ServerlessLike, {});
    const not = Number.NaN;
    expect(settings.ports).toEqual({ http: 3000, websocket: not, lambda: not, dynamodb: not, cognito: 9229 });
  });

  test.each(['1', '3000', '65535'])('%j is a port', (text) => {
    expect(invalidPort([['http', parsePort(text)]])).toBeUndefined();
    expect(parsePort(text)).toBe(Number(text));
  });

  test('two services cannot have the same port', () => {
    const missing = sharedPort([
      ['http', 3000],
      ['lambda', 3002],
      ['cognito', 3000],
    ]);
    expect(missing).toMatch(/^HTTP_PORT and COGNITO_PORT are both 3000/);
  });

  test('any other port is accepted', () => {
    expect(
      sharedPort([
        ['http', 1],
        ['lambda', 65_535],
      ]),
    ).toBeUndefined();
  });

  const hasIpv6 = Object.values(networkInterfaces()).some((each) => each?.some(({ address }) => address === '::1'));
  test.each(['127.0.0.1', '0.0.0.0', ...(hasIpv6 ? ['::1', '::'] : [])])(
    'a port with a listener on %s is taken',
    async (host) => {
      const server = createServer().listen(0, host);
      await once(server, 'listening');
      const { port } = server.address() as { port: number };
      expect(await takenPort(['dynamodb', port])).toContain(`Port ${port} (DYNAMODB_PORT) is taken`);
      await new Promise((closed) => server.close(closed));
      expect(await takenPort(['dynamodb', port])).toBeUndefined();
    },
  );
});

describe('with another PATH', () => {
  const path = process.env.PATH;
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cruddur-java-'));
    process.env.PATH = folder;
  });
  afterEach(() => {
    process.env.PATH = path;
    rmSync(folder, { recursive: true });
  });
  const java = (exitCode: number) =>
    writeFileSync(join(folder, 'java'), `#!/bin/sh\nexit ${exitCode}\n`, { mode: 0o755 });

  test('without `java` Java is missing', async () => {
    expect(await missingJava()).toMatch(/^Java is missing/);
  });

  test('with a `java` that does not run, as on macOS, Java is missing', async () => {
    java(1);
    expect(await missingJava()).toMatch(/^Java is missing/);
  });

  test('one missing precondition is reported, and none if all are met', async () => {
    const [http, lambda, dynamodb, cognito] = [await freePort(), await freePort(), await freePort(), await freePort()];
    const settings = {
      ports: { http, lambda, dynamodb, cognito, websocket: http },
      onDisk: true,
      stateFolder: join(folder, 'new', 'database'),
    } as LocalSettings;
    expect(await missingForStart(settings, false)).toBeUndefined();
    expect(await missingForStart(settings, true)).toMatch(/WEBSOCKET_PORT/);
    writeFileSync(join(folder, 'file'), '');
    for (const unusable of ['file', 'emoji 😀'])
      expect(await missingForStart({ ...settings, stateFolder: join(folder, unusable) }, false)).toMatch(
        /^DYNAMODB_PATH [^\n]+$/,
      );
  });
});
