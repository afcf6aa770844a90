import { noFaults } from '../support/faults.ts';
import { captureStream } from '../support/stream-layer.ts';
import { newTable } from '../support/table.ts';
import type { Stage } from './play.ts';
import { loadProjector } from './projector.ts';

/** Makes a table and follows its stream. */
export async function openStage(endpoint: string): Promise<Stage & { close: () => Promise<void> }> {
  const table = await newTable(endpoint, { withStream: true });
  const [capture, project] = await Promise.all([captureStream(table, endpoint), loadProjector()]);
  return { table, endpoint, capture, project, counts: noFaults(), close: capture.stop };
}
