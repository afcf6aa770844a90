import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Ask, type Message, openConversation } from '../../docs/examples/client.mts';

// The rules by which the example client applies events. test/offline/documents.test.ts runs the program.

test('the example has at most 150 lines', () => {
  const text = readFileSync(join(import.meta.dirname, '../../docs/examples/client.mts'), 'utf8');
  expect(text.split('\n').length - 1).toBeLessThanOrEqual(150);
});

const uuid = '5ae290ed-55d1-47a0-bc6d-fe2bc2700399';
const pageSize = 3;

type Event = { message: Message } | { cleared: string };

/** A service with one conversation, as far as the client asks for it. */
function newService() {
  let ids = 0;
  let version = 0;
  let cleared: string | undefined;
  let messages: Message[] = [];
  const visible = () => messages.filter(({ created_at }) => created_at > (cleared ?? ''));
  const replaced = (message: Message): Event => {
    messages = messages.map((each) => (each.seq === message.seq ? message : each));
    version++;
    return { message };
  };
  const at = (place: number) => messages[place % messages.length];

  return {
    visible,
    seq: () => messages.length,
    send(): Event {
      const created_at = `2026-01-01T00:00:${String(ids++).padStart(6, '0')}`;
      const names = { user_uuid: 'reef', handle: 'reef', display_name: 'Reef', message: `text ${ids}` };
      const message = {
        uuid: `message ${ids}`,
        seq: messages.length + 1,
        sender_seq: 1,
        revision: 0,
        created_at,
        ...names,
      };
      messages.push(message);
      return { message };
    },
    edit(place: number): Event[] {
      const message = at(place);
      return message ? [replaced({ ...message, revision: message.revision + 1, message: `edited ${version}` })] : [];
    },
    clear(place: number): Event[] {
      const upTo = at(place)?.created_at;
      if (!upTo || upTo <= (cleared ?? '')) return [];
      cleared = upTo;
      return [{ cleared }];
    },
    /** Loses the newest messages, as a table does that is restored from a backup. */
    restore(lost: number): void {
      messages = messages.slice(0, Math.max(0, messages.length - lost));
    },
    ask: (async (path) => {
      const { pathname, searchParams } = new URL(path, 'http://localhost');
      if (pathname === `/api/message_groups/${uuid}`)
        return { body: { seq: messages.length, version, ...(cleared && { cleared }) } };
      const after = searchParams.get('after');
      const before = Number(searchParams.get('before') ?? Number.POSITIVE_INFINITY);
      if (after !== null) {
        const left = visible().filter(({ created_at }) => created_at > after);
        const page = left.slice(0, pageSize);
        const next = `${pathname}?after=${encodeURIComponent(page.at(-1)?.created_at ?? '')}`;
        return { body: page, ...(left.length > pageSize && { next }) };
      }
      const left = visible().filter(({ seq }) => seq < before);
      const page = left.slice(-pageSize);
      return { body: page, ...(left.length > pageSize && { next: `${pathname}?before=${page[0]?.seq}` }) };
    }) satisfies Ask as Ask,
  };
}

const step = fc.oneof(
  { weight: 6, arbitrary: fc.constant({ does: 'send' as const }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('edit' as const), place: fc.nat(50) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('clear' as const), place: fc.nat(50) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('restore' as const), place: fc.integer({ min: 1, max: 5 }) }) },
  { weight: 6, arbitrary: fc.record({ does: fc.constant('deliver' as const), place: fc.nat(50) }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('lose' as const), place: fc.nat(50) }) },
  { weight: 2, arbitrary: fc.constant({ does: 'ask' as const }) },
);

test('with events lost, doubled, late and reordered, a client ends with the messages as they are now', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const service = newService();
      const conversation = openConversation(uuid, service.ask, () => {});
      const numbers = () => [...conversation.held.keys()].toSorted((a, b) => a - b);
      const expectNoGap = () => {
        const [first = 0, ...others] = numbers();
        expect(others).toEqual(others.map((_, n) => first + n + 1));
      };
      const underWay: Event[] = [];
      let most = 0;
      await conversation.catchUp();
      for (const each of steps) {
        const place = 'place' in each ? each.place : 0;
        const event = underWay[place % underWay.length];
        if (each.does === 'send') underWay.push(service.send());
        if (each.does === 'edit') underWay.push(...service.edit(place));
        if (each.does === 'clear') underWay.push(...service.clear(place));
        if (each.does === 'restore') {
          service.restore(place);
          underWay.length = 0; // what is told of a table that is gone can mislead any client
        }
        if (each.does === 'lose') underWay.splice(place % (underWay.length || 1), 1);
        if (each.does === 'ask') await conversation.catchUp();
        if (each.does === 'deliver' && event) {
          // It stays under way, so that it may arrive again.
          if ('cleared' in event) conversation.clear(event.cleared);
          else if (!conversation.take(event.message)) await conversation.catchUp();
        }
        most = Math.max(most, service.seq());
        expectNoGap();
      }
      // A client cannot tell another history from its own before there are more messages than it has seen.
      while (service.seq() <= most) service.send();
      await conversation.catchUp();
      expectNoGap();
      const [oldest = Number.POSITIVE_INFINITY] = numbers();
      const stillThere = service.visible().filter(({ seq }) => seq >= oldest);
      expect(stillThere).toContainEqual(service.visible().at(-1));
      expect(numbers().map((seq) => conversation.held.get(seq))).toEqual(stillThere);
    }),
    { numRuns: 500 },
  );
});

test('a client asks when a number is missing, and not when it knows a message', async () => {
  const service = newService();
  const conversation = openConversation(uuid, service.ask, () => {});
  const [first, second, third] = [service.send(), service.send(), service.send()];
  const takes = (event: Event) => 'message' in event && conversation.take(event.message);
  expect([takes(first), takes(third), takes(second), takes(third), takes(first)]).toEqual([
    true,
    false,
    true,
    true,
    true,
  ]);
});

test('a client that holds more messages than there are starts over', async () => {
  const service = newService();
  const conversation = openConversation(uuid, service.ask, () => {});
  for (let n = 0; n < 2; n++) service.send();
  await conversation.catchUp();
  service.restore(1);
  await conversation.catchUp();
  expect([...conversation.held.values()]).toEqual(service.visible());
});
