import metaSchema from '@asyncapi/specs/schemas/3.0.0-without-$id.json' with { type: 'json' };
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { describe, expect, test } from 'vitest';
import { openApi } from '../support/contract.ts';
import { asyncApi, directions, expectFrame, frameViolations } from '../support/frames.ts';

// test/unit/openapi.test.ts holds docs/asyncapi.yaml to the output of its generator.

const ajv = new Ajv({ strict: false, allErrors: true });
addFormats.default(ajv);
const isAsyncApi = ajv.compile(metaSchema);

/** The example of a message of the document, as the text of a frame. */
const example = (id: string) => JSON.stringify(asyncApi.components.messages[id]?.examples[0]?.payload);

test('the document satisfies the meta-schema of AsyncAPI 3', () => {
  expect(isAsyncApi(asyncApi), JSON.stringify(isAsyncApi.errors?.slice(0, 3))).toBe(true);
  expect(isAsyncApi({ ...asyncApi, channels: [] })).toBe(false);
});

test('each message of the channel belongs to one direction', () => {
  const { received, sent } = directions;
  const inChannel = Object.keys(asyncApi.channels.connection.messages);
  expect([...received, ...sent].toSorted()).toEqual(inChannel.toSorted());
});

test.each(['Message', 'MessageGroup'])('%s is the same in both documents', (name) => {
  const { schemas } = asyncApi.components;
  expect(schemas[name]).toBeDefined();
  expect(schemas[name]).toEqual(openApi.components.schemas[name]);
});

describe.each(Object.entries(directions))('a frame that a client has %s', (name, ids) => {
  const direction = name as keyof typeof directions;

  test.each(ids)('%s: its example satisfies its schema', (id) => {
    expect(frameViolations(direction, example(id))).toEqual([]);
  });

  test.each(ids)('%s: each of its fields must be there and of its type', (id) => {
    const frame = JSON.parse(example(id));
    for (const field of Object.keys(frame)) {
      expect(frameViolations(direction, JSON.stringify({ ...frame, [field]: undefined })), field).not.toEqual([]);
      expect(frameViolations(direction, JSON.stringify({ ...frame, [field]: 7.5 })), field).not.toEqual([]);
    }
  });

  test('is JSON, and has a known name', () => {
    for (const text of ['', 'hello', 'null', '[]', '{}', '{"type":"later","action":"later"}'])
      expect(frameViolations(direction, text), text).not.toEqual([]);
  });
});

test('a frame of the service has no undocumented field, also in what it shows', () => {
  const frame = JSON.parse(example('MessageCreated'));
  expect(expectFrame(JSON.stringify(frame))).toEqual(frame);
  for (const wrong of [
    { ...frame, secret: 1 },
    { ...frame, message: { ...frame.message, message_group_uuid: frame.message_group_uuid } },
  ])
    expect(() => expectFrame(JSON.stringify(wrong))).toThrow('additional properties');
});

test('a client may add fields to what it sends', () => {
  expect(frameViolations('sent', '{"action":"ping","sent_at":7}')).toEqual([]);
});
