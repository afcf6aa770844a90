import type { QueryClient } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import { ApiError, SignedOutError } from '../api/errors.ts';
import { request, requestNoContent } from '../api/request.ts';
import type { Message, SentMessage } from '../api/schema.ts';
import { sessionUser } from '../api/session.ts';
import { keep, kept } from '../api/storage.ts';
import { cachedRow, updateInboxRow } from './inbox.ts';
import { pause } from './retries.ts';
import { updateMessage } from './thread.ts';

const editWindow = 24 * 60 * 60_000; // milliseconds; as in core/model/limits.ts
const undoTime = 5_000; // milliseconds

/** Whether a message is young enough to be edited. The service decides; this only hides what it would refuse. */
export const isEditable = ({ created_at }: Message) => Date.now() - Date.parse(created_at) < editWindow;

const pathOf = (uuid: string, created_at: string) => `/api/messages/${uuid}/${encodeURIComponent(created_at)}`;

/**
 * Changes the text of a message.
 * @param uuid of the conversation
 * @throws ApiError, SignedOutError
 */
export async function editMessage(client: QueryClient, uuid: string, message: Message, text: string): Promise<void> {
  const path = pathOf(uuid, message.created_at);
  const revision = cachedRow(client, uuid)?.revision;
  const { message_group_uuid: _, ...edited } = await request<SentMessage>(path, {
    method: 'PATCH',
    body: { message: text },
  });
  updateMessage(client, uuid, message.uuid, (row) => (edited.revision > row.revision ? edited : row));
  showInInbox(client, uuid, edited, revision);
}

/**
 * Shows a changed message in the inbox, if it is the one that the row shows. The service does so a moment later.
 * @param revision of the row before the request: a later row may show a later change already
 */
function showInInbox(
  client: QueryClient,
  uuid: string,
  { created_at, message }: Pick<Message, 'created_at' | 'message'>,
  revision: number | undefined,
) {
  updateInboxRow(client, uuid, (row) =>
    row.created_at === created_at && row.revision === revision ? { ...row, message } : row,
  );
}

/** The deletion of a message on this page. */
export interface Deletion {
  state: 'undoable' | 'requested' | 'failed';
  /** The error with which the service has refused it. */
  error: Error | null;
}

/** What the browser keeps of a deletion until the service has confirmed it. */
interface DeletionRequest {
  message_group_uuid: string;
  uuid: string;
  created_at: string;
  /** The time from which it cannot be undone, in milliseconds since 1970. */
  due: number;
}

// By the UUID of the message.
const deletions = new Map<string, Deletion>();
const waiting = new Map<string, { timer: ReturnType<typeof setTimeout>; begin: (keepalive: boolean) => void }>();
const watchers = new Set<() => void>();

/** Whether a message is deleted, or about to be. @param deletion of the message */
export const isDeleted = ({ uuid, deleted_at }: Message, deletion = deletions.get(uuid)) =>
  deleted_at !== undefined || (deletion !== undefined && deletion.state !== 'failed');

/** @param messages of a conversation, oldest first @returns the last one of the user that is not deleted, if it can still be edited */
export function lastEditable(messages: readonly Message[], me: string): Message | undefined {
  const last = messages.findLast((message) => message.user_uuid === me && !isDeleted(message));
  return last && isEditable(last) ? last : undefined;
}

/** @param uuid of a message @returns its deletion, kept up to date; undefined if there is none */
export function useDeletion(uuid: string): Deletion | undefined {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => deletions.get(uuid),
  );
}

/**
 * Deletes a message for both participants, after some seconds in which the user can undo it. The browser keeps the deletion until the
 * service has confirmed it, so that the next visit completes one whose request was lost.
 */
export function deleteMessage(client: QueryClient, message_group_uuid: string, { uuid, created_at }: Message): void {
  const deletion = { message_group_uuid, uuid, created_at, due: Date.now() + undoTime };
  const begin = (keepalive: boolean) => {
    cancelWait(uuid);
    void requestDeletion(client, deletion, keepalive);
  };
  keepDeletion(deletion);
  cancelWait(uuid);
  waiting.set(uuid, { begin, timer: setTimeout(() => begin(false), undoTime) });
  show(uuid, { state: 'undoable', error: null });
}

/** Takes back a deletion that is not requested yet, or that the service has refused. */
export function undoDeletion(uuid: string): void {
  cancelWait(uuid);
  forgetDeletion(uuid);
  show(uuid, undefined);
}

/** Completes what an earlier visit has left, and from now on requests each deletion at the latest when the page is left. */
export function completeDeletions(client: QueryClient): () => void {
  // One that is not due yet belongs to another tab, in which the user can still undo it.
  const left = kept<DeletionRequest>(sessionUser(), 'deletion:').filter(({ due }) => due <= Date.now());
  for (const deletion of left) if (!deletions.has(deletion.uuid)) void requestDeletion(client, deletion, false);
  const onLeave = () => {
    for (const { begin } of waiting.values()) begin(true);
  };
  addEventListener('pagehide', onLeave);
  return () => removeEventListener('pagehide', onLeave);
}

async function requestDeletion(client: QueryClient, deletion: DeletionRequest, keepalive: boolean): Promise<void> {
  const { message_group_uuid, uuid, created_at } = deletion;
  if (keepalive) keepDeletion({ ...deletion, due: Date.now() }); // in case the request is lost nevertheless
  show(uuid, { state: 'requested', error: null });
  const revision = cachedRow(client, message_group_uuid)?.revision;
  for (let failures = 0; ; failures++) {
    try {
      await requestNoContent(pathOf(message_group_uuid, created_at), { method: 'DELETE', keepalive });
      break;
    } catch (error) {
      if (error instanceof SignedOutError) return show(uuid, undefined); // the next visit goes on
      if (!(error instanceof ApiError) || !error.isTransient) {
        forgetDeletion(uuid);
        return show(uuid, { state: 'failed', error: error as Error });
      }
      await pause(failures, error);
    }
  }
  forgetDeletion(uuid);
  updateMessage(client, message_group_uuid, uuid, (row) => (row.deleted_at ? row : withoutText(row)));
  showInInbox(client, message_group_uuid, { created_at, message: '' }, revision);
  // The deletion stays, since the changed cache reaches the page a moment later.
}

const withoutText = (message: Message): Message => ({
  ...message,
  message: '',
  deleted_at: new Date().toISOString(),
  revision: message.revision + 1,
});

function cancelWait(uuid: string): void {
  clearTimeout(waiting.get(uuid)?.timer);
  waiting.delete(uuid);
}

function show(uuid: string, deletion: Deletion | undefined): void {
  if (deletion) deletions.set(uuid, deletion);
  else deletions.delete(uuid);
  for (const watcher of watchers) watcher();
}

const keepDeletion = (deletion: DeletionRequest) => keep(sessionUser(), `deletion:${deletion.uuid}`, deletion);
const forgetDeletion = (uuid: string) => keep(sessionUser(), `deletion:${uuid}`, undefined);
