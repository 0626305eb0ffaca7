// The language that a call asks for, as the texts are named.
import { Locale } from '../shared/gen/assent/v1/node_pb.ts';

export const languageOf = (locale: Locale): 'en' | 'zh' => (locale === Locale.ZH ? 'zh' : 'en');
