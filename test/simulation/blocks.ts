import { DomainError } from '../../core/errors.ts';
import type { User } from '../../core/model/user.ts';
import type { Answer } from '../support/model.ts';

interface Block {
  /** What the user who blocks knows of it. */
  state: 'none' | 'blocked' | 'unknown';
  /** How many changes are under way, and how many there were. */
  open: number;
  begun: number;
  /** Whether a change got no answer: it may take place at any later time. */
  isLost: boolean;
}

/** What the users of a history know of their blocks, and what the service therefore must do. */
export class Blocks {
  readonly #blocks = new Map<string, Block>();
  /** Whose erasure has begun: whoever writes to them is refused as by a block. */
  readonly gone = new Set<User['user_uuid']>();

  /** Blocks or unblocks a user. */
  async change(me: User, other: User, isBlocked: boolean, call: () => Promise<Answer<void>>): Promise<void> {
    const block = this.#of(me, other);
    const { state: before, open } = block;
    block.open++;
    const began = ++block.begun;
    block.state = 'unknown';
    const answer = await call();
    block.open--;
    if (answer === 'unknown') block.isLost = true;
    if (open > 0 || block.begun > began || block.isLost) return;
    if (answer === 'rejected') block.state = before;
    else block.state = isBlocked ? 'blocked' : 'none';
  }

  /**
   * Makes a call that a block refuses.
   * @param mayRepeat whether the call may get the answer to an earlier one, which no block prevents
   * @throws Error if it passes a block that was there all the time, or is refused although there was none
   */
  async guard<Result>(one: User, other: User, mayRepeat: boolean, call: () => Promise<Result>): Promise<Result> {
    const both = [this.#of(one, other), this.#of(other, one)];
    const before = both.map(({ state, begun }) => ({ state, begun }));
    const held = (state: Block['state']) =>
      both.map((block, n) => before[n]?.state === state && before[n]?.begun === block.begun);
    try {
      const result = await call();
      if (!mayRepeat && held('blocked').includes(true)) throw new Error('it passed a block');
      return result;
    } catch (error) {
      const isGone = [one, other].some(({ user_uuid }) => this.gone.has(user_uuid));
      if (isBlocked(error) && !isGone && held('none').every(Boolean))
        throw new Error('it was refused although neither blocks');
      throw error;
    }
  }

  #of(me: User, other: User): Block {
    const id = `${me.user_uuid} ${other.user_uuid}`;
    const block = this.#blocks.get(id) ?? { state: 'none', open: 0, begun: 0, isLost: false };
    this.#blocks.set(id, block);
    return block;
  }
}

export const isBlocked = (error: unknown) => error instanceof DomainError && error.is('recipient_unavailable');
