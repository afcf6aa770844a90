// npm run --silent token -- <handle> [--id]: prints the access token (or the id token) of a seeded person, and nothing else.
// Exit code 1: no such person; 2: no stack to sign in to.
import process from 'node:process';

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true'; // read when the SDK is loaded
const { signIn, UnknownPerson } = await import('./tokens.ts');

const port = Number(process.env.COGNITO_PORT || 9229);
const [handle] = process.argv.slice(2).filter((argument) => argument !== '--id');

try {
  if (!handle) throw new UnknownPerson('Whose token? For example: npm run --silent token -- grahams');
  const { accessToken, idToken } = await signIn(handle, port);
  console.log(process.argv.includes('--id') ? idToken : accessToken);
} catch (error) {
  const isUnknown = error instanceof UnknownPerson;
  const noStack = `Sign-in does not answer on port ${port} (COGNITO_PORT): start the stack first (npm start), or set COGNITO_PORT.`;
  console.error(isUnknown ? error.message : noStack);
  process.exitCode = isUnknown ? 1 : 2;
}
