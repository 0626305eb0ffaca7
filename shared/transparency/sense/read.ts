// Strict reading of what records say, for the auditor alone: this code shares no schema with the program that wrote the records.

/** The value itself, or a Misread that says what is wrong; `at` is the name of the field. Nothing is copied: logs are long. */
export type Read<T> = (value: unknown, at: string) => T;

export class Misread extends Error {
  override readonly name = 'Misread';
}

type Shape<F extends Fields> = { [K in keyof F]: F[K] extends Read<infer T> ? T : never };
type Fields = Readonly<Record<string, Read<unknown>>>;

const wrong = (at: string, wanted: string): Misread => new Misread(`${at === '' ? 'it' : at} is not ${wanted}`);

const matching =
  (pattern: RegExp, wanted: string): Read<string> =>
  (value, at) => {
    if (typeof value !== 'string' || !pattern.test(value)) throw wrong(at, wanted);
    return value;
  };

export const text: Read<string> = (value, at) => {
  if (typeof value !== 'string') throw wrong(at, 'text');
  return value;
};
export const hash = matching(/^[0-9a-f]{64}$/, '64 hex digits');
export const key = matching(/^[0-9a-f]{64}$/, 'a public key');
export const signature = matching(/^[0-9a-f]{128}$/, '128 hex digits');
export const nonce = matching(/^[0-9a-f]{32}$/, '32 hex digits');
export const slug = matching(/^[a-z][a-z0-9-]{0,62}$/, 'an id');
export const person = matching(/^p-[0-9a-f]{16}$/, 'the id of a person');
export const code = matching(/^[A-Z][A-Z_]*$/, 'a code');
export const decimal = matching(/^-?\d{1,40}(\.\d{1,40})?(e[+-]?\d{1,3})?$/, 'a decimal number');

const TIME = /^\d{4}-(?:0[1-9]|1[0-2])-(\d\d)T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;

/** RFC 3339 in UTC with milliseconds: texts of one length, so that they compare as times do. */
export const time: Read<string> = (value, at) => {
  const day = typeof value === 'string' ? TIME.exec(value)?.[1] : undefined;
  // The last days of a month are not in every month.
  const exists = day !== undefined && day >= '01' && (day <= '28' || isDay(value as string));
  if (!exists) throw wrong(at, 'a time');
  return value as string;
};

function isDay(value: string): boolean {
  const milliseconds = Date.parse(value);
  return !Number.isNaN(milliseconds) && new Date(milliseconds).toISOString() === value;
}

export const count: Read<number> = (value, at) => {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw wrong(at, 'a count');
  return value;
};
export const number =
  (least: number, most = Number.MAX_SAFE_INTEGER): Read<number> =>
  (value, at) => {
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < least || value > most)
      throw wrong(at, `a number from ${least}`);
    return value;
  };

export const flag: Read<boolean> = (value, at) => {
  if (typeof value !== 'boolean') throw wrong(at, 'true or false');
  return value;
};

export const oneOf =
  <const T extends string | number | null>(...values: readonly T[]): Read<T> =>
  (value, at) => {
    if (!values.includes(value as T)) throw wrong(at, values.join(' or '));
    return value as T;
  };

export const orNull =
  <T>(read: Read<T>): Read<T | null> =>
  (value, at) =>
    value === null ? null : read(value, at);

export const list =
  <T>(read: Read<T>, least = 0, most = Number.MAX_SAFE_INTEGER): Read<T[]> =>
  (value, at) => {
    if (!Array.isArray(value) || value.length < least || value.length > most) throw wrong(at, 'a list of that length');
    for (const item of value) read(item, at);
    return value as T[];
  };

/** Whatever stands there: nothing is concluded from it. */
export const anything: Read<unknown> = (value) => value;

/** An object of exactly these fields, whose names the reader tells. */
export const object = <F extends Fields>(fields: F) => reader(fields, true);

/** An object that has these fields, beside others. */
export const some = <F extends Fields>(fields: F) => reader(fields, false);

function reader<F extends Fields>(
  fields: F,
  exact: boolean,
): Read<Shape<F>> & { fields: readonly string[]; exact: boolean } {
  const names = Object.keys(fields);
  const read = (value: unknown, at: string): Shape<F> => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(at, 'an object');
    const given = value as Record<string, unknown>;
    for (const name of names) {
      if (!Object.hasOwn(given, name)) throw new Misread(`${name} is missing`);
      fields[name]!(given[name], name);
    }
    // All of its own are there, so another one shows in the number.
    if (exact && Object.keys(given).length > names.length) throw surplus(given, names);
    return given as Shape<F>;
  };
  return Object.assign(read, { fields: names, exact });
}

const surplus = (given: object, names: readonly string[]): Misread =>
  new Misread(`${Object.keys(given).find((name) => !names.includes(name))} is not a field that it has`);

/** Where a record's parts stand, before its detail is read by its kind. */
export type Head = {
  at: string;
  kind: string;
  study: string | null;
  round: number | null;
  attempt: number | null;
  detail: unknown;
};

const place = number(1);
const HEAD = ['v', 'at', 'kind', 'study', 'round', 'attempt', 'detail'];

const optional = <T>(read: Read<T>, value: unknown, at: string): T | null =>
  value === undefined ? null : read(value, at);

export function readHead(record: Readonly<Record<string, unknown>>): Head {
  const { v, at, kind, study, round, attempt, detail } = record;
  for (const name of Object.keys(record)) if (!HEAD.includes(name)) throw surplus(record, HEAD);
  if (v !== 1) throw wrong('v', '1');
  return {
    at: time(at, 'at'),
    kind: text(kind, 'kind'),
    study: optional(slug, study, 'study'),
    round: optional(place, round, 'round'),
    attempt: optional(place, attempt, 'attempt'),
    detail,
  };
}
