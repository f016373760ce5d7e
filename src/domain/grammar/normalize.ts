// Typed text as the parsers want it: plain quotes, dashes and spaces, no Slack mark-up, no control characters.

/**
 * Undoes what phones, editors and Slack do to typed text. Never throws; does not escape anything for Slack.
 *
 * - NFKC; white space (tabs, line breaks, NBSP) → a space each; control, format and unpaired surrogate characters removed; trimmed.
 * - Curly quotes → straight. Em dash → `--`; en dash → `--` alone or before a letter at the start of a word, `-` elsewhere.
 * - Autolinks `<http://x|x>` → `x`, `<http://x>` → `http://x`. Mentions such as `<@U1|ada>` and `<!channel>` stay as they are.
 * - `&lt;` `&gt;` `&amp;` → `<` `>` `&`, once: a second pass changes only text in which such an entity was itself typed.
 */
export function normalizeTyped(text: string): string {
  return (
    text
      // Before NFKC, which would tear ´ and ″ into pieces.
      .replace(/[“”„‟«»″]/gu, '"')
      .replace(/[‘’‚‛′´]/gu, "'")
      .normalize('NFKC')
      .replace(/[\s\u0085]/gu, ' ')
      .replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '')
      .replace(/[\u2010\u2011\u2212]/gu, '-')
      .replace(/[—―]/gu, '--')
      .replace(/[–‒]{2,}/gu, '--')
      .replace(/(^|\s)[–‒](?!\d)/gu, '$1--')
      .replace(/[–‒]/gu, '-')
      .replace(/<(?:https?|ftp|mailto|tel|slack):[^<>|]*\|([^<>|]+)>/giu, '$1')
      .replace(/<((?:https?|ftp|slack):[^<>|]*)\|?>/giu, '$1')
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&amp;', '&')
      .trim()
  );
}
