import { newDeps } from '../core/deps.ts';
import { openTable } from '../core/table/client.ts';

/** Made once per function instance: the connection stays open, and a warm function remembers what it saw. */
export const deps = newDeps(openTable(tableName()));

function tableName(): string {
  const name = process.env.TABLE_NAME;
  if (!name) throw new Error('TABLE_NAME is not set: serverless.yml sets it for every function');
  return name;
}
