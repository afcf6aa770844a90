import type { Plugin } from 'vite';
import { parsePort } from '../offline/ports.ts';
import { whenParentIsGone } from '../offline/supervisor/parent-watch.ts';

/** For `npm run web`: takes the API from the local stack, and ends with npm, which passes no signal on to Vite. */
export const devServer: Plugin = {
  name: 'local-stack',
  apply: 'serve',
  config() {
    const port = parsePort(process.env.HTTP_PORT || '3000');
    if (Number.isNaN(port)) {
      process.stderr.write('HTTP_PORT must be a port: a number from 1 to 65535.\n');
      process.exit(1);
    }
    const stack = `http://localhost:${port}`;
    return { server: { proxy: { '/api': stack, '/session': stack, '/sign-in.json': stack } } };
  },
  configureServer() {
    whenParentIsGone(() => process.kill(process.pid, 'SIGTERM'));
  },
};
