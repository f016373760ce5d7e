// Our words where Slack shows no formatting, as beside a field: dates in their fallback, no code type, nothing escaped.

export function plainText(words: string): string {
  return words
    .replace(/<!date\^[^|>]*\|([^>]*)>/g, '$1')
    .replace(/<@([UW][A-Z0-9]+)>/g, '@$1')
    .replaceAll(/[`*]/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}
