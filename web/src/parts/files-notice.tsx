import { useEffect, useState } from 'react';

/**
 * Says that files cannot be sent when the user pastes or drops one. Without it, the browser ignores a pasted picture, and leaves the
 * page for a dropped one. The notice stays until the next key or click.
 */
export function FilesNotice() {
  const [isShown, setShown] = useState(false);
  useEffect(() => {
    const onPaste = (event: ClipboardEvent) => {
      // Cells of a spreadsheet come as text and as a picture: the text is pasted.
      if (!hasFiles(event.clipboardData) || event.clipboardData?.types.includes('text/plain')) return;
      event.preventDefault();
      setShown(true);
    };
    const onDrag = (event: DragEvent) => {
      if (!hasFiles(event.dataTransfer)) return;
      event.preventDefault(); // the page takes the drop, or the browser would
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
