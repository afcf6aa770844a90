import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const stack = `http://localhost:${process.env.HTTP_PORT ?? 3000}`;

export default defineConfig({
  plugins: [react()],
  build: {
    target: 'es2022',
    modulePreload: { polyfill: false }, // every browser of that target has it
    assetsInlineLimit: 0, // a data: URL is what the content security policy refuses
    license: { fileName: 'licenses.md' }, // of what is bundled
  },
  // `npm run web`: the sources as they are, with the local stack behind them.
  server: { port: 5173, strictPort: true, proxy: { '/api': stack, '/session': stack, '/sign-in.json': stack } },
});
