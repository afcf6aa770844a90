import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse } from '../../core/model/parse.ts';
import { profileSchema, registeredUserSchema, signUpSchema, toHandle } from '../../core/model/user.ts';

test('a handle is read in any case, with or without the @', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-zA-Z0-9_]{1,30}$/), (text) => {
      expect(toHandle(text)).toBe(text.toLowerCase());
      expect(toHandle(`@${text}`)).toBe(text.toLowerCase());
    }),
  );
});

test.each(['', '@', '@@reef', 'a b', 'é', 'a'.repeat(31), 'reef\n', '\u212a', 'a-b', 'a#b'])(
  '%j is nobody’s handle',
  (text) => {
    expect(toHandle(text)).toBeUndefined();
  },
);

const account = {
  user_uuid: 'e3fe4ac1-cadf-43c4-80af-45edc81ca5d7',
  handle: 'Reef',
  display_name: 'Wriggle Reef',
  cognito_user_id: 'someone',
  email: 'reef@example.com',
};

test('an account is read, its handle in lower case', () => {
  expect(parse(registeredUserSchema, account)).toEqual({ ...account, handle: 'reef' });
});

test.each([
  ['a display name of 41', { display_name: 'x'.repeat(41) }],
  ['no display name', { display_name: '' }],
  ['an invisible display name', { display_name: ' \u200b' }],
  ['a direction character', { display_name: 'a\u202eb' }],
  ['a line break', { display_name: 'a\nb' }],
  ['a line separator', { display_name: 'a\u2028b' }],
  ['half a surrogate pair', { display_name: 'a\ud83d' }],
  ['a bad handle', { handle: 'not one' }],
  ['no uuid', { user_uuid: '1' }],
  ['no e-mail', { email: 'nobody' }],
])('refuses %s', (_, change) => {
  expect(() => parse(registeredUserSchema, { ...account, ...change })).toThrow(/^person_invalid$/);
});

test('40 emoji are 40 code points', () => {
  expect(parse(registeredUserSchema, { ...account, display_name: '😀'.repeat(40) }).display_name).toHaveLength(80);
});

test('the handle, as it is stored, stands for a display name that is left out; an empty one is none', () => {
  const { handle, email } = account;
  expect(parse(signUpSchema, { handle, email })).toEqual({ handle: 'reef', display_name: 'reef', email });
  expect(parse(profileSchema, { handle })).toEqual({ handle: 'reef', display_name: 'reef' });
  const named = { handle: 'reef', display_name: 'Wriggle Reef' };
  expect(parse(signUpSchema, { ...named, email })).toEqual({ ...named, email });
  expect(parse(profileSchema, { ...named, email })).toEqual(named); // the pool says what their address is
  for (const schema of [signUpSchema, profileSchema]) {
    expect(() => parse(schema, { handle, email, display_name: '' })).toThrow(/^person_invalid$/);
  }
});
