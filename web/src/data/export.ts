import { requestLines } from '../api/request.ts';

const start = '/api/me/export';

/** Reads the export of the signed-in user, page by page. After an error it goes on with the page that failed. */
export class Export {
  readonly #pages: string[] = [];
  #next: string | undefined = start;

  /**
   * @param onLines called after each page with the number of lines so far
   * @returns all lines
   * @throws ApiError, SignedOutError; the signal's own error after a cancellation
   */
  async read(onLines: (count: number) => void, signal: AbortSignal): Promise<Blob> {
    let count = this.#pages.reduce((sum, page) => sum + linesIn(page), 0);
    while (this.#next !== undefined) {
      const { text, next } = await requestLines(this.#next, signal);
      signal.throwIfAborted();
      this.#pages.push(text);
      this.#next = next;
      count += linesIn(text);
      onLines(count);
    }
    return new Blob(this.#pages, { type: 'application/x-ndjson' });
  }
}

const linesIn = (text: string) => text.split('\n').length - 1;

/** Lets the browser save a file. */
export function saveFile(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // Some browsers read the file only after the click was handled.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
