import { useQueryClient } from '@tanstack/react-query';
import { useLocation } from 'wouter';
import { request } from '../api/request.ts';
import type { User } from '../api/schema.ts';
import { FormPage } from '../parts/form.tsx';
import { displayName, handle } from './fields.ts';

/** For who can sign in and is nobody here: their handle went to somebody else while they signed up. */
export function CreateProfilePage() {
  const client = useQueryClient();
  const [, navigate] = useLocation();
  return (
    <FormPage
      title="Choose your handle"
      intro={<p>You are signed in, but nobody here knows you yet.</p>}
      fields={[handle, displayName]}
      action="Join"
      send={async ({ handle = '', display_name = '' }) => {
        const me = await request<User>('/api/me', { method: 'POST', body: { handle, display_name } });
        client.setQueryData(['me'], me);
        navigate('/messages');
      }}
    />
  );
}
