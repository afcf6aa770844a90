import type { Mutation } from '../mutation.ts';

const functions = 'test/unit/site-functions.test.ts';

export const siteFunctions: Mutation[] = [
  {
    name: 'the tag of the page covers its security headers',
    file: 'handlers/site/conditional.ts',
    find: 'JSON.stringify(headers)',
    replace: 'String(headers.etag)',
    caughtBy: [functions, 'the page has another tag when only its security headers have changed'],
  },
  {
    name: 'only a file is answered with 304',
    file: 'handlers/site/conditional.ts',
    find: 'statusCode !== 200 || !headers?.etag',
    replace: '!headers',
    caughtBy: [functions, 'the page a missing file is a 404, whichever version'],
  },
  {
    name: 'an encoding that the client refuses is not used',
    file: 'handlers/site/files.ts',
    find: 'new Negotiator({ headers }).encoding(available, { preferred: shortestFirst })',
    replace: "available.find((encoding) => headers['accept-encoding']?.includes(encoding))",
    caughtBy: [functions, 'the page Accept-Encoding'],
  },
  {
    name: 'a compressed copy is no file of its own',
    file: 'handlers/site/files.ts',
    find: '.filter((path) => !isCopy(path))',
    replace: '',
    caughtBy: [functions, 'the page /assets/index-1a2b3c4d.js.br is a 404'],
  },
  {
    name: 'only a file with a hash in its name is cached for ever',
    file: 'handlers/site/files.ts',
    find: '/^\\/assets\\/.*-[\\w-]{8}\\.\\w+$/.test(url)',
    replace: "url.startsWith('/assets/')",
    caughtBy: [functions, 'the page a file with a hash in its name is cached for ever'],
  },
  {
    name: 'a file of /assets is served by its own route only',
    file: 'handlers/site/page.ts',
    find: 'isAsset(rawPath) === isAsset(routeKey) ? files.get(rawPath) : undefined',
    replace: 'files.get(rawPath)',
    caughtBy: [functions, 'the page a file of /assets is served by its own route only'],
  },
];
