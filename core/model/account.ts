import type { Handle, Standing, User, UserWithSettings } from './user.ts';

/** A user with what is counted against their limits: the caller of a verb. */
export interface Account extends User, Standing, Pick<UserWithSettings, 'gone_at'> {
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
  gone_at,
  signed_out_at,
  ...user
}: UserWithSettings): UserWithSettings => ({
  ...toUser(user),
  read_receipts,
  ...(suspended_at && { suspended_at }),
  ...(gone_at && { gone_at }),
  ...(signed_out_at && { signed_out_at }),
});

/** @returns what others see of a user */
export const toUser = ({ user_uuid, handle, display_name }: User): User => ({ user_uuid, handle, display_name });

/** What is shown of every user who was erased, and stored wherever their names stood. Nobody signs up under this handle. */
export const namesOfNobody = { handle: 'deleted' as Handle, display_name: 'Deleted user' } as const;

/** Whether a user can neither use the service nor be reached: suspended by an operator, or erased. */
export const isUnavailable = ({ suspended_at, gone_at }: Pick<UserWithSettings, 'suspended_at' | 'gone_at'>): boolean =>
  suspended_at !== undefined || gone_at !== undefined;
