// The part of negotiator 1.1 that is used here. @types/negotiator describes version 0.6, without `preferred`.
declare module 'negotiator' {
  export default class Negotiator {
    constructor(request: { headers: Record<string, string | undefined> });
    /** @returns the encoding that the client likes best, and of several that it likes alike the one that `preferred` names first */
    encoding<T extends string>(available: T[], options: { preferred: T[] }): T | undefined;
  }
}
