import { expect, test } from 'vitest';
import email from '../../../resources/email.cjs';

const osls = (params: Record<string, string>) => ({
  resolveVariable: async (variable: string) => params[variable.replace(/^param:|, ''$/g, '')] ?? '',
});

test.each(['', 'cognito'])('with email "%s" Cognito sends, and the pool is told so', async (value) => {
  expect(await email.configuration(osls({ email: value }))).toEqual({ EmailSendingAccount: 'COGNITO_DEFAULT' });
  expect(await email.sender(osls({ email: value }))).toBe('cognito');
});

test('an address sends by SES, from the identity of its domain', async () => {
  const params = { email: 'hello@chat.example.com' };
  expect(await email.sender(osls(params))).toBe('ses');
  expect(await email.configuration(osls(params))).toEqual({
    EmailSendingAccount: 'DEVELOPER',
    From: 'hello@chat.example.com',
    SourceArn: { 'Fn::Sub': expect.stringMatching(/:identity\/chat\.example\.com$/) },
  });
});

test('an identity that is named is the one', async () => {
  const emailIdentity = 'arn:aws:ses:eu-west-1:123456789012:identity/example.com';
  const { SourceArn } = (await email.configuration(osls({ email: 'hello@chat.example.com', emailIdentity }))) as {
    SourceArn: string;
  };
  expect(SourceArn).toBe(emailIdentity);
});
