import type { Uuid } from '../../../core/model/id.ts';

/**
 * The codes of all violations that the doctor finds, and whether `--repair` can resolve them. A violation is a
 * contradiction between stored items.
 */
export const codes = {
  // an inbox row differs from its head or from the message that it shows
  inbox_row_missing: 'repairable',
  inbox_row_doubled: 'repairable',
  inbox_row_misplaced: 'repairable',
  inbox_row_stale: 'repairable',
  /** The row's owner is not a participant, or the user that it names is not the other participant. */
  inbox_row_foreign: 'repairable',
  unread_wrong: 'repairable',
  // the numbers of a conversation's messages contradict each other; a lost message cannot be restored
  seq_gap: 'lost',
  seq_double: 'lost',
  sender_seq_gap: 'lost',
  sender_seq_double: 'lost',
  message_foreign: 'lost',
  message_without_head: 'repairable',
  // a head differs from its messages, its users or its pair
  head_invalid: 'lost',
  head_without_messages: 'lost',
  head_counter_wrong: 'repairable',
  head_time_wrong: 'repairable',
  head_without_pair: 'repairable',
  participant_without_user: 'lost',
  pair_without_head: 'repairable',
  pair_foreign: 'repairable',
  /** A pair or a head does not say what the two users' lists of blocked users say. */
  pair_blocks_wrong: 'repairable',
  head_blocks_wrong: 'repairable',
  /** A user was erased, but is still in one of their conversations, and no erasure is under way. */
  erasure_forgotten: 'repairable',
  /** A head says that a user was erased who was not. */
  head_gone_wrong: 'lost',
  // the items of a user differ
  handle_differs: 'repairable',
  identity_differs: 'repairable',
  /** A search item is missing: the user is not found by a word of their name. */
  search_differs: 'repairable',
  handle_without_user: 'repairable',
  identity_without_user: 'repairable',
  search_without_user: 'repairable',
  receipt_expired: 'repairable',
  receipt_points_nowhere: 'repairable',
  /** A report, or its entry in the list of open ones, that DynamoDB should have deleted by now. */
  report_expired: 'repairable',
  report_not_listed: 'repairable',
  /** An entry in the list of open reports whose report is resolved, missing, or a different one. */
  report_listed_wrongly: 'repairable',
  item_invalid: 'lost',
  // what the last version cannot read: checked only before a rollback (check-readability.ts)
  rollback_names: 'repairable',
  rollback_row_hidden: 'repairable',
  rollback_block: 'repairable',
  rollback_pair: 'repairable',
  rollback_search: 'repairable',
} as const satisfies Record<string, 'repairable' | 'lost'>;

export type FindingCode = keyof typeof codes;

/** One violation. Identifies conversations and users by uuid; never contains the text of a message or an e-mail address. */
export interface Finding {
  code: FindingCode;
  message_group_uuid?: Uuid;
  /**
   * Depending on the code: the owner of the inbox row or receipt, the participant, the sender, or the user of the
   * item.
   */
  user_uuid?: Uuid;
  /** The attribute, where the code does not name it. */
  field?: string;
  /** Says which item is wrong, if there can be several: its sort key, or for a handle item the handle. */
  at?: string;
  expected?: unknown;
  found?: unknown;
  /** Whether a repair is possible, which depends on the code and on the other stored items. */
  repairable: boolean;
}

/**
 * @param details `repairable: false` for a violation that cannot be repaired although `codes` says that its kind can
 */
export function finding(code: FindingCode, details: Partial<Omit<Finding, 'code'>> = {}): Finding {
  return { code, ...details, repairable: codes[code] === 'repairable' && details.repairable !== false };
}
