// Reads WEB_ORIGIN: the origins whose pages may call the API from a browser, separated by commas.

/**
 * @param {string} text
 * @returns {{ origins: string[], invalid: string[] }} the origins as browsers send them: in lower case, without a default port and without
 * a slash at the end; and what is not an origin
 */
function parseWebOrigins(text) {
  const entries = text.split(',').map((entry) => entry.trim());
  const named = entries.filter((entry) => entry !== '');
  return {
    origins: [...new Set(named.flatMap((entry) => originOf(entry) ?? []))],
    invalid: named.filter((entry) => originOf(entry) === undefined),
  };
}

/** @param {string} entry */
function originOf(entry) {
  if (!/^https?:\/\/[^/\s*@?#\\]+\/?$/i.test(entry) || !URL.canParse(entry)) return undefined;
  return new URL(entry).origin;
}

module.exports = { parseWebOrigins };
