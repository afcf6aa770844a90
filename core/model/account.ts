import type { Standing, User, UserWithSettings } from './user.ts';

/** A user with what is counted against their limits: the caller of a verb. */
export interface Account extends User, Standing {
  /** When the conversations that the user started are used up, in milliseconds since 1970 (model/limits.ts). */
  conversations_until?: number;
  /** The same for the reports that the user made. */
  reports_until?: number;
}

/** A caller, with all that their requests are answered by. */
export type Caller = Account & UserWithSettings;

/** @returns what a process remembers of a user for others' requests */
export const toUserWithSettings = ({
  read_receipts,
  suspended_at,
  signed_out_at,
  ...user
}: UserWithSettings): UserWithSettings => ({
  ...toUser(user),
  read_receipts,
  ...(suspended_at && { suspended_at }),
  ...(signed_out_at && { signed_out_at }),
});

/** @returns what others see of a user */
export const toUser = ({ user_uuid, handle, display_name }: User): User => ({ user_uuid, handle, display_name });
