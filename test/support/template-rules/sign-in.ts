import { exactly, getAtt, type Json, ofType, type Rule, ref, theOne, unlike, when } from './template.ts';

// Who may sign in, and how. The pool's protection stands with the table's (data.ts).

const pool = 'CognitoUserPoolPeople';
const thePool =
  (properties: Json): Rule['violations'] =>
  (template) =>
    theOne(template, 'AWS::Cognito::UserPool', { id: pool, Properties: properties });

const seconds = { seconds: 1, minutes: 60, hours: 3_600, days: 86_400 };
const triggers = { PreSignUp: 'CheckSignUpLambdaFunction', PostConfirmation: 'CompleteSignUpLambdaFunction' };

export const signIn: Rule[] = [
  {
    name: 'people sign in by their e-mail address, whatever its case, and a changed one counts when it is verified',
    violations: thePool({
      UsernameAttributes: ['email'],
      UsernameConfiguration: { CaseSensitive: false },
      AutoVerifiedAttributes: ['email'],
      UserAttributeUpdateSettings: { AttributesRequireVerificationBeforeUpdate: ['email'] },
      AccountRecoverySetting: { RecoveryMechanisms: [{ Name: 'verified_email', Priority: 1 }] },
    }),
  },
  {
    name: 'a password has twelve characters of all four kinds',
    violations: thePool({
      Policies: {
        PasswordPolicy: {
          MinimumLength: (length: Json) => length >= 12,
          RequireLowercase: true,
          RequireUppercase: true,
          RequireNumbers: true,
          RequireSymbols: true,
        },
      },
    }),
  },
  {
    name: 'a second factor is offered: an app, not a text message',
    violations: thePool({ MfaConfiguration: 'OPTIONAL', EnabledMfas: ['SOFTWARE_TOKEN_MFA'] }),
  },
  {
    name: 'the pool calls the two sign-up functions, and no other pool may',
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
          'who may be called by Cognito',
          permissions.map(({ Properties }) => Properties.FunctionName?.['Fn::GetAtt']?.[0]).toSorted(),
          Object.values(triggers).toSorted(),
        ),
      ];
    },
  },
  {
    name: 'the web client has no secret, does not tell who exists, and signs in as it is known to',
    violations: (template) =>
      theOne(template, 'AWS::Cognito::UserPoolClient', {
        Properties: {
          UserPoolId: ref(pool),
          GenerateSecret: false,
          PreventUserExistenceErrors: 'ENABLED',
          EnableTokenRevocation: true,
          ExplicitAuthFlows: [
            'ALLOW_USER_PASSWORD_AUTH',
            'ALLOW_USER_SRP_AUTH',
            'ALLOW_REFRESH_TOKEN_AUTH',
            'ALLOW_ADMIN_USER_PASSWORD_AUTH',
          ],
        },
      }),
  },
  {
    name: 'access and ID tokens live an hour at most, refresh tokens thirty days',
    violations(template) {
      const atMost = { AccessToken: seconds.hours, IdToken: seconds.hours, RefreshToken: 30 * seconds.days };
      return ofType(template, 'AWS::Cognito::UserPoolClient').flatMap(({ id, Properties }) =>
        Object.entries(atMost).flatMap(([token, most]) => {
          const unit = Properties.TokenValidityUnits?.[token] as keyof typeof seconds;
          const life = Properties[`${token}Validity`] * seconds[unit];
          return when(!(life > 0 && life <= most), `${id}: ${token} lives ${life} seconds`);
        }),
      );
    },
  },
];
