import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  exactly,
  getAtt,
  given,
  type Json,
  must,
  ofType,
  type Rule,
  ref,
  root,
  theOne,
  unlike,
  when,
} from './template.ts';

// Sign-up and sign-in. The user pool’s protection is in data.ts.

const pool = 'CognitoUserPoolPeople';
const thePool =
  (properties: Json): Rule['violations'] =>
  (template) =>
    theOne(template, 'AWS::Cognito::UserPool', { id: pool, Properties: properties });

/** Cognito’s operations that the web client calls itself. Our functions call others, for all users from a few addresses. */
const calledByBrowsers = [
  ...new Set(
    readdirSync(join(root, 'web/src/api'))
      .map((file) => readFileSync(join(root, 'web/src/api', file), 'utf8'))
      .flatMap((text) => [...text.matchAll(/new (\w+)Command\(/g)].map(([, name = '']) => name)),
  ),
].toSorted();

const seconds = { seconds: 1, minutes: 60, hours: 3_600, days: 86_400 };
const triggers = { PreSignUp: 'CheckSignUpLambdaFunction', PostConfirmation: 'CompleteSignUpLambdaFunction' };

export const signIn: Rule[] = [
  {
    name: 'users sign in with their e-mail address, in any case; a changed address must be verified',
    violations: thePool({
      UsernameAttributes: ['email'],
      UsernameConfiguration: { CaseSensitive: false },
      AutoVerifiedAttributes: ['email'],
      UserAttributeUpdateSettings: { AttributesRequireVerificationBeforeUpdate: ['email'] },
      AccountRecoverySetting: { RecoveryMechanisms: [{ Name: 'verified_email', Priority: 1 }] },
    }),
  },
  {
    name: 'a password has at least twelve characters, of all four kinds',
    violations: thePool({
      Policies: {
        PasswordPolicy: {
          MinimumLength: must('at least 12', (length) => length >= 12),
          RequireLowercase: true,
          RequireUppercase: true,
          RequireNumbers: true,
          RequireSymbols: true,
        },
      },
    }),
  },
  {
    name: 'the second factor is optional: an authenticator app, not a text message',
    violations: thePool({ MfaConfiguration: 'OPTIONAL', EnabledMfas: ['SOFTWARE_TOKEN_MFA'] }),
  },
  {
    name: 'codes come from the address of the parameter, by SES, or else from Cognito; the alarms of the other sender are off',
    violations(template, stage) {
      const address = given[stage].email;
      const domain = address?.split('@').at(-1);
      const sends = (by: string) => ({
        'Fn::And': [{ Condition: 'IsWatched' }, { 'Fn::Equals': [address ? 'ses' : 'cognito', by] }],
      });
      return [
        ...thePool({
          EmailConfiguration: exactly(
            address
              ? {
                  EmailSendingAccount: 'DEVELOPER',
                  From: address,
                  SourceArn: {
                    'Fn::Sub': `arn:\${AWS::Partition}:ses:\${AWS::Region}:\${AWS::AccountId}:identity/${domain}`,
                  },
                }
              : { EmailSendingAccount: 'COGNITO_DEFAULT' },
          ),
        })(template, stage),
        ...unlike('SendsBySes', template.Conditions.SendsBySes, exactly(sends('ses'))),
        ...unlike('SendsByCognito', template.Conditions.SendsByCognito, exactly(sends('cognito'))),
        ...unlike('EmailReputationAlarm', template.Resources.EmailReputationAlarm, { Condition: 'SendsBySes' }),
        ...unlike('EmailsRunningOutAlarm', template.Resources.EmailsRunningOutAlarm, { Condition: 'SendsByCognito' }),
      ];
    },
  },
  {
    name: 'e-mails that cannot be sent are logged with masked addresses, counted, and watched',
    violations(template, stage) {
      const [log] = ofType(template, 'AWS::Logs::LogGroup').filter(({ id }) => id === 'EmailErrors');
      const masked = [{ 'Fn::Sub': `arn:\${AWS::Partition}:dataprotection::aws:data-identifier/EmailAddress` }];
      const metric = { namespace: `cruddur-messages-${stage}`, name: 'EmailsFailed' };
      return [
        ...theOne(template, 'AWS::Cognito::LogDeliveryConfiguration', {
          Properties: {
            UserPoolId: ref(pool),
            LogConfigurations: exactly([
              {
                EventSource: 'userNotification',
                LogLevel: 'ERROR',
                CloudWatchLogsConfiguration: {
                  LogGroupArn: {
                    'Fn::Sub': `arn:\${AWS::Partition}:logs:\${AWS::Region}:\${AWS::AccountId}:log-group:\${EmailErrors}`,
                  },
                },
              },
            ]),
          },
        }),
        ...unlike('EmailErrors', log?.Properties, {
          DataProtectionPolicy: {
            Statement: must(
              'one that masks e-mail addresses',
              (statements) =>
                statements?.some(
                  ({ DataIdentifier, Operation }: Json) =>
                    exactly(masked)(DataIdentifier) && exactly({ Deidentify: { MaskConfig: {} } })(Operation),
                ) ?? false,
            ),
          },
        }),
        ...theOne(template, 'AWS::Logs::MetricFilter', {
          Properties: {
            LogGroupName: ref('EmailErrors'),
            FilterPattern: '',
            MetricTransformations: exactly([
              { MetricNamespace: metric.namespace, MetricName: metric.name, MetricValue: '1' },
            ]),
          },
        }),
        ...unlike('EmailsFailingAlarm', template.Resources.EmailsFailingAlarm?.Properties, {
          Namespace: metric.namespace,
          MetricName: metric.name,
        }),
      ];
    },
  },
  {
    name: 'with a limit by address, a firewall before the pool counts exactly what browsers call, and blocks no other request',
    violations(template, stage) {
      const limit = given[stage].poolRequestsPerAddress ?? '';
      const [rule, ...others] = template.Resources.SignInFirewall?.Properties.Rules ?? [];
      const { ScopeDownStatement, ...counts } = rule?.Statement?.RateBasedStatement ?? {};
      const { FieldToMatch, RegexString } = ScopeDownStatement?.RegexMatchStatement ?? {};
      const [, operations = ''] = /^\^AWSCognitoIdentityProviderService\\\.\((.+)\)\$$/.exec(RegexString) ?? [];
      return [
        ...unlike(
          'HasFirewall',
          template.Conditions.HasFirewall,
          exactly({ 'Fn::Not': [{ 'Fn::Equals': [limit, ''] }] }),
        ),
        ...theOne(template, 'AWS::WAFv2::WebACL', {
          Condition: 'HasFirewall',
          Properties: { Scope: 'REGIONAL', DefaultAction: exactly({ Allow: {} }) },
        }),
        ...theOne(template, 'AWS::WAFv2::WebACLAssociation', {
          Condition: 'HasFirewall',
          Properties: exactly({ WebACLArn: getAtt('SignInFirewall', 'Arn'), ResourceArn: getAtt(pool, 'Arn') }),
        }),
        ...when(others.length > 0, `the firewall has ${others.length + 1} rules, and must have one`),
        ...unlike('the firewall blocks', rule?.Action, exactly({ Block: {} })),
        ...unlike(
          'the firewall counts',
          counts,
          exactly({ AggregateKeyType: 'IP', EvaluationWindowSec: 300, Limit: Number(limit) }),
        ),
        ...unlike('the firewall looks at', FieldToMatch, exactly({ SingleHeader: { Name: 'x-amz-target' } })),
        ...unlike('the firewall’s operations', operations.split('|').toSorted(), calledByBrowsers),
        ...unlike('SignInsBlockedAlarm', template.Resources.SignInsBlockedAlarm, { Condition: 'WatchesFirewall' }),
      ];
    },
  },
  {
    name: 'only this user pool may call the two sign-up functions',
    violations(template) {
      const permissions = ofType(template, 'AWS::Lambda::Permission').filter(({ Properties }) =>
        JSON.stringify(Properties.Principal).includes('cognito'),
      );
      return [
        ...thePool({
          LambdaConfig: exactly({
            PreSignUp: getAtt(triggers.PreSignUp, 'Arn'),
            PostConfirmation: getAtt(triggers.PostConfirmation, 'Arn'),
          }),
        })(template, 'prod'),
        ...permissions.flatMap(({ id, Properties }) =>
          unlike(id, Properties, {
            Action: 'lambda:InvokeFunction',
            Principal: 'cognito-idp.amazonaws.com',
            SourceArn: getAtt(pool, 'Arn'),
          }),
        ),
        ...unlike(
          'the functions that Cognito may call',
          permissions.map(({ Properties }) => Properties.FunctionName?.['Fn::GetAtt']?.[0]).toSorted(),
          Object.values(triggers).toSorted(),
        ),
      ];
    },
  },
  {
    name: 'the web client has no secret, does not reveal which users exist, and allows only the expected attributes and sign-in flows',
    violations: (template) =>
      theOne(template, 'AWS::Cognito::UserPoolClient', {
        Properties: {
          UserPoolId: ref(pool),
          GenerateSecret: false,
          PreventUserExistenceErrors: 'ENABLED',
          EnableTokenRevocation: true,
          WriteAttributes: ['email', 'name', 'preferred_username'],
          ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH', 'ALLOW_USER_SRP_AUTH', 'ALLOW_ADMIN_USER_PASSWORD_AUTH'],
        },
      }),
  },
  {
    name: 'a renewed session gets a new refresh token; other tabs may use the old one for a minute',
    violations: (template) =>
      theOne(template, 'AWS::Cognito::UserPoolClient', {
        Properties: { RefreshTokenRotation: { Feature: 'ENABLED', RetryGracePeriodSeconds: 60 } },
      }),
  },
  {
    name: 'the function that is told of a new password may end the sessions of this pool’s users, and nothing else of the pool',
    violations: (template) =>
      theOne(template, 'AWS::IAM::Policy', {
        id: 'EndSessions',
        Properties: {
          Roles: exactly([ref('CompleteSignUpRole')]),
          PolicyDocument: exactly({
            Version: '2012-10-17',
            Statement: [
              {
                Effect: 'Allow',
                Action: ['cognito-idp:AdminUserGlobalSignOut'],
                Resource: getAtt(pool, 'Arn'),
              },
            ],
          }),
        },
      }),
  },
  {
    name: 'access and ID tokens are valid for at most an hour, refresh tokens for thirty days',
    violations(template) {
      const atMost = { AccessToken: seconds.hours, IdToken: seconds.hours, RefreshToken: 30 * seconds.days };
      return ofType(template, 'AWS::Cognito::UserPoolClient').flatMap(({ id, Properties }) =>
        Object.entries(atMost).flatMap(([token, most]) => {
          const unit = Properties.TokenValidityUnits?.[token] as keyof typeof seconds;
          const life = Properties[`${token}Validity`] * seconds[unit];
          return when(
            !(life > 0 && life <= most),
            `${id}: ${token} is valid for ${life} seconds. It must be at most ${most}`,
          );
        }),
      );
    },
  },
];
