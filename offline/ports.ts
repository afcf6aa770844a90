/** @returns the port that the text of an environment variable or option names in decimal digits; NaN for any other text */
export function parsePort(text: string | number): number {
  return /^[1-9]\d{0,4}$/.test(String(text)) && Number(text) <= 65_535 ? Number(text) : Number.NaN;
}
