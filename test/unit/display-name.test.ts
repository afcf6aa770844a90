import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DomainError } from '../../core/errors.ts';
import { isMisleading } from '../../core/model/display-name.ts';
import { parse } from '../../core/model/parse.ts';
import { isReservedHandle } from '../../core/model/reserved-handles.ts';
import { profileSchema, registeredUserSchema, signUpSchema } from '../../core/model/user.ts';

describe('a display name is accepted', () => {
  test.each([
    ...[
      'Ada North',
      "Seán O'Neil-Müller",
      'Nguyễn Thị Ánh',
      'Ada 2nd',
      'x',
      'ada_north',
      'AC⚡DC',
      'C-3PO (bot)',
      'José  María',
    ],
    ...['山田 花子', '山田　花子', 'ヤマダ・Taro', 'はなこさん', 'ﾔﾏﾀﾞ ﾀﾛｰ', 'Ａｄａ', 'コーヒー', 'T山田T'],
    ...[
      '王伟',
      'Wang 王伟',
      'ㄅㄆㄇ 王',
      '김철수',
      'Kim 金철수',
      'Анна Каренина',
      'Анна Smith',
      'Ολυμπία',
      'Ada Παππά',
    ],
    ...[
      'محمد علي',
      'علی\u200cرضا',
      'שָׁלוֹם',
      'दीप्ति',
      'क्\u200dष',
      'க\u0bcd',
      'ကြို့',
      'นฤมล ที่',
      'ស្រី',
      'ქეთევანი',
      'Հայկ',
      'አበበ',
    ],
    ...[
      '👩\u200d🚀 Ada',
      'Ada ❤️',
      '🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}',
      '🇳🇴',
      '1️⃣',
      '🦀'.repeat(40),
      '👍🏽',
    ],
    ...['葛\u{e0100}城', 'ᏣᎳᎩ', 'ⵜⵉⴼⵉⵏⴰⵖ', 'Ada™', 'ªº', '★ Ada ★', 'ß', 'e\u0301', '¿Qué?'],
  ])('%s', (name) => {
    expect(isMisleading(name)).toBe(false);
  });
});

describe('a display name is refused for', () => {
  test.each<[string, string[]]>([
    [
      'what shows nothing',
      ['Ada\u2800', 'A\u{e0041}da', 'Ada\u3164', '\uffa0Ada', 'A\u200bda', 'A\u200dda', 'Ada\ufe0f', 'Ada\u00ad'],
    ],
    ['blanks other than spaces', ['Ada\u00a0North', 'Ada\u2003North', '\u1680Ada']],
    ['emoji that are none', ['🏴\u{e0067}\u{e0062}', '👩\u200dAda']],
    [
      'stacked marks',
      [
        'A\u0300\u0301\u0302\u0303\u0304da',
        'A\u0301\u0301da',
        '\u0301Ada',
        'Ada \u20dd',
        `Ze${'\u0336\u0334'.repeat(8)}`,
      ],
    ],
    [
      'letters of several scripts in a word',
      ['Аda', 'pаypal', 'Αda', 'Ada Nоrth', 'Ѕupport', 'аdmin ★', 'ᎪdᎪ', 'Adа😀', 'sсоре'],
    ],
    ['words of several scripts other than Latin', ['Анна אנה', 'Анна Παππά', '山田 Анна', 'かな 김', 'カナㄅ']],
    ['marks of another script', ['Ada\u0651', 'Ada\u0e31', 'д\u0651']],
    ['styled letters', ['𝐀𝐝𝐚', 'Ⓐⓓⓐ', '𝒜da', 'ℓord', '🄰da']],
    ['characters without a meaning', ['Ada\ue000', '\u{f0000}', 'Ada\u0378']],
  ])('%s', (_, names) => {
    for (const name of names) expect(isMisleading(name), JSON.stringify(name)).toBe(true);
  });

  test('any mix of a Latin letter and one of another script that is not written with it', () => {
    const foreign = fc.constantFrom(...'аеорсухАВЕКМНОРСТΑΒΕΖΗΙΚΜΝΟΡΤΥΧаяბԱאعकกក');
    fc.assert(
      fc.property(fc.stringMatching(/^[a-zA-Z]{1,10}$/), foreign, fc.nat(10), (latin, letter, at) => {
        expect(isMisleading(`${latin.slice(0, at)}${letter}${latin.slice(at)}`)).toBe(true);
        expect(isMisleading(`${latin} ${letter}`)).toBe(false);
      }),
    );
  });
});

describe('a name that is written', () => {
  const user = {
    handle: 'ada',
    email: 'ada@example.com',
    user_uuid: 'e3fe4ac1-cadf-43c4-80af-45edc81ca5d7',
    cognito_user_id: 'sub',
  };
  const issuesOf = (run: () => unknown) => {
    try {
      run();
    } catch (error) {
      return (error as DomainError).issues;
    }
    return [];
  };

  test('is refused with a code of its own, which names the field', () => {
    for (const schema of [registeredUserSchema, signUpSchema, profileSchema])
      expect(issuesOf(() => parse(schema, { ...user, display_name: 'Аda' }))).toEqual([
        { code: 'display_name_misleading', field: 'display_name' },
      ]);
  });

  test.each(['admin', 'Support', '@HELP', 'cruddur', 'root', 'system', '_admin_', 'cruddur_team'])(
    'as the handle %s is refused to who signs up, and not to an operator',
    (handle) => {
      for (const schema of [signUpSchema, profileSchema])
        expect(issuesOf(() => parse(schema, { ...user, handle }))).toEqual([
          { code: 'handle_reserved', field: 'handle' },
        ]);
      expect(parse(registeredUserSchema, { ...user, handle, display_name: 'Ada' }).handle).toMatch(/^[a-z_]+$/);
    },
  );

  test.each(['admiral', 'helper', 'reef', 'sys', 'rooted', '_'])('as the handle %s is accepted', (handle) => {
    expect(isReservedHandle(handle)).toBe(false);
    expect(parse(profileSchema, { handle }).handle).toBe(handle);
  });
});
