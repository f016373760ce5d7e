// Structured logs (pino) with the one redactor: no secret that passes through a log call reaches the output.
import { pino, type Logger } from 'pino';

export type Log = Logger;

const SECRET_KEYS = ['token', 'secret', 'password', 'authorization', 'response_url', 'responseUrl', 'trigger_id', 'databaseUrl', 'key'];
/** Where database errors hold every value of their statement: what people typed, for one. */
const VALUE_KEYS = ['params', 'parameters', 'args'];
const SECRET_TEXT =
  /xox[abpers]-[\w-]+|xapp-[\w-]+|postgres(?:ql)?:\/\/[^\s"]+|https?:\/\/hooks\.[^\s"]+|-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END|$)/g;
/** The same values in the words of such an error, up to its stack or the end of the JSON string. */
const VALUE_TEXT = /(\\nparams: )(?:(?!\\n {4}at |\\ncaused by)(?:[^"\\]|\\.))*/g;

/** In a line of JSON, replaces all that looks like a token, database address, response URL or private key, and statements' values. */
function redact(line: string): string {
  return line.replace(SECRET_TEXT, '[secret]').replace(VALUE_TEXT, '$1[left out]');
}

/** A logger named after its process, writing JSON lines to stdout (or to `stream`). */
export function createLog(name: string, level: string, stream?: { write(line: string): void }): Log {
  const paths = [...SECRET_KEYS, ...VALUE_KEYS].flatMap((key) => [key, `*.${key}`, `*.*.${key}`, `*.*.*.${key}`]);
  const options = {
    name,
    level,
    base: { name },
    redact: { paths, censor: '[secret]' },
    timestamp: pino.stdTimeFunctions.isoTime,
    hooks: { streamWrite: redact },
  };
  return stream === undefined ? pino(options) : pino(options, stream);
}
