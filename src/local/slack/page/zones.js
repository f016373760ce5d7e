// Between a Unix time and what a clock on the wall of a zone shows then, in the form that date inputs use: `2026-11-04T09:30`.

/** @param {number} unix @param {string} timeZone */
export function localOf(unix, timeZone) {
  const parts = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' });
  return parts.format(new Date(unix * 1000)).replace(' ', 'T');
}

/** The second of an hour that comes twice is not asked for; an hour that is skipped gives the one after it. @param {string} local @param {string} timeZone */
export function unixOf(local, timeZone) {
  const asUtc = Date.parse(`${local}Z`) / 1000;
  const aheadAt = (unix) => Date.parse(`${localOf(unix, timeZone)}Z`) / 1000 - unix;
  const guess = asUtc - aheadAt(asUtc);
  return asUtc - aheadAt(guess);
}
