// Every text of the interface in English, page by page.
import { anchors } from './anchors-en.ts';
import { audit } from './audit-en.ts';
import { common } from './common-en.ts';
import { consortium } from './consortium-en.ts';
import { data } from './data-en.ts';
import { errors } from './errors-en.ts';
import { exports } from './exports-en.ts';
import { outbound } from './outbound-en.ts';
import { people } from './people-en.ts';
import { policies } from './policies-en.ts';
import { practice } from './practice-en.ts';
import { round } from './round-en.ts';
import { rounds } from './rounds-en.ts';
import { settings } from './settings-en.ts';
import { start } from './start-en.ts';
import { studies } from './studies-en.ts';

export const en = {
  anchors,
  audit,
  common,
  consortium,
  data,
  errors,
  exports,
  outbound,
  people,
  policies,
  practice,
  round,
  rounds,
  settings,
  start,
  studies,
};
export type UiTexts = typeof en;
