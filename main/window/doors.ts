// Who may call at all, before anybody has signed in: the machine's own user with the token of the folder, and a browser that was
// let in by a one-time address.
import { AssentError } from '../../shared/errors.ts';
import { toHex } from '../../shared/wire/canonical.ts';
import { randomBytes, sha256, timingSafeEqual } from '../../platform/crypto.ts';

type Headers = Readonly<Record<string, string | string[] | undefined>>;
/** A browser shows both: the cookie, which no script reads, and a word that it keeps for this origin alone. */
export type Pass = { cookie: string; word: string };

/** Of the token that a browser or desktop was given. Cookies of one machine are shared by all ports: so it has its own name. */
export const WORD_HEADER = 'assent-window';

const INVITED_MS = 10 * 60_000;
const MOST = 100;

export type Doors = {
  /** Of the folder's own token file. */
  token: string;
  cookieName: string;
  /** A token that opens one window, once, within ten minutes. */
  invite(): string;
  /** The pass of a browser; one that has a pass keeps it. Throws WINDOW_REFUSED. */
  enter(token: string, headers: Headers): Pass;
  /** By the folder's token, or a browser's pass. */
  admits(headers: Headers): boolean;
};

export function openDoors(now: () => number): Doors {
  const token = secret();
  const cookieName = `assent-${toHex(randomBytes(4))}`;
  const invited = new Map<string, number>();
  const passes = new Map<string, string>();

  /** Used up by being looked at. */
  function used(given: string): void {
    const until = invited.get(hash(given));
    invited.delete(hash(given));
    if (until === undefined || now() > until)
      throw new AssentError('WINDOW_REFUSED', 'This address was used before, or is older than ten minutes.');
  }
  const cookieOf = (headers: Headers): string =>
    String(headers['cookie'] ?? '')
      .split(/; */)
      .find((one) => one.startsWith(`${cookieName}=`))
      ?.slice(cookieName.length + 1) ?? '';
  const passOf = (headers: Headers): Pass | undefined => {
    const cookie = cookieOf(headers);
    const word = passes.get(hash(cookie));
    return word === undefined ? undefined : { cookie, word };
  };
  const bearer = (headers: Headers) => /^Bearer (\S+)$/.exec(String(headers['authorization'] ?? ''))?.[1] ?? '';

  return {
    token,
    cookieName,
    invite() {
      const one = secret();
      if (invited.size >= MOST) invited.delete(invited.keys().next().value!);
      invited.set(hash(one), now() + INVITED_MS);
      return one;
    },
    enter(given, headers) {
      used(given);
      const known = passOf(headers);
      if (known) return known;
      const pass = { cookie: secret(), word: secret() };
      passes.set(hash(pass.cookie), pass.word);
      return pass;
    },
    admits(headers) {
      if (headers['authorization'] !== undefined) return sameText(bearer(headers), token);
      const pass = passOf(headers);
      return pass !== undefined && sameText(String(headers[WORD_HEADER] ?? ''), pass.word);
    },
  };
}

const sameText = (given: string, expected: string) => timingSafeEqual(Buffer.from(given), Buffer.from(expected));
const secret = () => toHex(randomBytes(32));
/** Secrets are looked up by their hash, so that how long it takes says nothing about them. */
const hash = (text: string) => toHex(sha256(Buffer.from(text)));
