// 证据包中的 README.txt，中文。内容与 evidence-en.ts 相同。
export const evidenceReadmeZh = (names: boolean): string =>
  `审计日志证据包

这是什么
  某个联合训练联盟中一个程序的审计日志（或其中一段），以及离线核验所需的全部内容。无需安装，也不访问网络。
  entries.jsonl     各条记录的原始字节，每行一条；空行表示该记录未予出示
  tile/             每条记录（含未出示者）的叶哈希（c2sp.org/tlog-tiles）
  checkpoint        日志的条数与根哈希，由日志密钥及见证方签名
  signed.jsonl      人员签署的内容（批准、账户、策略），原始字节，由记录以哈希指明
  range             这些记录在整个日志中的位置
  proof/            单条记录的包含证明，可逐条转交
  log.vkey、keys.json、witness.vkeys、trust.policy   密钥与信任策略。它们随包而来，见下文
${names ? '  openings.jsonl    记录中各承诺所对应的姓名与文字：属个人数据\n' : ''}
如何核验
  用浏览器打开 verify.html 并把压缩包拖入，或运行：node verify.mjs 证据包.zip
  若不信任制作者，也不应信任包内自带的核验程序。请从项目方取得 assent-verify 并核对其 SHA-256，或用 sha256sum 与 openssl
  手工核验（docs/audit.md）。
  密钥属于谁，包内任何内容都无法说明。请向核验程序提供联盟的信任策略（--policy），或机构在电话中读出的指纹
  （--fingerprint）；在此之前密钥均为“未确认”。

能证明什么，不能证明什么
  自检查点签署以来，没有记录被更改、删去或插入。每份送出的更新：送出之前有几人、以哪些密钥批准了恰好这份更新。
  未出示的记录会计数，因此无法判断之处会写明。
  不能证明从未记录的事、检查点之后的事，也不能证明某人确如机构所称。`;
