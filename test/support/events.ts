import { randomUUID } from 'node:crypto';
import type { APIGatewayProxyEventV2WithJWTAuthorizer, Context } from 'aws-lambda';

/** @returns the context of a Lambda call */
export const lambdaContext = (functionName: string) =>
  ({ functionName, awsRequestId: randomUUID(), getRemainingTimeInMillis: () => 15_000 }) as unknown as Context;

/** A route as in serverless.yml: `GET`, `/api/users/{handle}/short`. */
export interface Route {
  method: string;
  path: string;
}

/** The parts of a request that vary between tests. */
export interface Request {
  path?: Record<string, string>;
  query?: Record<string, string>;
  headers?: Record<string, string>;
  cookies?: string[];
  body?: unknown;
}

/**
 * A request as an HTTP API passes it on after its authorizer has verified the access token (payload format 2.0):
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 * @param sub the token's `sub`
 */
export function httpEvent(
  { method, path: template }: Route,
  sub: string,
  { path = {}, query = {}, headers = {}, cookies, body }: Request = {},
): APIGatewayProxyEventV2WithJWTAuthorizer {
  const issuedAt = Math.floor(Date.now() / 1_000);
  const rawPath = template.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(path[name] ?? ''));
  const routeKey = `${method} ${template}`;
  return {
    version: '2.0',
    routeKey,
    rawPath,
    rawQueryString: new URLSearchParams(query).toString(),
    headers: {
      authorization: `Bearer token-of-${sub}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    // API Gateway omits these if they are empty.
    ...(cookies && { cookies }),
    ...(Object.keys(query).length > 0 && { queryStringParameters: query }),
    ...(Object.keys(path).length > 0 && { pathParameters: path }),
    requestContext: {
      accountId: '000000000000',
      apiId: 'api',
      authorizer: {
        principalId: '',
        integrationLatency: 0,
        jwt: { claims: { sub, token_use: 'access', iat: `${issuedAt}`, exp: `${issuedAt + 3_600}` }, scopes: [] },
      },
      domainName: 'api.execute-api.us-east-1.amazonaws.com',
      domainPrefix: 'api',
      http: { method, path: rawPath, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'test' },
      requestId: randomUUID(),
      routeKey,
      stage: '$default',
      time: '03/Nov/2024:18:51:12 +0000',
      timeEpoch: 1730659872000,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    isBase64Encoded: false,
  };
}

/**
 * A frame, or the beginning or end of a connection, as a WebSocket API passes it on:
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-mapping-template-reference.html
 * @param authorizer what the authorizer said of the connection: texts, as API Gateway repeats it
 */
export const socketEvent = (
  routeKey: string,
  { connectionId, authorizer, body }: { connectionId: string; authorizer: Record<string, string>; body?: unknown },
) => ({
  requestContext: { routeKey, connectionId, authorizer, requestId: randomUUID(), stage: 'test' },
  ...(body !== undefined && { body: JSON.stringify(body) }),
  isBase64Encoded: false,
});

/**
 * The event that Cognito sends to a sign-up trigger:
 * https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-working-with-lambda-triggers.html
 */
export const signUpEvent = (triggerSource: string, userAttributes: Record<string, string>) => ({
  version: '1',
  triggerSource,
  region: 'us-east-1',
  userPoolId: 'us-east-1_test',
  userName: randomUUID(),
  callerContext: { awsSdkVersion: 'test', clientId: 'test' },
  request: { userAttributes },
  response: {},
});
