import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { arch, cpus, totalmem, type } from 'node:os';
import { resolve } from 'node:path';
import process from 'node:process';
import type { Machine } from './suite.ts';

const modules = resolve(import.meta.dirname, '../../node_modules');
const versionOf = (name: string): string => JSON.parse(readFileSync(`${modules}/${name}/package.json`, 'utf8')).version;

/** The machine that measures, and the versions of what is measured. */
export function thisMachine(): Machine {
  const processors = cpus();
  return {
    cpu: processors[0]?.model.trim() || 'unknown processor',
    cores: processors.length,
    memory: `${Math.round(totalmem() / 2 ** 30)} GB`,
    system: `${type()} ${arch()}`,
    versions: {
      'Node.js': process.versions.node,
      Java: javaVersion(),
      'DynamoDB Local (amplify-dynamodb-simulator)': versionOf('amplify-dynamodb-simulator'),
      'AWS SDK (client-dynamodb)': versionOf('@aws-sdk/client-dynamodb'),
    },
  };
}

/** @returns the version that `java -version` prints, on stderr, in the form `openjdk version "17.0.2"` */
function javaVersion(): string {
  const { stderr } = spawnSync('java', ['-version'], { encoding: 'utf8' });
  return /version "([^"]+)"/.exec(stderr ?? '')?.[1] ?? 'none';
}
