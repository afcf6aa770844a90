import { expect, test } from 'vitest';
import { applyEnvironment, localEnvironment } from '../../../offline/supervisor/environment.ts';

const settings = {
  region: 'eu-north-1',
  ports: { http: 3000, websocket: 3001, lambda: 3002, dynamodb: 8123, cognito: 9229 },
  signIn: { issuer: 'http://localhost:9229/local_cruddur', clientId: 'web' },
};
const developer = {
  HOME: '/home/developer',
  AWS_PROFILE: 'production',
  AWS_SESSION_TOKEN: 'secret',
  AWS_ACCESS_KEY_ID: 'real',
  AWS_ENDPOINT_URL: 'https://elsewhere.example',
};

test('in stage local the functions use DynamoDB Local and nothing of the developer’s AWS configuration', () => {
  const env: NodeJS.ProcessEnv = { ...developer };
  applyEnvironment(localEnvironment('local', settings, env), env);
  expect(env).toMatchObject({
    HOME: '/home/developer',
    AWS_ENDPOINT_URL_DYNAMODB: 'http://localhost:8123',
    AWS_REGION: 'eu-north-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
  });
  for (const name of ['AWS_PROFILE', 'AWS_SESSION_TOKEN', 'AWS_ENDPOINT_URL']) expect(env).not.toHaveProperty(name);
});

test.each(['dev', 'prod', 'Local', ''])('in stage %j the environment stays as it is', (stage) => {
  expect(localEnvironment(stage, settings, developer)).toEqual({});
});
