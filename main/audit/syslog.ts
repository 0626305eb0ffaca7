// The log as RFC 5424 messages, one a line (RFC 6587, 3.4.2): facility 13, log audit; the place in the log as structured data.
import { encodeUtf8 } from '../../shared/wire/canonical.ts';
import { visible } from '../../shared/text/visible.ts';
import { meaningOf } from './kinds.ts';
import type { Row } from './rows.ts';
import type { View } from './view.ts';

/** What every receiver should take whole (RFC 5424, 6.1). */
export const MOST_OCTETS = 2_048;
const MOST_DATA_OCTETS = 1_400;
const MOST_NAME_OCTETS = 200;
const LOG_AUDIT = 13;
const WARNING = 4;
const NOTICE = 5;
/** The enterprise number that is set aside for documentation (RFC 5612): the project has none of its own. */
const ENTERPRISE = 32473;
const BYTE_ORDER_MARK = '\ufeff';
const CUT = '…';

/** Long, and of use only beside the bytes that were signed. */
const LEFT_OUT: ReadonlySet<string> = new Set(['signature', 'signatures', 'installation']);

export async function* syslog(view: View): AsyncGenerator<string> {
  for await (const page of view.rows) yield page.map((row) => message(row, view)).join('');
}

function message(row: Row, { origin, member }: View): string {
  const severity = meaningOf(row.kind).failed ? WARNING : NOTICE;
  const header = `<${LOG_AUDIT * 8 + severity}>1 ${row.at} ${ascii(member, 255)} assent-node - ${ascii(row.kind, 32)}`;
  const place = element('assent', [
    ['log', origin],
    ['index', String(row.index)],
    ['leaf', row.leaf],
    ['study', row.study],
    ['round', row.round === 0 ? '' : String(row.round)],
    ['attempt', row.attempt === 0 ? '' : String(row.attempt)],
    ...row.actors.flatMap(({ person, name, key }): [string, string][] => [
      ['person', person],
      ['name', cut(name, MOST_NAME_OCTETS)],
      ['key', key],
    ]),
  ]);
  const head = `${header} ${place}${detailOf(row, octets(header) + octets(place))} ${BYTE_ORDER_MARK}`;
  return `${head}${cut(row.sentence, MOST_OCTETS - octets(head))}\n`;
}

/** The plain values of the record, as many as there is room for before the message. */
function detailOf({ detail }: Row, used: number): string {
  const pairs: [string, string][] = [];
  for (const [name, value] of Object.entries(detail)) {
    const plain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
    if (!plain || LEFT_OUT.has(name) || !/^[\w.-]{1,32}$/.test(name)) continue;
    pairs.push([name, String(value)]);
    if (used + octets(element('detail', pairs)) > MOST_DATA_OCTETS) {
      pairs.pop();
      break;
    }
  }
  return element('detail', pairs);
}

function element(id: string, pairs: readonly [string, string][]): string {
  const said = pairs.filter(([, value]) => value !== '');
  return said.length === 0
    ? ''
    : `[${id}@${ENTERPRISE}${said.map(([name, value]) => ` ${name}="${escaped(value)}"`).join('')}]`;
}

/** The three characters that RFC 5424 (6.3.3) wants escaped; control characters stand as their code points. */
const escaped = (value: string): string => visible(value).replaceAll(/["\\\]]/g, '\\$&');

/** A field of the header: printable ASCII without spaces, or a hyphen for none. */
const ascii = (text: string, most: number): string => text.replaceAll(/[^\x21-\x7e]/g, '').slice(0, most) || '-';

const octets = (text: string): number => encodeUtf8(text).length;

/** The beginning of a text, in whole characters, with a sign where it was cut. */
function cut(text: string, most: number): string {
  if (octets(text) <= most) return text;
  let bytes = octets(CUT);
  let end = 0;
  for (const character of text) {
    bytes += octets(character);
    if (bytes > most) break;
    end += character.length;
  }
  return `${text.slice(0, end)}${CUT}`;
}
