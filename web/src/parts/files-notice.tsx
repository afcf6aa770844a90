import { useEffect, useState } from 'react';

/**
 * Tells a user who pastes or drops a file that files cannot be sent. Without this, the browser would ignore a pasted
 * picture, and would leave the page to show a dropped one. The notice stays until the next key or click.
 */
export function FilesNotice() {
  const [isShown, setShown] = useState(false);
  useEffect(() => {
    const onPaste = (event: ClipboardEvent) => {
      // Cells of a spreadsheet are pasted as text and as a picture at once: then the text counts.
      if (!hasFiles(event.clipboardData) || event.clipboardData?.types.includes('text/plain')) return;
      event.preventDefault();
      setShown(true);
    };
    const onDrag = (event: DragEvent) => {
      if (!hasFiles(event.dataTransfer)) return;
      event.preventDefault(); // otherwise the browser would open the dropped file
      if (event.type === 'drop') setShown(true);
    };
    const hide = () => setShown(false);
    addEventListener('paste', onPaste);
    addEventListener('dragover', onDrag);
    addEventListener('drop', onDrag);
    addEventListener('keydown', hide);
    addEventListener('pointerdown', hide);
    return () => {
      removeEventListener('paste', onPaste);
      removeEventListener('dragover', onDrag);
      removeEventListener('drop', onDrag);
      removeEventListener('keydown', hide);
      removeEventListener('pointerdown', hide);
    };
  }, []);
  return (
    <div aria-live="assertive" className="over-page">
      {isShown && <p className="notice">Files and pictures cannot be sent yet, only text.</p>}
    </div>
  );
}

const hasFiles = (data: DataTransfer | null) => data?.types.includes('Files') ?? false;
