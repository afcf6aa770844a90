import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const stack = `http://localhost:${process.env.HTTP_PORT ?? 3000}`;

export default defineConfig({
  plugins: [react()],
  build: {
    target: 'es2022',
    modulePreload: { polyfill: false }, // every browser of that target supports it
    assetsInlineLimit: 0, // the content security policy forbids data: URLs
    license: { fileName: 'licenses.md' }, // of the bundled packages
  },
  // `npm run web` serves the sources unbundled, and the API from the local stack.
  server: { port: 5173, strictPort: true, proxy: { '/api': stack, '/session': stack, '/sign-in.json': stack } },
});
