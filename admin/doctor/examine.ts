import { DomainError } from '../../core/errors.ts';
import { itemCount, kindOf, scanSegment } from '../table/scan.ts';
import { checkBlocks } from './check-blocks.ts';
import { checkConversation } from './check-conversation.ts';
import { checkInboxRow, checkPair, checkReceipt } from './check-references.ts';
import { checkReport } from './check-reports.ts';
import { checkUser, checkUserKey } from './check-users.ts';
import { type CheckContext, type Diagnosis, type Examiner, type Subject, subjectId } from './diagnosis.ts';
import { mergeGenerators } from './merge-generators.ts';
import { newRateLimiter } from './rate-limit.ts';
import { type Finding, finding } from './rules/finding.ts';
import { Screening } from './screening.ts';

export type { CheckContext, Diagnosis, Examiner } from './diagnosis.ts';
export type { Finding, FindingCode } from './rules/finding.ts';

export interface ExamineOptions {
  /** The number of parallel scans, default 4. Each keeps one page (at most 1 MB of items) in memory. */
  segments?: number;
  /** Items read per second by all segments together, including those read for comparison; default: unlimited. */
  rate?: number | undefined;
  /** Called after each page with the number of items scanned so far. */
  onProgress?: (scanned: number) => void;
  /** What it looks for; default: contradictions between items. */
  examiner?: Examiner;
}

/** How many milliseconds the inbox rows may lag behind the newest message before the doctor reports them. */
export const defaultGrace = 10_000;

/** @returns the approximate number of items, for a progress bar */
export const tableSize = ({ table }: Pick<CheckContext, 'table'>): Promise<number> => itemCount(table);

const contradictions: Examiner = {
  newScreening: (context, waitForRate) => new Screening(context, waitForRate),
  check,
};

/**
 * Reads the whole table and finds every violation of the rules that hold between its items. The scan is eventually
 * consistent, so it only names suspects: items that may be wrong. Strongly consistent reads then check each suspect;
 * otherwise a write of the running service could be mistaken for damage. It keeps one page per segment in memory, and
 * about 100 bytes for each suspect, so that none is checked twice.
 * @returns the diagnoses that have findings, as they are made
 * @throws DomainError `throttled` when DynamoDB throttles
 */
export async function* examine(
  context: CheckContext,
  { segments = 4, rate, onProgress, examiner = contradictions }: ExamineOptions = {},
): AsyncGenerator<Diagnosis> {
  const waitForRate = newRateLimiter(rate);
  // Pages of a quarter second's allowance, so that reads are spread evenly over time.
  const pageSize = rate === undefined ? undefined : Math.max(1, Math.ceil(rate / segments / 4));
  const checked = new Set<string>();
  let scanned = 0;

  const onPage = (items: number) => {
    scanned += items;
    onProgress?.(scanned);
  };
  const examination = { context, examiner, segments, pageSize, waitForRate, onPage, checked };
  yield* mergeGenerators(Array.from({ length: segments }, (_, segment) => examineSegment(examination, segment)));
}

/** What the segments of one examination share. */
interface Examination {
  context: CheckContext;
  examiner: Examiner;
  segments: number;
  pageSize: number | undefined;
  waitForRate: (items: number) => Promise<void>;
  /** Is called after each page with the number of its items. */
  onPage: (items: number) => void;
  /** The suspects that are checked already. */
  checked: Set<string>;
}

async function* examineSegment(examination: Examination, segment: number): AsyncGenerator<Diagnosis> {
  const { context, examiner, segments, pageSize, waitForRate, onPage } = examination;
  const screening = examiner.newScreening(context, waitForRate);
  for await (const page of scanSegment(context.table, { segment, segments, limit: pageSize })) {
    await waitForRate(page.length);
    yield* checkSuspects(examination, await screening.suspectsOf(page));
    onPage(page.length);
  }
  yield* checkSuspects(examination, await screening.lastSuspects());
}

async function* checkSuspects(
  { context, examiner, checked }: Examination,
  suspects: Subject[],
): AsyncGenerator<Diagnosis> {
  for (const subject of suspects) {
    const id = subjectId(subject);
    if (checked.has(id)) continue;
    checked.add(id);
    const diagnosis = await examiner.check(context, subject);
    if (diagnosis.findings.length > 0) yield diagnosis;
  }
}

/**
 * Repairs and checks again, up to five times, until nothing is found or nothing more can be repaired. Every write is
 * conditional on what was read, so the service may keep running.
 * @returns the findings that are left
 * @throws DomainError `throttled` when DynamoDB throttles the checks; any other error of the database unchanged
 */
export async function repair(
  context: CheckContext,
  diagnosis: Diagnosis,
  { check }: Pick<Examiner, 'check'> = contradictions,
): Promise<Finding[]> {
  let current = diagnosis;
  for (let attempt = 1; attempt <= 5 && current.repair; attempt++) {
    try {
      await current.repair();
    } catch (error) {
      if (!(error instanceof DomainError)) throw error; // throttled or busy: the next attempt may succeed
    }
    current = await check(context, current.subject);
  }
  return current.findings;
}

function check(context: CheckContext, subject: Subject): Promise<Diagnosis> | Diagnosis {
  switch (subject.kind) {
    case 'conversation':
      return checkConversation(context, subject.conversation);
    case 'inbox':
      return checkInboxRow(context, subject);
    case 'pair':
      return checkPair(context, subject);
    case 'block':
      return checkBlocks(context, subject);
    case 'user':
      return checkUser(context, subject);
    case 'handle':
    case 'identity':
    case 'search':
      return checkUserKey(context, subject);
    case 'receipt':
      return checkReceipt(context, subject);
    case 'report':
    case 'openReport':
      return checkReport(context, subject);
    case 'unknown':
      return {
        subject,
        findings: [finding('item_invalid', { at: String(subject.item.sk), found: kindOf(subject.item) })],
      };
  }
}
