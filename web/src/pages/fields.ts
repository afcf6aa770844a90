import type { FieldProps } from '../parts/form.tsx';

// Fields that several forms share. Password managers recognise them by `autocomplete`.

export const email: FieldProps = {
  name: 'email',
  label: 'E-mail address',
  type: 'email',
  autoComplete: 'username',
  maxLength: 254,
};

export const password: FieldProps = {
  name: 'password',
  label: 'Password',
  type: 'password',
  autoComplete: 'current-password',
  maxLength: 256, // Cognito's limit
};

export const newPassword: FieldProps = {
  ...password,
  autoComplete: 'new-password',
  // The password policy in resources/sign-in.yml.
  hint: 'At least 12 characters, with upper and lower case letters, a number and a symbol.',
  minLength: 12,
};

export const code: FieldProps = {
  name: 'code',
  label: 'Code',
  inputMode: 'numeric',
  autoComplete: 'one-time-code',
  maxLength: 12,
};

export const handle: FieldProps = {
  name: 'handle',
  label: 'Handle',
  autoComplete: 'nickname',
  autoCapitalize: 'none',
  spellCheck: false,
  maxLength: 30,
  pattern: '[A-Za-z0-9_]{1,30}',
  title: '1 to 30 letters, digits and underscores',
  hint: 'Others find you by it: 1 to 30 letters, digits and underscores.',
};

export const displayName: FieldProps = {
  name: 'display_name',
  label: 'Display name',
  autoComplete: 'name',
  maxLength: 80, // in UTF-16 units, of which a code point needs up to two; the service allows 40 code points
  hint: 'The name that others see beside your messages: up to 40 characters.',
};
