import * as quotas from '../quotas.ts';
import { share } from './token-bucket.ts';

const growsAfter = 1_800; // seconds: a table takes twice the peak that lies at least half an hour back

interface Units {
  writes: number;
  reads: number;
}

/** A table on demand: it takes twice what it took before, and no more than its quota. */
export class Table {
  private readonly quota: Units;
  private readonly warm: Units;
  private readonly taken: Units[] = [];

  /** @param warm units per second that it takes when the day begins */
  constructor(quota: Units, warm: Units) {
    this.quota = quota;
    this.warm = { writes: Math.min(quota.writes, warm.writes), reads: Math.min(quota.reads, warm.reads) };
  }

  /** Write units per second that it takes now. */
  get writes(): number {
    return this.warm.writes;
  }

  /** One for each thousand write units that it takes, and at least four. Each has an open shard of the stream. */
  get partitions(): number {
    return Math.max(4, Math.ceil(this.writes / quotas.partitionWrites.value));
  }

  /** @returns the shares of the wanted units that it grants: of writes, and of reads */
  take(second: number, { writes, reads }: Units): Units {
    const past = this.taken[second - growsAfter];
    if (past) {
      const { warm, quota } = this;
      warm.writes = Math.max(warm.writes, Math.min(quota.writes, quotas.growth.value * past.writes));
      warm.reads = Math.max(warm.reads, Math.min(quota.reads, quotas.growth.value * past.reads));
    }
    const granted = { writes: share(this.warm.writes, writes), reads: share(this.warm.reads, reads) };
    this.taken[second] = { writes: writes * granted.writes, reads: reads * granted.reads };
    return granted;
  }
}
