import type { Uuid } from '../../core/model/id.ts';
import type { RegisteredUser } from '../../core/model/user.ts';
import type { Table } from '../../core/table/client.ts';
import * as items from '../../core/table/items.ts';
import { type ConditionFailures, transact } from '../../core/table/transactions.ts';
import type { UserPart } from '../../core/table/users.ts';
import { type Condition, put, remove } from '../../core/table/writes.ts';

const signsInAsBefore = 'cognito_user_id = :before';
const isTheirs = 'user_uuid = :user';
const isFreeOrTheirs = 'attribute_not_exists(pk) OR user_uuid IN (:user, :displaced)';

/**
 * Gives a person another sign-in, if they still have the one that was read and the new one is nobody else's.
 * @param before as it was read
 * @param dropsOld whether the identity before is theirs, and goes
 * @param displaced somebody whose identity the new one is, and who has no right to it
 */
export function putIdentity(
  table: Table,
  { before, cognito_user_id, dropsOld, displaced }: IdentityChange,
  deadline: number,
): Promise<ConditionFailures<UserPart> | undefined> {
  const { user_uuid } = before;
  const [, , identity] = items.userItems({ ...before, cognito_user_id }) as [items.Item, items.Item, items.Item];
  const theirs: Condition = { ExpressionAttributeValues: { ':user': user_uuid } };
  const theirsOrDisplaced: Condition = {
    ExpressionAttributeValues: { ':user': user_uuid, ':displaced': displaced ?? user_uuid },
  };
  return transact<UserPart>(
    table,
    {
      user: {
        Update: {
          TableName: table.name,
          Key: items.userKey(user_uuid),
          UpdateExpression: 'SET cognito_user_id = :now',
          ConditionExpression: signsInAsBefore,
          ExpressionAttributeValues: { ':now': cognito_user_id, ':before': before.cognito_user_id },
        },
      },
      identity: put(table, identity, isFreeOrTheirs, theirsOrDisplaced),
      oldIdentity: dropsOld ? remove(table, items.identityKey(before.cognito_user_id), isTheirs, theirs) : undefined,
    },
    deadline,
  );
}

export interface IdentityChange {
  before: RegisteredUser;
  cognito_user_id: string;
  dropsOld: boolean;
  displaced?: Uuid | undefined;
}
