import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { seedItems } from '../../seeds/index.ts';
import type { LocalSettings } from '../settings.ts';
import type { EventSource } from '../stream/event-sources.ts';
import { lambdaInvoker } from '../stream/invoke.ts';
import { type Poller, startPoller } from '../stream/poller.ts';
import { createTable, type ServerlessWithTable } from '../table.ts';

// A file of its own, so that local-stack.ts can start the database before the SDK and the schemas of the seeds are loaded.

/** Creates and seeds the table of a database that listens. */
export async function fillDatabase(serverless: ServerlessWithTable, { workFolder }: LocalSettings): Promise<void> {
  await writeFile(join(workFolder, 'seeds.json'), JSON.stringify(seedItems()));
  await createTable(serverless);
}

/** Starts to deliver the stream of the table. */
export function startDelivery(settings: LocalSettings, sources: EventSource[], warn: (line: string) => void): Poller {
  return startPoller({ settings, sources, invoke: lambdaInvoker(settings.ports.lambda), warn });
}
