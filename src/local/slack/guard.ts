// Who may talk to local Slack at all: loopback names only, our own origin only, and for the page a key random per start.
import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]'];

/** The address to listen on; throws for any that others on the network could reach. */
export function loopbackHost(host: string): string {
  if (!['127.0.0.1', '::1', 'localhost'].includes(host)) {
    throw new Error(`Local Slack listens on this machine only (127.0.0.1, ::1 or localhost), not on ${host}.`);
  }
  return host;
}

export interface Guard {
  /** Why this request is refused before anything is looked at; undefined: go on. */
  refusal(request: IncomingMessage): string | undefined;
  /** The Set-Cookie value when `key` is the right one. */
  cookieFor(key: string): string | undefined;
  /** Whether the request carries the cookie of this start. */
  hasKey(request: IncomingMessage): boolean;
}

export function createGuard(key: string, port: () => number): Guard {
  const cookieName = () => `local_slack_${port()}`;
  return {
    refusal({ headers }) {
      const hosts = LOOPBACK.map((name) => `${name}:${port()}`);
      if (!hosts.includes((headers.host ?? '').toLowerCase())) return 'The Host header is not a name of this machine with our port.';
      const { origin } = headers;
      if (origin !== undefined && !hosts.some((host) => origin === `http://${host}`)) return 'This request comes from another web page.';
      return undefined;
    },
    cookieFor(given) {
      return same(given, key) ? `${cookieName()}=${key}; HttpOnly; SameSite=Strict; Path=/` : undefined;
    },
    hasKey({ headers }) {
      const cookies = (headers.cookie ?? '').split(';').map((each) => each.trim());
      return cookies.some((cookie) => same(cookie, `${cookieName()}=${key}`));
    },
  };
}

function same(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
