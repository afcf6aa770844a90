/** A rate limit that lets through `rate` a second, and up to `burst` at once. */
export class TokenBucket {
  private readonly limit: { rate: number; burst: number };
  private tokens: number;

  constructor(limit: { rate: number; burst: number }) {
    this.limit = limit;
    this.tokens = limit.burst;
  }

  /** Takes up to `wanted`; called once a second. @returns how much */
  take(wanted: number): number {
    const available = this.tokens + this.limit.rate;
    const taken = Math.min(wanted, available);
    this.tokens = Math.min(this.limit.burst, available - taken);
    return taken;
  }
}

/** @returns the part of what is wanted that is available, at most 1 */
export const share = (available: number, wanted: number): number => (wanted > available ? available / wanted : 1);
