import type { Deps } from '../../core/deps.ts';
import type { Uuid } from '../../core/model/id.ts';
import type { Item, Key } from '../../core/table/items.ts';
import type { Finding } from './rules/finding.ts';
import type { Snapshot } from './rules/snapshot.ts';

/** What is looked at as a whole: a conversation, or an item that belongs to none. */
export type Subject =
  | { kind: 'conversation'; conversation: Uuid }
  | { kind: 'inbox' | 'pair' | 'user' | 'handle' | 'identity' | 'receipt' | 'unknown'; item: Item };

/** How long something may take before it counts as wrong, and what else a look depends on. */
export interface CheckContext extends Deps {
  /** How long a projection may be under way, in milliseconds. */
  grace: number;
}

/** What was found wrong with a subject, and what puts right as much of it as can be. */
export interface Diagnosis {
  subject: Subject;
  findings: Finding[];
  /** Conditional on all that was read being so still. @returns false when it was not: look again */
  repair?: (() => Promise<boolean>) | undefined;
}

/** What was read of a conversation, and what sits where its rows should. */
export interface ConversationSnapshot extends Snapshot {
  /** Whether each place that the head notes holds the conversation's own row or nothing: only then can the projector move on from it. */
  placeIsOurs: boolean;
}

export const healthy = (subject: Subject): Diagnosis => ({ subject, findings: [] });

/** The same for the same subject, however it was come upon. */
export function nameOf(subject: Subject): string {
  if (subject.kind === 'conversation') return subject.conversation;
  const { pk, sk } = subject.item as unknown as Key;
  return `${pk} ${sk}`;
}
