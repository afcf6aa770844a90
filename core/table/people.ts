import type { Uuid } from '../model/id.ts';
import type { Account } from '../model/person.ts';
import type { Table } from './client.ts';
import * as items from './items.ts';
import { getItem } from './reads.ts';
import { type Refused, transact } from './transactions.ts';
import { type Condition, keyIsFree, put, remove } from './writes.ts';

// The three items of a person, which change together or not at all.

const signsInAsBefore = 'cognito_user_id = :before';
const isTheirs = 'user_uuid = :user';
const isFreeOrTheirs = 'attribute_not_exists(pk) OR user_uuid IN (:user, :displaced)';

export type PersonPart = 'user' | 'handle' | 'identity' | 'oldIdentity';

/** Stores somebody new, if neither their id, nor their handle, nor their sign-in is anybody's. */
export function putPerson(table: Table, account: Account, deadline: number): Promise<Refused<PersonPart> | undefined> {
  const [user, handle, identity] = items.personItems(account).map((item) => put(table, item, keyIsFree)) as [
    ReturnType<typeof put>,
    ReturnType<typeof put>,
    ReturnType<typeof put>,
  ];
  return transact<PersonPart>(table, { user, handle, identity }, deadline);
}

/** Everything that is stored of a person, read consistently. */
export async function getAccount(table: Table, user: Uuid): Promise<Account | undefined> {
  const item = await getItem(table, items.userKey(user));
  return item && items.accountOf(item);
}

/** Who signs in with an identity, whether or not their user item says so too. */
export async function getIdentityOwner(table: Table, cognito_user_id: string): Promise<Uuid | undefined> {
  const item = await getItem(table, items.identityKey(cognito_user_id));
  return item?.user_uuid as Uuid | undefined;
}

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
): Promise<Refused<PersonPart> | undefined> {
  const { user_uuid } = before;
  const [, , identity] = items.personItems({ ...before, cognito_user_id }) as [items.Item, items.Item, items.Item];
  const theirs: Condition = { ExpressionAttributeValues: { ':user': user_uuid } };
  const theirsOrDisplaced: Condition = {
    ExpressionAttributeValues: { ':user': user_uuid, ':displaced': displaced ?? user_uuid },
  };
  return transact<PersonPart>(
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
  before: Account;
  cognito_user_id: string;
  dropsOld: boolean;
  displaced?: Uuid | undefined;
}
