/**
 * How a number of AWS is known.
 * - `page`: read on a page of AWS
 * - `quoted`: AWS's price list or page, as quoted by others; AWS's pricing pages fill in their tables by script
 * - `assumed`: not confirmed
 */
export type Evidence = 'page' | 'quoted' | 'assumed';

/** A price or a quota of AWS, with its source. */
export interface Fact {
  what: string;
  value: number;
  unit: string;
  evidence: Evidence;
  /** The page or price list of AWS. */
  source: string;
  /** The date of the source's version, or that on which the page was read, whichever is known: `YYYY-MM` or `YYYY-MM-DD`. */
  asOf: string;
}

/** A price that falls with the volume: each tier holds up to `upTo` units a month, in the unit of the price. */
export interface TieredPrice extends Omit<Fact, 'value'> {
  tiers: { upTo: number; price: number }[];
}

/**
 * @param quantity a month's units
 * @returns dollars
 */
export function tieredCost({ tiers }: TieredPrice, quantity: number): number {
  let cost = 0;
  let from = 0;
  for (const { upTo, price } of tiers) {
    cost += Math.max(0, Math.min(quantity, upTo) - from) * price;
    from = upTo;
  }
  return cost;
}
