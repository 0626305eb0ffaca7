// Every text of the interface in Chinese, page by page.
import { anchors } from './anchors-zh.ts';
import { audit } from './audit-zh.ts';
import { common } from './common-zh.ts';
import { consortium } from './consortium-zh.ts';
import { data } from './data-zh.ts';
import { errors } from './errors-zh.ts';
import { exports } from './exports-zh.ts';
import { outbound } from './outbound-zh.ts';
import { people } from './people-zh.ts';
import { policies } from './policies-zh.ts';
import { practice } from './practice-zh.ts';
import { round } from './round-zh.ts';
import { rounds } from './rounds-zh.ts';
import { settings } from './settings-zh.ts';
import { start } from './start-zh.ts';
import { studies } from './studies-zh.ts';
import type { UiTexts } from './en.ts';

export const zh: UiTexts = {
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
