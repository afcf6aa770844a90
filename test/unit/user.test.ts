import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse } from '../../core/model/parse.ts';
import { profileSchema, registeredUserSchema, signUpSchema, toHandle } from '../../core/model/user.ts';

test('a handle is accepted in any letter case, with or without @', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-zA-Z0-9_]{1,30}$/), (text) => {
      expect(toHandle(text)).toBe(text.toLowerCase());
      expect(toHandle(`@${text}`)).toBe(text.toLowerCase());
    }),
  );
});

test.each(['', '@', '@@reef', 'a b', 'é', 'a'.repeat(31), 'reef\n', '\u212a', 'a-b', 'a#b'])(
  '%j is not a handle',
  (text) => {
    expect(toHandle(text)).toBeUndefined();
  },
);

const user = {
  user_uuid: 'e3fe4ac1-cadf-43c4-80af-45edc81ca5d7',
  handle: 'Reef',
  display_name: 'Wriggle Reef',
  cognito_user_id: 'reef-sub',
  email: 'reef@example.com',
};

test('a user is parsed, with the handle in lower case', () => {
  expect(parse(registeredUserSchema, user)).toEqual({ ...user, handle: 'reef' });
});

test.each([
  ['a display name of 41 characters', { display_name: 'x'.repeat(41) }],
  ['an empty display name', { display_name: '' }],
  ['an invisible display name', { display_name: ' \u200b' }],
  ['a direction character', { display_name: 'a\u202eb' }],
  ['a line break', { display_name: 'a\nb' }],
  ['a line separator', { display_name: 'a\u2028b' }],
  ['half a surrogate pair', { display_name: 'a\ud83d' }],
  ['an invalid handle', { handle: 'not a handle' }],
  ['an invalid uuid', { user_uuid: '1' }],
  ['an invalid e-mail address', { email: 'no address' }],
])('a user with %s is rejected', (_, change) => {
  expect(() => parse(registeredUserSchema, { ...user, ...change })).toThrow(/^person_invalid$/);
});

test.each([
  ['the blank Braille pattern', '\u2800'],
  ['Hangul fillers', '\u115f\u1160\u3164\uffa0'],
  ['white space and a soft hyphen', '\u00a0\u3000\u00ad'],
  ['a blank of hieroglyphs', '\u{13441}'],
])('a display name without a visible character is rejected, naming the field: %s', (_, display_name) => {
  const rejected = { issues: [{ code: 'person_invalid', field: 'display_name' }] };
  for (const schema of [registeredUserSchema, signUpSchema, profileSchema])
    expect(() => parse(schema, { ...user, display_name })).toThrow(expect.objectContaining(rejected));
  expect(() => parse(profileSchema, { ...user, display_name: `${display_name}x` })).toThrow(
    /^display_name_misleading$/,
  );
});

test('a display name may have 40 code points, whatever their length in UTF-16', () => {
  expect(parse(registeredUserSchema, { ...user, display_name: '😀'.repeat(40) }).display_name).toHaveLength(80);
});

test('a missing display name defaults to the handle, and an empty one is rejected', () => {
  const { handle, email } = user;
  expect(parse(signUpSchema, { handle, email })).toEqual({ handle: 'reef', display_name: 'reef', email });
  expect(parse(profileSchema, { handle })).toEqual({ handle: 'reef', display_name: 'reef' });
  const named = { handle: 'reef', display_name: 'Wriggle Reef' };
  expect(parse(signUpSchema, { ...named, email })).toEqual({ ...named, email });
  expect(parse(profileSchema, { ...named, email })).toEqual(named); // the address comes from the pool
  for (const schema of [signUpSchema, profileSchema]) {
    expect(() => parse(schema, { handle, email, display_name: '' })).toThrow(/^person_invalid$/);
  }
});
