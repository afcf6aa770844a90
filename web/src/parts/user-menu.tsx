import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useLocation } from 'wouter';
import type { User } from '../api/schema.ts';
import { type Relation, relationWith, setBlocked } from '../data/blocks.ts';
import { BlockQuestion } from './block-question.tsx';
import { ErrorMessage } from './error-message.tsx';
import { Menu } from './menu.tsx';
import { ReportDialog } from './report-dialog.tsx';

/**
 * The menu of a user, with or without a conversation. A report needs a conversation, so without one it is not offered.
 * @param props.isOpen whether the page is already the one to write to this user
 */
export function UserMenu({ user, isOpen = false }: { user: User; isOpen?: boolean }) {
  const { uuid, handle, display_name } = user;
  const client = useQueryClient();
  const [, navigate] = useLocation();
  const [asked, setAsked] = useState<'block' | 'report'>();
  const [relation, setRelation] = useState<Relation>(); // when the menu was opened
  const { mutate, error } = useMutation({
    mutationFn: (blocked: boolean) => setBlocked(client, uuid, blocked),
    retry: false, // the user decides
    networkMode: 'always',
  });
  const items = async () => {
    const current = await relationWith(client, user);
    setRelation(current);
    return [
      ...(isOpen ? [] : [{ name: 'Write a message', action: () => navigate(`/messages/new/${handle}`) }]),
      current.isBlocked
        ? { name: 'Unblock', action: () => mutate(false) }
        : { name: 'Block …', action: () => setAsked('block') },
      ...(current.message_group_uuid ? [{ name: 'Report …', action: () => setAsked('report') }] : []),
    ];
  };
  const close = () => setAsked(undefined);
  return (
    <>
      <Menu label={`Options for ${display_name}`} items={items} />
      {asked === 'block' && <BlockQuestion name={display_name} onClose={close} onConfirm={() => mutate(true)} />}
      {asked === 'report' && relation?.message_group_uuid && (
        <ReportDialog
          group={{ uuid: relation.message_group_uuid, user_uuid: uuid, display_name }}
          isBlocked={relation.isBlocked}
          onClose={close}
        />
      )}
      {error && <ErrorMessage error={error} />}
    </>
  );
}
