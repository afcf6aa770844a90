import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { compressedFiles } from './compressed-files.ts';
import { devServer } from './dev-server.ts';

export default defineConfig({
  plugins: [react(), compressedFiles, devServer],
  build: {
    target: 'es2022',
    modulePreload: { polyfill: false }, // every browser of that target supports it
    assetsInlineLimit: 0, // the content security policy forbids data: URLs
    license: { fileName: 'assets/licenses.md' }, // of the bundled packages; large, so it belongs under the rate limit of /assets
  },
  server: { port: 5173, strictPort: true }, // `npm run web`
});
