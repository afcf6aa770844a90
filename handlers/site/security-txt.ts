const validDays = 30; // RFC 9116 recommends less than a year

/**
 * @param contact where to report a vulnerability, as a URI
 * @returns the content of security.txt (RFC 9116). It expires some time after it is read, since the contact holds as long as this
 *   deployment answers.
 */
export function securityTxt(contact: string, now: Date): string {
  const expires = new Date(now.getTime() + validDays * 24 * 60 * 60 * 1000);
  return `Contact: ${contact}\nExpires: ${expires.toISOString()}\n`;
}
