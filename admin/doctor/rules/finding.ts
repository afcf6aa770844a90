import type { Uuid } from '../../../core/model/id.ts';

/** Every way in which stored items can contradict each other, and whether `--repair` knows what is right. */
export const codes = {
  // an inbox row against the head and the message that it shows
  inbox_row_missing: 'repairable',
  inbox_row_doubled: 'repairable',
  inbox_row_misplaced: 'repairable',
  inbox_row_stale: 'repairable',
  /** In the inbox of somebody who does not take part, or naming somebody who is not the other. */
  inbox_row_foreign: 'repairable',
  inbox_row_name_differs: 'repairable',
  unread_wrong: 'repairable',
  // the messages of a conversation among themselves: a message that is lost does not come back
  seq_gap: 'lost',
  seq_double: 'lost',
  sender_seq_gap: 'lost',
  sender_seq_double: 'lost',
  message_foreign: 'lost',
  message_without_head: 'repairable',
  // a head against its messages and the people
  head_invalid: 'lost',
  head_without_messages: 'lost',
  head_counter_wrong: 'repairable',
  head_time_wrong: 'repairable',
  head_name_differs: 'repairable',
  head_without_pair: 'repairable',
  participant_without_user: 'lost',
  pair_without_head: 'repairable',
  pair_foreign: 'repairable',
  // a person's three items
  handle_differs: 'repairable',
  identity_differs: 'repairable',
  handle_without_user: 'repairable',
  identity_without_user: 'repairable',
  receipt_expired: 'repairable',
  receipt_points_nowhere: 'repairable',
  item_invalid: 'lost',
} as const satisfies Record<string, 'repairable' | 'lost'>;

export type FindingCode = keyof typeof codes;

/** One violation. Names conversations and people by uuid; never carries the text of a message or an e-mail address. */
export interface Finding {
  code: FindingCode;
  message_group_uuid?: Uuid;
  /** Whose: the owner of the inbox row, the participant, the sender. */
  user_uuid?: Uuid;
  /** Which attribute, where the code leaves that open. */
  field?: string;
  /** The sort key of the item that is wrong, where there can be several; of a handle item the handle. */
  at?: string;
  expected?: unknown;
  found?: unknown;
  /** Whether a repair could put it right: by its code, and as things were when it was found. */
  repairable: boolean;
}

/** Makes a finding; what its code calls repairable may turn out not to be. */
export function finding(code: FindingCode, details: Partial<Omit<Finding, 'code'>> = {}): Finding {
  return { code, ...details, repairable: codes[code] === 'repairable' && details.repairable !== false };
}
