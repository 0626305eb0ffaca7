// The small fields that a study is made of, each with the sentence that a wrong value is answered with.
import { z } from 'zod';

export const told = (sentence: string) => ({
  error: ({ input }: { input?: unknown }) => (input === undefined ? 'is missing' : sentence),
});

/** A whole number from `low` to `high`. */
export function whole(low: number, high: number, sentence = `must be a whole number from ${low} to ${high}`) {
  const rule = told(sentence);
  return z.int(rule).min(low, rule).max(high, rule);
}

/** A finite number from `low` to `high`, both allowed. */
export function between(low: number, high: number) {
  const rule = told(`must be a number from ${low} to ${high}`);
  return z.number(rule).min(low, rule).max(high, rule);
}

/** A finite number above 0, up to `high`. */
export function positive(high: number) {
  const rule = told(`must be a number above 0, up to ${high}`);
  return z.number(rule).gt(0, rule).max(high, rule);
}

// Raw values of a column. The bound keeps (value - mean) / sd within float32.
export const rawNumber = between(-1e30, 1e30);

export const flag = z.boolean(told('must be true or false'));

export const oneOf = <const T extends readonly string[]>(known: T) =>
  z.enum(known, told(`must be one of: ${known.join(', ')}`));

export const list = <T extends z.ZodType>(element: T, low: number, high: number) => {
  const rule = told(`must be a list of ${low} to ${high} entries`);
  return z.array(element, rule).min(low, rule).max(high, rule);
};

// People decide by these texts. Control and direction-changing characters could make a text read otherwise than it is
// stored, and a lone surrogate has no canonical bytes.
const PLAIN = /^[^\u0000-\u0009\u000B-\u001F\u007F-\u009F\u200E\u200F\u2028-\u202E\u2066-\u2069\uFEFF\uD800-\uDFFF]*$/u;
const LINE = /^[^\u0000-\u001F\u007F-\u009F\u200E\u200F\u2028-\u202E\u2066-\u2069\uFEFF\uD800-\uDFFF]*$/u;

/** One line of 1 to `length` characters, with no space at its ends. */
export function line(length: number) {
  const rule = told(`must be 1 to ${length} characters on one line, without control characters or spaces at the ends`);
  return z
    .string(rule)
    .min(1, rule)
    .max(length, rule)
    .regex(LINE, rule)
    .regex(/^(?!\s)[\s\S]*(?<!\s)$/u, rule);
}

function prose(length: number) {
  const rule = told(`must be 1 to ${length} characters of plain text`);
  return z.string(rule).min(1, rule).max(length, rule).regex(PLAIN, rule).regex(/\S/u, rule);
}

/** A text for people, in every language the product speaks. */
export const textSchema = z.strictObject({ en: prose(2000), zh: prose(2000) }, told('must be a text in en and zh'));

/** A word for a thing; English tells one from many. */
export const nounSchema = z.strictObject(
  { en: z.strictObject({ one: line(60), other: line(60) }, told('must have one and other')), zh: line(60) },
  told('must be a noun in en and zh'),
);

const slugRule = told('must be 1 to 63 lowercase letters, digits and hyphens, starting with a letter');
export const slug = z.string(slugRule).regex(/^[a-z](?:[a-z0-9]|-(?=[a-z0-9])){0,62}$/, slugRule);

/** The name of a feature or of the target: letters and digits of any script, with _ . - and spaces inside. */
const nameRule = told('must be 1 to 64 letters, digits, _, ., - or inner spaces');
export const columnName = z
  .string(nameRule)
  .regex(/^[\p{L}\p{N}_](?:[\p{L}\p{N}_. -]{0,62}[\p{L}\p{N}_.-])?$/u, nameRule);

export const object = <T extends z.ZodRawShape>(shape: T) => z.strictObject(shape, told('must be an object'));

/** One of several objects, told apart by their field `key`; `noun` is what an unknown one is called. */
export function variant<
  const Key extends string,
  const Options extends readonly [z.core.$ZodTypeDiscriminable, ...z.core.$ZodTypeDiscriminable[]],
>(key: Key, noun: string, known: readonly string[], options: Options) {
  return z.discriminatedUnion(key, options, {
    error: ({ code, input }) => {
      if (input === undefined) return 'is missing';
      if (code !== 'invalid_union') return 'must be an object';
      const given: unknown = (input as Record<string, unknown>)[key];
      if (given === undefined) return 'is missing';
      const shown = typeof given === 'string' ? JSON.stringify(given.slice(0, 60)) : `(a ${typeof given})`;
      return `unknown ${noun} ${shown}; known: ${known.join(', ')}`;
    },
  });
}
