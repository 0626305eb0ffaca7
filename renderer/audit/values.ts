// The single values of a record's detail, as its JSON has them.

export type NamedValue = { name: string; field: string; value: string | number | boolean };

/** These stand elsewhere on the page. */
const ELSEWHERE = new Set(['signature', 'signatures', 'signer', 'person', 'installation', 'purpose']);

/** `opened` are commitments whose texts are shown instead. Nothing of a record that cannot be read. */
export function valuesIn(json: string, opened: ReadonlySet<string>): NamedValue[] {
  let detail: unknown;
  try {
    ({ detail } = JSON.parse(json) as { detail?: unknown });
  } catch {
    return [];
  }
  return flat(detail, '').filter(({ value }) => !opened.has(String(value)));
}

function flat(value: unknown, within: string): NamedValue[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([field, each]): NamedValue[] => {
    const name = `${within}${field}`;
    if (within === '' && ELSEWHERE.has(field)) return [];
    if (typeof each === 'string' || typeof each === 'number' || typeof each === 'boolean')
      return each === '' ? [] : [{ name, field, value: each }];
    if (Array.isArray(each) && each.every((one) => typeof one === 'string'))
      return each.length === 0 ? [] : [{ name, field, value: each.join(', ') }];
    return flat(each, `${name}.`);
  });
}
