import { expect, test } from 'vitest';
import { type Accepted, damageOf, type History, noDamage } from '../../../bench/others/damage.ts';
import { faults, scheduleOf } from '../../../bench/others/schedule.ts';
import type { Uuid } from '../../../core/model/id.ts';
import type { Handle, User } from '../../../core/model/user.ts';

const user = (name: string): User => ({ user_uuid: name as Uuid, handle: name as Handle, display_name: name });
const [ada, bob] = [user('ada'), user('bob')];
const accepted = (from: User, text: string, sentAt: number): Accepted => ({
  from,
  to: from === ada ? bob : ada,
  text,
  sentAt,
  answeredAt: sentAt + 1,
});

/** Ada sends two messages; Bob reads the first one. */
const sound = (): History => ({
  users: [ada, bob],
  accepted: [accepted(ada, 'one', 0), accepted(ada, 'two', 4)],
  reads: [{ me: bob, other: ada, at: 2 }],
  inboxes: new Map([
    ['ada', [{ conversation: 'c', other: 'bob', text: 'two', unread: 0 }]],
    ['bob', [{ conversation: 'c', other: 'ada', text: 'two', unread: 1 }]],
  ]),
  conversations: new Map([
    [
      'c',
      [
        { from: 'ada', text: 'one' },
        { from: 'ada', text: 'two' },
      ],
    ],
  ]),
});
const inboxOfBob = (history: History) => history.inboxes.get('bob') ?? [];
const messages = (history: History) => history.conversations.get('c') ?? [];

test('a sound history is not damaged', () => {
  expect(damageOf(sound())).toEqual(noDamage());
});

test.each<[Partial<ReturnType<typeof damageOf>>, (history: History) => unknown]>([
  [{ 'lost messages': 1 }, (history) => messages(history).shift()],
  [{ 'doubled messages': 1 }, (history) => messages(history).push({ from: 'ada', text: 'two' })],
  [{ 'messages out of order': 1, 'wrong newest message': 2 }, (history) => messages(history).reverse()],
  [{ 'lost inbox rows': 1 }, (history) => inboxOfBob(history).pop()],
  [{ 'doubled inbox rows': 1 }, (history) => inboxOfBob(history).push(...inboxOfBob(history))],
  [{ 'wrong newest message': 1 }, (history) => Object.assign(inboxOfBob(history)[0] ?? {}, { text: 'one' })],
  [{ 'wrong unread counts': 1 }, (history) => Object.assign(inboxOfBob(history)[0] ?? {}, { unread: 2 })],
  [{}, (history) => Object.assign(inboxOfBob(history)[0] ?? {}, { unread: undefined })], // a design without unread counts
  // A second conversation of the same users, which the rows do not lead to.
  [{ 'lost inbox rows': 2 }, (history) => history.conversations.set('d', messages(history).splice(0, 1))],
])('the checker counts %j', (expected, damage) => {
  const history = sound();
  damage(history);
  expect(damageOf(history)).toEqual({ ...noDamage(), ...expected });
});

test('two messages that were sent at the same time may stand in any order', () => {
  const history = sound();
  history.accepted = [accepted(ada, 'two', 4), { ...accepted(ada, 'one', 4), answeredAt: 6 }];
  expect(damageOf(history)['messages out of order']).toBe(0);
});

test('a history follows from its seed, and has only the faults that are asked for', () => {
  expect(scheduleOf(faults, 7)).toEqual(scheduleOf(faults, 7));
  expect(scheduleOf(faults, 7)).not.toEqual(scheduleOf(faults, 8));
  const { steps, behind, again, dies, late } = scheduleOf(['no fault'], 7);
  const sends = steps.flatMap((step) => ('sends' in step ? [step.sends] : []));
  expect(sends.every(([only, ...more]) => only?.repeats === 0 && more.length === 0)).toBe(true);
  expect([...behind, ...again].every((n) => n === 0)).toBe(true);
  expect(dies.every((part) => part === undefined)).toBe(true);
  expect(late).not.toContain(true);
});
