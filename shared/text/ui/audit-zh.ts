// The audit log, its records and its checks, in Chinese.
import type { UiTexts } from './en.ts';

export const audit: UiTexts['audit'] = {
  pages: { log: '日志条目', outbound: '外发记录', anchors: '见证' },
};
