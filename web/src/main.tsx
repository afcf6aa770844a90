import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { newQueryClient } from './data/query-client.ts';
import '@picocss/pico/css/pico.violet.min.css';
import './style/base.css';
import './style/layout.css';
import './style/lists.css';
import './style/menus.css';
import './style/messages.css';
import './style/print.css';

createRoot(document.getElementById('root') as HTMLElement).render(
  <StrictMode>
    <QueryClientProvider client={newQueryClient()}>
      <App />
    </QueryClientProvider>
  </StrictMode>,
);
