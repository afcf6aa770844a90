import { DomainError } from '../../core/errors.ts';
import { itemCount, kindOf, scanSegment } from '../table/scan.ts';
import { checkConversationClosely } from './check-conversation.ts';
import { checkForeignRow, checkPair, checkReceipt } from './check-loose-items.ts';
import { checkKeyOfUser, checkUser } from './check-users.ts';
import { type CheckContext, type Diagnosis, nameOf, type Subject } from './diagnosis.ts';
import { merged } from './merge-generators.ts';
import { newRateLimit } from './rate-limit.ts';
import { type Finding, finding } from './rules/finding.ts';
import { Screening } from './screening.ts';

export type { CheckContext, Diagnosis } from './diagnosis.ts';
export type { Finding, FindingCode } from './rules/finding.ts';

export interface ExamineOptions {
  /** How many parallel scans: each holds one page (1 MB of items at most) in memory. */
  segments?: number;
  /** Items read per second, all segments together, what is looked up beside them included; unlimited unless told. */
  rate?: number | undefined;
  /** Told after every page how many items of the table have gone by. */
  onProgress?: (scanned: number) => void;
}

/** How long a projection may be under way before its conversation counts as wrong, in milliseconds. */
export const defaultGrace = 10_000;

/** How many items the table holds, roughly: for a progress bar. */
export const tableSize = ({ table }: Pick<CheckContext, 'table'>): Promise<number> => itemCount(table);

/**
 * Reads the whole table and finds every violation of what must hold between its items. The scan only names suspects; each is then
 * looked at closely, by strongly consistent reads, so that a service that goes on writing is not taken for ill.
 *
 * Memory does not grow with the table: a page per segment, and the name of each suspect (some 100 bytes), so that none is
 * reported twice.
 * @throws DomainError `throttled` when the table stays too busy for a minute
 */
export async function* examine(
  context: CheckContext,
  { segments = 4, rate, onProgress }: ExamineOptions = {},
): AsyncGenerator<Diagnosis> {
  const pace = newRateLimit(rate);
  const limit = rate === undefined ? undefined : Math.max(1, Math.ceil(rate / segments / 4)); // no bursts
  const looked = new Set<string>();
  let scanned = 0;

  async function* closely(suspects: Subject[]): AsyncGenerator<Diagnosis> {
    for (const subject of suspects) {
      const name = nameOf(subject);
      if (looked.has(name)) continue;
      looked.add(name);
      const diagnosis = await look(context, subject);
      if (diagnosis.findings.length > 0) yield diagnosis;
    }
  }
  async function* through(segment: number): AsyncGenerator<Diagnosis> {
    const screening = new Screening(context, pace);
    for await (const page of scanSegment(context.table, { segment, segments, limit })) {
      await pace(page.length);
      yield* closely(await screening.page(page));
      scanned += page.length;
      onProgress?.(scanned);
    }
    yield* closely(await screening.end());
  }
  yield* merged(Array.from({ length: segments }, (_, segment) => through(segment)));
}

/**
 * Puts right what was found, as far as can be, and looks again until nothing more is found or nothing more can be done. Every
 * write is conditional on what was read, so the service may run meanwhile.
 * @returns what remains
 */
export async function repair(context: CheckContext, diagnosis: Diagnosis): Promise<Finding[]> {
  let now = diagnosis;
  for (let attempt = 1; attempt <= 5 && now.repair; attempt++) {
    try {
      await now.repair();
    } catch (error) {
      if (!(error instanceof DomainError)) throw error; // too busy: perhaps not the next time
    }
    now = await look(context, now.subject);
  }
  return now.findings;
}

function look(context: CheckContext, subject: Subject): Promise<Diagnosis> | Diagnosis {
  switch (subject.kind) {
    case 'conversation':
      return checkConversationClosely(context, subject.conversation);
    case 'inbox':
      return checkForeignRow(context, subject);
    case 'pair':
      return checkPair(context, subject);
    case 'user':
      return checkUser(context, subject);
    case 'handle':
    case 'identity':
      return checkKeyOfUser(context, subject);
    case 'receipt':
      return checkReceipt(context, subject);
    case 'unknown':
      return {
        subject,
        findings: [finding('item_invalid', { at: String(subject.item.sk), found: kindOf(subject.item) })],
      };
  }
}
