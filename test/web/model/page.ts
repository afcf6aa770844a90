// What the data layer uses of a browser. A whole DOM would take most of the time of a history.

class LocalStorage {
  [name: string]: unknown;
  getItem(name: string): unknown {
    return this[name] ?? null;
  }
  setItem(name: string, value: string): void {
    this[name] = value;
  }
  removeItem(name: string): void {
    delete this[name];
  }
}

const browser = new EventTarget();

Object.assign(globalThis, {
  window: globalThis,
  document: Object.assign(new EventTarget(), { visibilityState: 'visible' }),
  localStorage: new LocalStorage(),
  addEventListener: browser.addEventListener.bind(browser),
  removeEventListener: browser.removeEventListener.bind(browser),
});
Object.defineProperty(globalThis, 'navigator', { value: { onLine: true, languages: ['en'] } });
// Without `subtle`, as on a page without TLS: it would work beside the clock.
const { crypto: original } = globalThis;
Object.defineProperty(globalThis, 'crypto', { value: { randomUUID: () => original.randomUUID() } });
