import type { Deps } from '../../core/deps.ts';
import type { Uuid } from '../../core/model/id.ts';
import type { Item, Key } from '../../core/table/items.ts';
import type { Finding } from './rules/finding.ts';
import type { Snapshot } from './rules/snapshot.ts';

/** The unit of a check: a conversation with all its items, or a single item. */
export type Subject = { kind: 'conversation'; conversation: Uuid } | ItemSubject;

export interface ItemSubject {
  kind:
    | 'inbox'
    | 'pair'
    | 'user'
    | 'handle'
    | 'identity'
    | 'search'
    | 'receipt'
    | 'block'
    | 'report'
    | 'openReport'
    | 'unknown';
  /** As the scan read it. */
  item: Item;
}

/** The dependencies and settings of the checks. */
export interface CheckContext extends Deps {
  /** How many milliseconds the inbox rows may lag behind the newest message before the doctor reports them. */
  grace: number;
}

/** The violations of a subject, and their repair. */
export interface Diagnosis {
  subject: Subject;
  findings: Finding[];
  /**
   * Repairs the findings that can be repaired, by writes that are conditional on the items as they were read.
   * Undefined when no finding can be repaired.
   * @returns false when a condition failed: the subject has changed and must be checked again
   */
  repair?: (() => Promise<boolean>) | undefined;
}

/** What an examination looks for: contradictions, or what the last version cannot read. */
export interface Examiner {
  /** Names the suspects of one segment of a scan: see screening.ts. */
  newScreening(
    context: CheckContext,
    waitForRate: (items: number) => Promise<void>,
  ): { suspectsOf(page: Item[]): Promise<Subject[]>; lastSuspects(): Promise<Subject[]> };
  check(context: CheckContext, subject: Subject): Promise<Diagnosis> | Diagnosis;
}

/** A snapshot with the additional facts that the repair of a conversation needs. */
export interface ConversationSnapshot extends Snapshot {
  /**
   * Whether the two inbox keys at the head's `inbox_at` are free or hold the conversation's own rows. If a row of
   * another conversation is there, the projector cannot write.
   */
  placeIsFreeOrOwn: boolean;
}

export const noFindings = (subject: Subject): Diagnosis => ({ subject, findings: [] });

/** @returns the same string for the same subject, no matter which item led to it */
export function subjectId(subject: Subject): string {
  if (subject.kind === 'conversation') return subject.conversation;
  const { pk, sk } = subject.item as unknown as Key;
  return `${pk} ${sk}`;
}
