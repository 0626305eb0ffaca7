// The language of the window: its texts, and how numbers, sizes and times are written in it.
import { Locale } from '../shared/gen/assent/v1/node_pb.ts';
import type { UiTexts } from '../shared/text/ui/en.ts';
import { preferences, type LocaleName } from './preferences.svelte.ts';

const LANGUAGES = {
  en: { tag: 'en-GB', lang: 'en', wire: Locale.EN, load: async () => (await import('../shared/text/ui/en.ts')).en },
  zh: {
    tag: 'zh-CN',
    lang: 'zh-Hans',
    wire: Locale.ZH,
    load: async () => (await import('../shared/text/ui/zh.ts')).zh,
  },
} as const;

let name = $state<LocaleName>('en');
let texts = $state.raw<UiTexts>();
let wanted: LocaleName | undefined;

/** Resolves when the texts are there; the last one asked for wins. */
export async function chooseLanguage(next: LocaleName): Promise<void> {
  wanted = next;
  const loaded = await LANGUAGES[next].load();
  if (wanted !== next) return;
  texts = loaded;
  name = next;
  document.documentElement.lang = LANGUAGES[next].lang;
  preferences.locale = next;
}

/** A time as the node says it (ISO 8601), or in milliseconds; nothing where there is none. */
const written = (at: string | number, options: Intl.DateTimeFormatOptions): string =>
  at === '' ? '' : new Date(at).toLocaleString(LANGUAGES[name].tag, { ...options, hourCycle: 'h23' });
const clockwise: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit' };

const decimal = (value: number | bigint, options: Intl.NumberFormatOptions): string =>
  new Intl.NumberFormat(LANGUAGES[name].tag, options).format(value);

const SIZES = ['kB', 'MB', 'GB', 'TB'] as const;

export const language = {
  get name(): LocaleName {
    return name;
  },
  /** What calls to the node name the language by. */
  get wire(): Locale {
    return LANGUAGES[name].wire;
  },
  /** Every text of the interface. `chooseLanguage` has to have resolved once. */
  get t(): UiTexts {
    return texts!;
  },
  /** With as many decimals as are asked for, at most. */
  number: (value: number | bigint, decimals = 0): string => decimal(value, { maximumFractionDigits: decimals }),
  /** A value of the data: whole numbers whole, others to four figures. */
  figure: (value: number): string =>
    decimal(value, Number.isInteger(value) ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: 4 }),
  /** Of a share from 0 to 1; what is little is not said to be nothing, nor what is nearly all to be all. */
  percent(share: number): string {
    const said = (value: number) => decimal(value, { style: 'percent', maximumFractionDigits: 0 });
    if (share > 0 && share < 0.005) return `<${said(0.01)}`;
    return share >= 0.995 && share < 1 ? `>${said(0.99)}` : said(share);
  },
  bytes(count: number | bigint): string {
    let value = Number(count);
    let size = -1;
    while (value >= 999.5 && size < SIZES.length - 1) {
      value /= 1000;
      size++;
    }
    if (size >= 0) return `${decimal(value, { maximumSignificantDigits: 3 })} ${SIZES[size]!}`;
    return texts!.common.bytes(value);
  },
  time: (at: string): string => written(at, { weekday: 'short', day: 'numeric', month: 'short', ...clockwise }),
  /** A day of the calendar (`2026-01-31`), which is the same everywhere. */
  day: (day: string): string => written(day, { weekday: 'short', day: 'numeric', month: 'short', timeZone: 'UTC' }),
  /** To the second, for what happens in quick succession. */
  second: (at: string): string => written(at, { day: 'numeric', month: 'short', ...clockwise, second: '2-digit' }),
  /** In full, with the year and the zone. */
  moment: (at: string): string =>
    written(at, {
      weekday: 'short',
      day: 'numeric',
      month: 'short',
      year: 'numeric',
      ...clockwise,
      second: '2-digit',
      timeZoneName: 'short',
    }),
  date: (at: string | number): string => written(at, { day: 'numeric', month: 'long', year: 'numeric' }),
  clock: (at: string | number): string => written(at, clockwise),
  /** After what introduces something, and between two sentences. */
  get colon(): string {
    return name === 'zh' ? '：' : ': ';
  },
  get gap(): string {
    return name === 'zh' ? '' : ' ';
  },
  list: (items: readonly string[]): string => new Intl.ListFormat(LANGUAGES[name].tag).format(items),
};
