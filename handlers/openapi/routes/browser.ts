import * as z from 'zod';
import { inputSchema as endSession } from '../../../core/end-session.ts';
import { refreshToken } from '../../../core/renew-session.ts';
import { done, file, fileHeaders, noStore, ofBody, ok, type Route } from '../route.ts';

const sessionCookie = z.object({
  '__Host-session': z
    .string()
    .optional()
    .meta({ param: { description: 'The refresh token. Set by `POST /session`; scripts cannot read it.' } }),
});

const setSession = {
  'Set-Cookie': z
    .string()
    .regex(/^__Host-session=/)
    .meta({ header: { description: 'The refresh token, or an empty cookie that has expired.' } }),
};
const html = { schema: { type: 'string' as const } };

export const browser: Record<string, Route> = {
  'POST /session': {
    operationId: 'renewSession',
    tag: 'Browser',
    summary: 'Get an access token for a refresh token',
    description:
      'Takes the refresh token from the body, or without one there from the cookie, and stores the next refresh token in the cookie. ' +
      'The token that was taken is accepted for another minute.',
    needsToken: false,
    params: { cookie: sessionCookie },
    body: {
      schema: z
        .object({ refresh_token: z.optional(refreshToken).meta({ description: 'From Cognito, right after sign-in.' }) })
        .meta({ id: 'SessionRequest', description: 'A refresh token, or an empty object to use the cookie.' }),
      examples: { 'after a reload': {}, 'after sign-in': { refresh_token: 'eyJjdHkiOiJKV1Qi' } },
    },
    success: {
      ...ok(
        z
          .object({ access_token: z.string(), expires_in: z.int().min(0).meta({ description: 'In seconds.' }) })
          .meta({ id: 'Session', description: 'An access token.' }),
        { access_token: 'eyJraWQiOiJD', expires_in: 3600 },
        'A new access token.',
      ),
      headers: z.object({ ...noStore, ...setSession }),
    },
    errors: [...ofBody, 'session_over'],
  },

  'DELETE /session': {
    operationId: 'endSession',
    tag: 'Browser',
    summary: 'Sign out',
    description:
      'Revokes the refresh token in the cookie, and removes the cookie. With `everywhere=true`, revokes all refresh tokens of the user, so ' +
      'that no browser of theirs can renew its session. Access tokens stay valid until they expire, for an hour at most.',
    needsToken: false,
    params: { cookie: sessionCookie, query: endSession },
    success: { ...done('The session has ended.'), headers: z.object({ ...noStore, ...setSession }) },
    errors: [...ofBody, 'everywhere_invalid', 'session_over'], // the body may be absent, but is validated if it is there
  },

  'GET /sign-in.json': {
    operationId: 'pageSignIn',
    tag: 'Browser',
    summary: 'Get the settings of sign-in',
    needsToken: false,
    success: ok(
      z
        .object({
          endpoint: z.string().meta({ description: 'The origin of Cognito.' }),
          client_id: z.string().meta({ description: 'The client of the user pool.' }),
          realtime_url: z.string().optional().meta({
            description: 'The address of the WebSocket API. Absent if this service has none: then clients poll.',
          }),
        })
        .meta({ id: 'SignIn', description: 'The settings of sign-in in the browser.' }),
      { endpoint: 'https://cognito-idp.us-east-1.amazonaws.com', client_id: '2h1p4v9example' },
      'The public settings of sign-in.',
    ),
    errors: [],
  },

  ...file('GET /', {
    operationId: 'page',
    tag: 'Browser',
    summary: 'Get the web client',
    success: {
      status: 200,
      description: 'The page. A browser asks each time whether its own is still right.',
      headers: z.object({ 'Cache-Control': z.literal('no-cache'), ...fileHeaders }),
      content: { 'text/html': html },
    },
  }),

  ...file('GET /assets/{file}', {
    operationId: 'pageAsset',
    tag: 'Browser',
    summary: 'Get a script or style sheet of the web client',
    description:
      'Compressed as `Accept-Encoding` asks, like every file. A name with a hash of the content may be cached for ever.',
    params: { path: z.object({ file: z.string().meta({ examples: ['index-1a2b3c4d.js'] }) }) },
    success: {
      status: 200,
      description: 'The file.',
      headers: z.object({ 'Cache-Control': z.string().regex(/^public, max-age=\d+/), ...fileHeaders }),
      content: { '*/*': {} },
    },
    missing: 'There is no such file.',
  }),

  ...file('GET /{proxy+}', {
    operationId: 'pageOrFile',
    tag: 'Browser',
    summary: 'Get the web client, or a file of it',
    description: 'Every other path outside `/api`, with any number of segments. A path with a dot names a file.',
    params: { path: z.object({ path: z.string().meta({ examples: ['messages'] }) }) },
    success: {
      status: 200,
      description: 'The page, or the file.',
      headers: z.object({ 'Cache-Control': z.string(), ...fileHeaders }).partial(), // HEAD /sign-in.json has none of a file
      content: { 'text/html': html, '*/*': {} },
    },
    missing: 'There is no such file.',
  }),
};
