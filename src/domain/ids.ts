// Ids that people read aloud: short, lower-case, without letters that look alike.

/** Crockford's alphabet without vowels that make words, and without 0 1 i l o u. */
const ALPHABET = '23456789abcdefghjkmnpqrstvwxyz';

export interface Ids {
  /** A new allocation id, "al-" and eight characters. */
  allocation(): string;
  /** A random UUID. */
  uuid(): string;
}

/** An allocation id from at least 8 random bytes. */
export function allocationId(random: Uint8Array): string {
  const characters = Array.from(random.slice(0, 8), (byte) => ALPHABET[byte % ALPHABET.length]);
  return `al-${characters.join('')}`;
}
