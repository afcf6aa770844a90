import { shown } from '../../harness/numbers.ts';
import type { Block } from '../../harness/suite.ts';
import { type Door, dayCost, doors } from '../attack.ts';
import * as quotas from '../quotas.ts';
import type { Settings } from '../settings.ts';
import { dollars } from './cost.ts';

/** Dollars a day of all these ways in at once, before and now. */
export const costOf = (of: Door[], when: 'before' | 'now', { memory }: Settings): number =>
  of.reduce((sum, door) => sum + dayCost(door[when], door.request, memory), 0);

/** Those that need no token and that the service’s own limits bound. What Cognito lets through is counted by itself. */
export const withoutToken = (of: Door[]): Door[] =>
  of.filter(({ isSignedIn, request }) => !isSignedIn && request.signUps === undefined);

export function attackBlocks(settings: Settings): Block[] {
  const all = doors(settings);
  const open = withoutToken(all);
  const rate = (perSecond: number) => (perSecond < 1 ? `${shown(perSecond * 86_400)} a day` : shown(perSecond));
  const row = (door: Door) => [
    door.what,
    rate(door.before),
    rate(door.now),
    door.request.bytes === undefined ? '–' : door.request.bytes.toLocaleString('en'),
    dollars(costOf([door], 'before', settings)),
    dollars(costOf([door], 'now', settings)),
  ];
  const total = (title: string, of: Door[]) => [
    `**${title}**`,
    '',
    '',
    '',
    `**${dollars(costOf(of, 'before', settings))}**`,
    `**${dollars(costOf(of, 'now', settings))}**`,
  ];
  return [
    {
      kind: 'text',
      text: `### What an attacker costs a day

One program that sends as much as the rate limits let through, for a whole day, and asks for no compression. *Before*, every route had the
same limit. A rate limit counts all callers together: it bounds the bill, and while an attacker uses it up, others
get a \`429\`. [A CDN with a firewall](operations.md#a-cdn-with-a-firewall-in-front) limits each address instead.`,
    },
    {
      kind: 'table',
      title: 'Cost of a day at the limits',
      columns: ['requests', 'a second, before', 'a second, now', 'bytes of an answer', 'a day, before', 'a day, now'],
      rows: [
        ...open.map(row),
        total('all of these at once', open),
        ...all.filter((door) => !open.includes(door)).map(row),
      ],
    },
    {
      kind: 'text',
      text: `- **Sign-up** is the most expensive, and no limit of this service reaches it: Cognito's API is public, and its default quota lets ${quotas.signUps.value}
  sign-ups a second through. What bounds them is the number of e-mails. Ask SES for no more than you need, and put a web ACL with a rate for each
  address before the user pool.
- **A signed-in user** can be stopped: the access log names them by \`sub\`, and \`bin/users suspend\` ends it within a minute.
- **Refused by API Gateway**: staff of AWS say that a \`401\` and a \`429\` are not charged, but no page of AWS does. Here the \`401\` is
  charged; the \`429\` is not.
- Left out are the alarms, and the requests that a firewall refuses.`,
    },
  ];
}
