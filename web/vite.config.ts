import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { devServer } from './dev-server.ts';

export default defineConfig({
  plugins: [react(), devServer],
  build: {
    target: 'es2022',
    modulePreload: { polyfill: false }, // every browser of that target supports it
    assetsInlineLimit: 0, // the content security policy forbids data: URLs
    license: { fileName: 'licenses.md' }, // of the bundled packages
  },
  server: { port: 5173, strictPort: true }, // `npm run web`
});
