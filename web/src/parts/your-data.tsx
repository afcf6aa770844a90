import { useMutation } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { Export, saveFile } from '../data/export.ts';
import { ErrorMessage } from './error-message.tsx';
import { useSignedInUser } from './require-sign-in.tsx';

/** A button that saves all that the user wrote or can read as one file, shows how far it is, and can be cancelled. */
export function YourData() {
  const { handle } = useSignedInUser();
  const [progress, setProgress] = useState('');
  const unfinished = useRef<Export>(undefined);
  const cancellation = useRef<AbortController>(undefined);
  useEffect(() => () => cancellation.current?.abort(), []);
  const download = useMutation({
    mutationFn: async () => {
      cancellation.current = new AbortController();
      const { signal } = cancellation.current;
      unfinished.current ??= new Export();
      const content = await unfinished.current
        .read((lines) => setProgress(`Lines so far: ${lines.toLocaleString('en')}`), signal)
        .catch((error: unknown) => {
          if (signal.aborted) return undefined;
          throw error;
        });
      unfinished.current = undefined;
      if (content) saveFile(`${handle}.jsonl`, content);
      setProgress(content ? 'The file is complete: your browser saves it.' : 'Cancelled.');
    },
    retry: false, // the user decides
    networkMode: 'always',
    onMutate: () => setProgress('Beginning …'),
    onError: () => setProgress(''),
  });
  return (
    <>
      <h2>Your data</h2>
      <p>
        Everything that you wrote or can read, as one file with a JSON object on each line: your profile, the users whom
        you block, your conversations with their messages, and the reports that you made.
      </p>
      {download.isPending ? (
        <button type="button" className="secondary" onClick={() => cancellation.current?.abort()}>
          Cancel the download
        </button>
      ) : (
        <button type="button" className="secondary" onClick={() => download.mutate()}>
          Download your data
        </button>
      )}
      <p role="status">{progress}</p>
      {download.error && <ErrorMessage error={download.error} retry={download.mutate} />}
    </>
  );
}
