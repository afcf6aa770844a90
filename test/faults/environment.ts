import { noFaults } from '../support/faults.ts';
import { captureStream } from '../support/stream-layer.ts';
import { newTable } from '../support/table.ts';
import { loadProjector } from './projector.ts';
import type { Environment } from './run-schedule.ts';

/** Creates a table and captures its stream. */
export async function openEnvironment(endpoint: string): Promise<Environment & { close: () => Promise<void> }> {
  const table = await newTable(endpoint, { withStream: true });
  const [capture, project] = await Promise.all([captureStream(table, endpoint), loadProjector()]);
  return { table, endpoint, capture, project, counts: noFaults(), close: capture.stop };
}
