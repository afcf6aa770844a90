import { useQueryClient } from '@tanstack/react-query';
import { useLocation } from 'wouter';
import { request } from '../api/request.ts';
import type { Me } from '../api/schema.ts';
import { FormPage } from '../parts/form.tsx';
import { displayName, handle } from './fields.ts';

/**
 * For a signed-in user without a profile. It happens when an operator created the user in the pool only, or when
 * another user took the handle during the sign-up.
 */
export function CreateProfilePage() {
  const client = useQueryClient();
  const [, navigate] = useLocation();
  return (
    <FormPage
      title="Choose your handle"
      intro={<p>You are signed in. Choose how others find you and what they call you.</p>}
      fields={[handle, displayName]}
      action="Create profile"
      send={async ({ handle = '', display_name = '' }) => {
        const me = await request<Me>('/api/me', { method: 'POST', body: { handle, display_name } });
        client.setQueryData(['me'], me);
        navigate('/messages');
      }}
    />
  );
}
