// Refusals as a window says them, where the table of codes speaks of the command line, in Chinese.
import type { errors as english } from './errors-en.ts';

export const errors: typeof english = {
  INTERNAL: { hint: '未因此更改任何内容。请重试；若反复出现，请告知本机的维护人员。' },
  NOT_ENROLLED: { hint: '由管理员在“设置”中加入联合体。' },
  PERSON_UNKNOWN: { hint: '请在“人员”中查看账户。' },
  PASSPHRASE_WRONG: { hint: '请与恢复单逐组核对。' },
  PASSPHRASE_MISSING: { hint: '请输入恢复单上的口令。' },
  SESSION_MISSING: { hint: '请重新登录。您输入的内容会保留。' },
  NOT_SET_UP: { hint: '请在此窗口中建立首批账户。' },
  NODE_UNREACHABLE: {
    hint: '恢复应答后，请查看操作是否已完成；如未完成，请重新操作。除密码外，您输入的内容都会保留。',
  },
  STORE_IN_USE: { hint: '另一窗口或程序正在使用。请先将其关闭。' },
  STORE_MISSING: { hint: '请核对目录。' },
  UPLOAD_SIZE: { hint: '请将文件放在节点所在的电脑上，并在那里输入其路径。' },
  WINDOW_REFUSED: { hint: '请用以下命令获取新的地址：assent-node open' },
  MAPPING_INVALID: { hint: '请为所指内容选择其他列，或不选。' },
};
