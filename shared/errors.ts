// The one error type of Assent and the closed table of its codes: what each means to a program and to a person.

/** How a refusal is answered over a call; the names are those of the Connect protocol. */
export type Status =
  | 'invalid_argument'
  | 'failed_precondition'
  | 'not_found'
  | 'already_exists'
  | 'permission_denied'
  | 'unauthenticated'
  | 'resource_exhausted'
  | 'deadline_exceeded'
  | 'canceled'
  | 'unavailable'
  | 'internal';

type Entry = { status: Status; en: string; zh: string; hint: { en: string; zh: string } };

// Makes nothing but a row, so a program that shows no texts is bundled without them.
/* @__NO_SIDE_EFFECTS__ */
const entry = (status: Status, en: string, zh: string, hintEn: string, hintZh: string): Entry => ({
  status,
  en,
  zh,
  hint: { en: hintEn, zh: hintZh },
});

export const ERRORS = {
  // Anything a person or a program asked for wrongly.
  REQUEST_INVALID: entry(
    'invalid_argument',
    'The request is not valid.',
    '请求无效。',
    'Correct the named field and try again.',
    '请更正所指字段后重试。',
  ),
  RECORD_INVALID: entry(
    'invalid_argument',
    'A signed or kept record does not have its exact form.',
    '签名记录或存档记录的格式不符。',
    'The sender must repair it; nothing was changed here.',
    '须由发送方修正；本地未作任何更改。',
  ),
  INTERNAL: entry(
    'internal',
    'Something failed inside the program.',
    '程序内部出错。',
    'See the program’s own output for the cause.',
    '原因见程序输出。',
  ),
  CANCELED: entry(
    'canceled',
    'The work was cancelled.',
    '操作已取消。',
    'Start it again if needed.',
    '如有需要请重新开始。',
  ),

  // Store, keys and journal.
  STORE_IN_USE: entry(
    'unavailable',
    'Another process has this store open.',
    '该数据目录正被另一进程使用。',
    'Use the running process, or stop it first.',
    '请使用正在运行的进程，或先将其停止。',
  ),
  STORE_TOO_NEW: entry(
    'failed_precondition',
    'The store was written by a newer version.',
    '数据目录由更新版本写入。',
    'Install the newer version again.',
    '请重新安装更新版本。',
  ),
  STORE_DAMAGED: entry(
    'internal',
    'The store does not agree with itself.',
    '数据目录内容不一致。',
    'Keep a copy, then restore the last backup.',
    '请先保留副本，再恢复最近的备份。',
  ),
  LEGAL_HOLD: entry(
    'failed_precondition',
    'A legal hold is in force.',
    '法律保全生效中。',
    'Nothing is erased until an admin ends it.',
    '在管理员解除之前不会抹除任何内容。',
  ),
  PASSPHRASE_WRONG: entry(
    'permission_denied',
    'The passphrase does not open this store.',
    '口令无法打开此数据目录。',
    'Check the passphrase and try again.',
    '请核对口令后重试。',
  ),
  PASSPHRASE_MISSING: entry(
    'invalid_argument',
    'No passphrase was given.',
    '未提供口令。',
    'Give --passphrase-file FILE or set ASSENT_PASSPHRASE_FILE.',
    '请使用 --passphrase-file 文件，或设置 ASSENT_PASSPHRASE_FILE。',
  ),

  // Enrolment and membership.
  INVITATION_INVALID: entry(
    'invalid_argument',
    'The invitation cannot be read.',
    '无法读取邀请函。',
    'Ask the coordinator for a new invitation.',
    '请向协调方索取新的邀请函。',
  ),
  ENROLMENT_TOKEN_UNKNOWN: entry(
    'permission_denied',
    'The coordinator never issued this invitation token.',
    '协调方从未签发此邀请令牌。',
    'Ask the coordinator for a new invitation.',
    '请向协调方索取新的邀请函。',
  ),
  ENROLMENT_TOKEN_USED: entry(
    'permission_denied',
    'This invitation was used before.',
    '此邀请函已被使用。',
    'Each institution needs an invitation of its own; ask for a new one.',
    '每个机构需要各自的邀请函，请索取新的。',
  ),
  ENROLMENT_TOKEN_EXPIRED: entry(
    'permission_denied',
    'This invitation has expired.',
    '此邀请函已过期。',
    'Ask the coordinator for a new invitation.',
    '请向协调方索取新的邀请函。',
  ),
  ENROLMENT_PROOF_INVALID: entry(
    'permission_denied',
    'The keys were not proven to be held by who sent them.',
    '未能证明发送方持有所提交的密钥。',
    'Start the enrolment again on the institution’s own machine.',
    '请在机构自己的机器上重新登记。',
  ),
  FINGERPRINT_MISMATCH: entry(
    'permission_denied',
    'The fingerprint typed is not that of the other side’s keys.',
    '输入的指纹与对方密钥不符。',
    'Read it aloud once more; if it still differs, stop: somebody may sit in between.',
    '请再次口头核对；若仍不符请停止：中间可能有人冒充。',
  ),
  MEMBER_UNKNOWN: entry(
    'not_found',
    'There is no such member.',
    '没有该成员。',
    'List the members to see their names.',
    '请列出成员查看名称。',
  ),
  MEMBER_EXISTS: entry(
    'already_exists',
    'There is a member of that name.',
    '已有同名成员。',
    'Choose another name.',
    '请更换名称。',
  ),
  MEMBER_REMOVED: entry(
    'permission_denied',
    'The coordinator has removed this institution from the consortium.',
    '协调方已将本机构移出联盟。',
    'Ask the coordinator’s operator why; a new enrolment needs a new invitation.',
    '请向协调方操作员询问原因；重新登记需要新的邀请函。',
  ),
  NOT_ENROLLED: entry(
    'failed_precondition',
    'This node has not enrolled with a coordinator.',
    '本节点尚未向协调方登记。',
    'Run: assent-node enrol --invitation FILE',
    '请运行：assent-node enrol --invitation 文件',
  ),
  NOT_ADMITTED: entry(
    'permission_denied',
    'The coordinator has not admitted this institution yet.',
    '协调方尚未接纳本机构。',
    'Read your fingerprint to the coordinator’s operator, who types it to admit you.',
    '请向协调方操作员口述指纹，由其输入后接纳。',
  ),
  SIGNATURE_INVALID: entry(
    'permission_denied',
    'A signature does not verify.',
    '签名验证失败。',
    'Nothing of this message was used. If it repeats, ask the other side to check its keys.',
    '该消息未被采用。若反复出现，请对方检查密钥。',
  ),
  CLOCK_SKEW: entry(
    'unauthenticated',
    'The two machines disagree about the time.',
    '两台机器的时间不一致。',
    'Set this machine’s clock.',
    '请校准本机时钟。',
  ),
  VERSION_UNSUPPORTED: entry(
    'failed_precondition',
    'The two sides speak no version in common.',
    '双方没有共同的协议版本。',
    'Update the side that names the lower version.',
    '请升级版本较低的一方。',
  ),

  // Studies, plans and rounds.
  STUDY_INVALID: entry(
    'invalid_argument',
    'The study file is not valid.',
    '研究文件无效。',
    'Correct the fields listed.',
    '请更正所列字段。',
  ),
  STUDY_UNKNOWN: entry(
    'not_found',
    'There is no such study.',
    '没有该研究。',
    'List the studies to see their names.',
    '请列出研究查看名称。',
  ),
  STUDY_EXISTS: entry(
    'already_exists',
    'A study of that name has been started.',
    '同名研究已启动。',
    'Give the new study another id.',
    '请为新研究另取 id。',
  ),
  STUDY_STATE: entry(
    'failed_precondition',
    'The study is not in a state that allows this.',
    '研究当前状态不允许此操作。',
    'Look at its status first.',
    '请先查看其状态。',
  ),
  PLAN_INVALID: entry(
    'invalid_argument',
    'The plan of the round is not acceptable.',
    '本轮计划不可接受。',
    'The round is blocked here; ask the coordinator.',
    '本轮在本地被阻止；请询问协调方。',
  ),
  ROUND_UNKNOWN: entry(
    'not_found',
    'There is no such round.',
    '没有该轮次。',
    'List the rounds to see which there are.',
    '请列出轮次查看。',
  ),
  ROUND_CLOSED: entry(
    'failed_precondition',
    'The round is closed.',
    '该轮次已结束。',
    'Nothing more can be sent for it; the next round decides anew.',
    '不能再为其发送；请等待下一轮。',
  ),
  ROUND_STATE: entry(
    'failed_precondition',
    'The round is not in a state that allows this.',
    '该轮次当前状态不允许此操作。',
    'Look at the round first.',
    '请先查看该轮次。',
  ),
  // Data.
  CSV_INVALID: entry(
    'invalid_argument',
    'The CSV file cannot be read as a table.',
    '无法将该 CSV 文件读取为表格。',
    'Correct the place named and import the file again; nothing of it was kept.',
    '请更正所指位置后重新导入；文件内容未被保留。',
  ),
  PARQUET_INVALID: entry(
    'invalid_argument',
    'The Parquet file cannot be read as a table.',
    '无法将该 Parquet 文件读取为表格。',
    'Correct the place named and import the file again; nothing of it was kept.',
    '请更正所指位置后重新导入；文件内容未被保留。',
  ),
  FILE_FORMAT: entry(
    'invalid_argument',
    'Files of this kind are not read here.',
    '不支持读取此类文件。',
    'Save the table as "CSV UTF-8", and import that file.',
    '请将表格另存为“CSV UTF-8”后导入。',
  ),
  FILE_SETTINGS: entry(
    'invalid_argument',
    'How the file is written cannot be told from its beginning.',
    '无法根据文件开头判断其格式。',
    'Say it with the option named, and import the file again.',
    '请用所指选项说明后重新导入。',
  ),
  FILE_IMPORTED: entry(
    'already_exists',
    'This very file was imported before.',
    '该文件此前已导入。',
    'Use the earlier data set, or say that you want another of it (--again).',
    '请使用已有数据集，或说明需要再次导入（--again）。',
  ),
  FILE_UNREADABLE: entry(
    'invalid_argument',
    'The file cannot be read.',
    '无法读取该文件。',
    'Check its path and its permissions.',
    '请检查路径和权限。',
  ),
  FILE_UNWRITABLE: entry(
    'invalid_argument',
    'The file cannot be written.',
    '无法写入该文件。',
    'Check its path and the permissions of its folder.',
    '请检查路径及所在目录的权限。',
  ),
  DISK_FULL: entry(
    'resource_exhausted',
    'The disk is full.',
    '磁盘空间不足。',
    'Make room or choose another disk, then start again; nothing half written is left.',
    '请腾出空间或更换磁盘后重试；未留下任何不完整的内容。',
  ),
  FILE_EXISTS: entry(
    'already_exists',
    'Other files are in the way.',
    '目标位置已有其他文件。',
    'Choose another folder or an empty one.',
    '请选择其他目录或空目录。',
  ),
  FILE_CHANGED: entry(
    'failed_precondition',
    'The file changed while it was being read.',
    '文件在读取过程中发生了变化。',
    'Import it again when nothing writes to it.',
    '请在无程序写入该文件时重新导入。',
  ),
  DATASET_EXISTS: entry(
    'already_exists',
    'There is a data set of that name.',
    '已有同名数据集。',
    'Choose another name, or delete the other data set first.',
    '请更换名称，或先删除原数据集。',
  ),
  MAPPING_UNKNOWN: entry(
    'not_found',
    'There is no saved mapping of that version.',
    '没有该版本的已存映射。',
    'List the saved mappings to see their versions.',
    '请列出已存映射以查看版本。',
  ),
  MAPPING_INVALID: entry(
    'invalid_argument',
    'The mapping does not fit the study and the data set.',
    '映射与研究或数据集不符。',
    'Correct the field named.',
    '请更正所指字段。',
  ),
  SNAPSHOT_CHANGED: entry(
    'unavailable',
    'Rows of the data set were withdrawn meanwhile.',
    '期间该数据集有行被撤回。',
    'Start again; it then reads the newest snapshot.',
    '请重新开始；届时将读取最新快照。',
  ),
  DATASET_UNKNOWN: entry(
    'not_found',
    'There is no such data set.',
    '没有该数据集。',
    'List the data sets to see their names.',
    '请列出数据集查看名称。',
  ),

  // Consent.
  APPROVAL_MISSING: entry(
    'failed_precondition',
    'Nobody has approved this round.',
    '本轮尚未获批准。',
    'Approve or decline it.',
    '请批准或拒绝。',
  ),
  APPROVAL_MISMATCH: entry(
    'failed_precondition',
    'The approval is for something else than what would be done.',
    '批准内容与将执行的内容不符。',
    'Look at the round again and decide anew.',
    '请重新查看本轮并重新决定。',
  ),
  APPROVAL_EXPIRED: entry(
    'failed_precondition',
    'The approval has expired.',
    '批准已过期。',
    'Decide anew if the round is still open.',
    '若本轮仍开放，请重新决定。',
  ),
  APPROVAL_USED: entry(
    'failed_precondition',
    'The approval has been used for an upload already.',
    '该批准已用于一次上传。',
    'An approval counts once; a new round needs a new one.',
    '批准只能使用一次；新一轮需要新的批准。',
  ),
  APPROVAL_REVOKED: entry(
    'failed_precondition',
    'The approval was taken back.',
    '批准已撤回。',
    'Nothing is sent under it; the next round needs a new one.',
    '不会据此发送任何内容；下一轮须重新批准。',
  ),
  APPROVED_BEFORE: entry(
    'already_exists',
    'This person has approved already; another one has to.',
    '此人已经批准；须由另一人批准。',
    'Let another approver decide, or take the approval back.',
    '请由另一位审批人决定，或撤回该批准。',
  ),
  PROPOSER_APPROVES: entry(
    'permission_denied',
    'Whoever joined the study does not approve its rounds.',
    '代表本机构加入该研究的人不得批准其轮次。',
    'Another approver has to decide.',
    '须由另一位审批人决定。',
  ),
  FLOOR_ROWS: entry(
    'failed_precondition',
    'There are fewer training rows than this institution lets an update be computed from.',
    '训练行数低于本机构允许计算更新的下限。',
    'Join with more rows. Two admins can change the floor, on record: assent-node rules --floor-rows N',
    '请以更多的行加入。两位管理员可更改下限并留存记录：assent-node rules --floor-rows N',
  ),
  STUDY_LEFT: entry(
    'failed_precondition',
    'This institution has left the study.',
    '本机构已退出该研究。',
    'A steward can join it again.',
    '数据管理员可重新加入。',
  ),
  POLICY_INVALID: entry(
    'invalid_argument',
    'The standing policy is not acceptable.',
    '授权策略不可接受。',
    'Correct the bounds named.',
    '请更正所指界限。',
  ),

  // Updates and blobs at the coordinator.
  UPDATE_SHAPE: entry(
    'invalid_argument',
    'The update does not have the tensors that the plan names.',
    '更新中的张量与计划不符。',
    'The update does not count; check that both sides run the same plan.',
    '该更新不计入；请检查双方是否执行同一计划。',
  ),
  UPDATE_NOT_FINITE: entry(
    'invalid_argument',
    'The update holds a value that is not a finite number.',
    '更新中含有非有限数值。',
    'The update does not count; lower the learning rate or look at the data.',
    '该更新不计入；请降低学习率或检查数据。',
  ),
  UPDATE_NORM: entry(
    'invalid_argument',
    'The update is larger than the plan’s norm bound.',
    '更新超过计划的范数上限。',
    'The update does not count; look for outliers in the data or lower the learning rate.',
    '该更新不计入；请检查数据中的离群值或降低学习率。',
  ),
  UPDATE_WEIGHT: entry(
    'invalid_argument',
    'The weight of an update is not a number above zero.',
    '更新的权重不是大于零的数。',
    'The update does not count; an update weighs as many examples as it was trained on.',
    '该更新不计入；更新的权重应为训练所用样本数。',
  ),
  TENSORS_INVALID: entry(
    'invalid_argument',
    'The tensor file is not well formed.',
    '张量文件格式有误。',
    'Nothing of it was used; the sender must write it again.',
    '该文件未被采用；须由发送方重新生成。',
  ),
  UPDATE_ROUND: entry(
    'failed_precondition',
    'The update is for another round or plan.',
    '该更新属于另一轮次或计划。',
    'The update does not count.',
    '该更新不计入。',
  ),
  UPDATE_DUPLICATE: entry(
    'already_exists',
    'Another update of this member counts for the round.',
    '该成员在本轮已有另一份更新。',
    'The first one stands.',
    '以第一份为准。',
  ),
  UPDATE_LATE: entry(
    'deadline_exceeded',
    'The update came after the round had closed.',
    '更新在本轮结束后到达。',
    'The update does not count; the next round decides anew.',
    '该更新不计入；请等待下一轮。',
  ),
  UPDATE_REFUSED_OFTEN: entry(
    'resource_exhausted',
    'Too many updates of this member were refused in the round.',
    '该成员在本轮被拒绝的更新过多。',
    'Nothing more of this member counts in the round; find the cause before the next one.',
    '该成员在本轮的更新不再计入；请在下一轮前查明原因。',
  ),
  BLOB_HASH: entry(
    'invalid_argument',
    'The bytes received are not those that were announced.',
    '收到的内容与声明的不一致。',
    'They were thrown away; send them again.',
    '内容已丢弃；请重新发送。',
  ),
  BLOB_SIZE: entry(
    'resource_exhausted',
    'The body is larger than is allowed here.',
    '内容超过允许的大小。',
    'Send no more than the plan’s largest update.',
    '请勿超过计划允许的最大更新。',
  ),
  BLOB_OFFSET: entry(
    'failed_precondition',
    'An upload does not go on where it stopped.',
    '上传未从上次中断处继续。',
    'Ask how much has arrived, then send the rest.',
    '请先查询已到达的字节数，再发送其余部分。',
  ),
  BLOB_UNKNOWN: entry('not_found', 'There is no such blob.', '没有该数据块。', 'Send it first.', '请先发送。'),

  // Training.
  TRAINING_BACKEND: entry(
    'failed_precondition',
    'Native TensorFlow does not start.',
    '原生 TensorFlow 无法启动。',
    'Run the set-up again: npm test or npm run demo installs it.',
    '请重新运行安装步骤：npm test 或 npm run demo 会安装它。',
  ),
  TRAINING_SETTINGS: entry(
    'failed_precondition',
    'Training cannot run with the settings of this node.',
    '无法按本节点的设置进行训练。',
    'Change the setting named, then restart the node.',
    '请更改所指设置，然后重启节点。',
  ),
  TRAINING_MEMORY: entry(
    'resource_exhausted',
    'Training would need more memory than this node allows.',
    '训练所需内存超过本节点的上限。',
    'Raise the memory limit of the node, or use fewer rows.',
    '请提高节点的内存上限，或减少数据行数。',
  ),
  TRAINING_ROWS: entry(
    'failed_precondition',
    'The rows do not fit the study.',
    '数据行与研究不符。',
    'Look at the mapping of the data set, then try again.',
    '请检查数据集的映射后重试。',
  ),
  TRAINING_DIVERGED: entry(
    'failed_precondition',
    'Training left the range of finite numbers.',
    '训练结果超出有限数值范围。',
    'Lower the learning rate of the study, or look for outliers in the data.',
    '请降低研究的学习率，或检查数据中的离群值。',
  ),
  TRAINING_BUSY: entry(
    'unavailable',
    'Another training is going on.',
    '正在进行另一项训练。',
    'Try again when it has ended; nothing was started.',
    '请待其结束后重试；未启动任何内容。',
  ),
  PRACTICE_STOPPED: entry(
    'unavailable',
    'Practice had to give way to real training.',
    '练习已让位于正式训练。',
    'Nothing is lost, since practice keeps nothing. Practise again later.',
    '练习不保留任何内容，因此没有损失。请稍后再练习。',
  ),
  TRAINING_FAILED: entry(
    'internal',
    'Training stopped because something failed.',
    '训练因故障而停止。',
    'Nothing was sent. Try again; if it repeats, see the message for the cause.',
    '未发送任何内容。请重试；若反复出现，原因见消息。',
  ),

  // The transparency log and what is sealed or signed.
  LOG_INVALID: entry(
    'internal',
    'The log does not agree with its checkpoint, or has no such record.',
    '日志与其检查点不符，或无此记录。',
    'Verify the log before it is used any further.',
    '请先验证日志再继续使用。',
  ),
  LOG_BEHIND: entry(
    'failed_precondition',
    'Witnesses hold a later state of this log than this store, or another one.',
    '见证方持有的本日志状态晚于此数据目录，或与之不同。',
    'Nothing is decided, trained or sent until two admins start a successor log (assent-node audit successor); see docs/protocol.md, Witnesses.',
    '在两名管理员启动后继日志之前，不作决定、不训练、不发送（assent-node audit successor）；参见 docs/protocol.md 的 Witnesses 一节。',
  ),
  LOG_UNKNOWN: entry(
    'not_found',
    'This store holds no such log, or nothing of it was signed yet.',
    '此数据目录中没有该日志，或其尚无签名。',
    'Look at the logs of this store: audit anchors',
    '请查看此数据目录中的日志：audit anchors',
  ),
  LOG_NOT_BEHIND: entry(
    'failed_precondition',
    'No witness holds a later state of this log, so it needs no successor.',
    '没有见证方持有更晚的日志状态，因此无需后继日志。',
    'Go on as before.',
    '照常继续即可。',
  ),
  ANCHOR_MOVED: entry(
    'failed_precondition',
    'Witnesses hold another state of this log than the one that was shown.',
    '见证方持有的本日志状态与所示不同。',
    'Read the statement again, then sign it.',
    '请重新阅读声明后再签名。',
  ),
  SUCCESSION_INVALID: entry(
    'permission_denied',
    'The successor log was not started as it must be.',
    '后继日志的启动不符合要求。',
    'The message says what is missing.',
    '消息中说明了所缺内容。',
  ),
  LETTERS_TOO_OFTEN: entry(
    'resource_exhausted',
    'This institution asks for letters of witnesses too often.',
    '本机构索取见证信件过于频繁。',
    'The node waits and tries again by itself.',
    '节点会自行等待并重试。',
  ),
  CHECKPOINT_INVALID: entry(
    'invalid_argument',
    'The checkpoint is malformed or wrongly signed.',
    '检查点格式有误或签名无效。',
    'Do not rely on it; ask the log’s owner for a new one.',
    '请勿采信；请向日志所有者索取新的检查点。',
  ),
  PROOF_INVALID: entry(
    'invalid_argument',
    'The proof file cannot be read.',
    '无法读取证明文件。',
    'Ask for the proof again.',
    '请重新索取证明。',
  ),
  KEY_INVALID: entry(
    'invalid_argument',
    'The key does not have its exact form.',
    '密钥格式不符。',
    'Copy the whole line of the key again.',
    '请重新完整复制密钥所在行。',
  ),
  TRUST_POLICY_INVALID: entry(
    'invalid_argument',
    'The trust policy is not valid.',
    '信任策略无效。',
    'Correct the line named.',
    '请更正所指行。',
  ),
  EXPORT_FAILED: entry(
    'internal',
    'The export could not be made.',
    '无法生成导出文件。',
    'Nothing half written is left. Try again; if it repeats, see the message for the cause.',
    '未留下任何不完整的内容。请重试；若反复出现，原因见消息。',
  ),
  EXPORT_INVALID: entry(
    'invalid_argument',
    'The exported log was changed or is incomplete.',
    '导出的日志已被改动或不完整。',
    'Do not rely on it; the message names the record or file.',
    '请勿采信；消息中已指明记录或文件。',
  ),
  CIPHERTEXT_INVALID: entry(
    'permission_denied',
    'Sealed data does not open with this key.',
    '无法用此密钥打开加密数据。',
    'Check the key; if it is right, the data was damaged.',
    '请核对密钥；若密钥无误，则数据已损坏。',
  ),

  // Receipts.
  RECEIPT_UNKNOWN: entry(
    'not_found',
    'There is no receipt for this round.',
    '本轮没有回执。',
    'A receipt is for an update that counted in an aggregated round.',
    '回执只针对已聚合轮次中计入的更新。',
  ),
  RECEIPT_WITHHELD: entry(
    'failed_precondition',
    'The coordinator does not hand over what its signed outcome counts.',
    '协调方不提供其签名结果中计入的内容。',
    'Ask the coordinator’s operator; it keeps what outcomes name.',
    '请询问协调方操作员：结果所列内容应由其保存。',
  ),
  RECEIPT_OMITTED: entry(
    'failed_precondition',
    'The coordinator acknowledged the update, and its outcome does not count it.',
    '协调方确认收到更新，但结果未将其计入。',
    'Ask the coordinator’s operator why; the record of it stays.',
    '请向协调方操作员询问原因；此事已记录在案。',
  ),
  RECEIPT_UNSIGNED: entry(
    'permission_denied',
    'The checkpoint of a receipt is not signed by the coordinator’s pinned log key.',
    '回执的检查点并非由已固定的协调方日志密钥签名。',
    'Do not rely on it; ask the coordinator’s operator, and check the way to the coordinator.',
    '请勿采信；请询问协调方操作员，并检查到协调方的连接。',
  ),
  RECEIPT_UNPROVEN: entry(
    'failed_precondition',
    'A proof does not show the record of a receipt to be in the coordinator’s log.',
    '证明未能表明回执中的记录在协调方日志内。',
    'Do not rely on it; ask the coordinator’s operator.',
    '请勿采信；请询问协调方操作员。',
  ),
  RECEIPT_MISMATCH: entry(
    'failed_precondition',
    'The coordinator’s log says something else than was sent, or than its signed outcome says.',
    '协调方日志的内容与所发送的更新或其签名结果不符。',
    'Export the receipt and ask the coordinator’s operator: it has signed both.',
    '请导出回执并询问协调方操作员：两者均由其签名。',
  ),
  RECEIPT_HISTORY: entry(
    'failed_precondition',
    'The coordinator shows another history of its log than before.',
    '协调方出示的日志历史与此前不一致。',
    'Export the receipt: it holds two checkpoints that contradict each other. Tell the other members.',
    '请导出回执：其中有两个相互矛盾的检查点。请告知其他成员。',
  ),
  RECEIPT_AGGREGATE: entry(
    'failed_precondition',
    'The published updates give another aggregate or model than the outcome names.',
    '由已公布的更新算出的聚合或模型与结果所述不同。',
    'Tell the other members, who can compute it too; ask the coordinator’s operator.',
    '请告知其他成员（他们也能计算），并询问协调方操作员。',
  ),
  DISK_SPACE: entry(
    'resource_exhausted',
    'There is too little room on the disk.',
    '磁盘空间不足。',
    'Make room; the node then goes on by itself.',
    '请腾出空间；节点随后会自行继续。',
  ),

  // The coordinator's own operator.
  OPERATOR_ONLY: entry(
    'permission_denied',
    'Only the coordinator’s operator may do this, on its own machine.',
    '仅协调方操作员可在其本机执行此操作。',
    'Use the command assent-coordinator on the coordinator’s machine.',
    '请在协调方机器上使用 assent-coordinator 命令。',
  ),
  STORE_MISSING: entry(
    'not_found',
    'There is no store in this folder.',
    '该目录中没有数据。',
    'Check --home, or make one with: assent-coordinator --home DIR create --consortium ID',
    '请检查 --home，或运行：assent-coordinator --home 目录 create --consortium 标识',
  ),
  STORE_EXISTS: entry(
    'already_exists',
    'There is a store in this folder already.',
    '该目录中已有数据。',
    'Choose another folder with --home.',
    '请用 --home 选择另一目录。',
  ),

  // People, roles and sessions.
  NOT_SET_UP: entry(
    'failed_precondition',
    'No accounts were made here yet.',
    '尚未建立任何账户。',
    'Run: assent-node set-up',
    '请运行：assent-node set-up',
  ),
  SET_UP_BEFORE: entry(
    'already_exists',
    'The first accounts were made before.',
    '首批账户已经建立。',
    'Ask an admin for an account.',
    '请向管理员申请账户。',
  ),
  ACCOUNT_INVALID: entry(
    'invalid_argument',
    'The account cannot be as asked.',
    '账户设置无效。',
    'Correct what the message names and try again.',
    '请按提示更正后重试。',
  ),
  PERSON_UNKNOWN: entry(
    'not_found',
    'There is no such account.',
    '没有此账户。',
    'List the accounts: assent-node people',
    '查看账户列表：assent-node people',
  ),
  PERSON_INACTIVE: entry(
    'permission_denied',
    'The account was deactivated or changed.',
    '该账户已停用或已更改。',
    'Ask an admin of this institution.',
    '请联系本机构管理员。',
  ),
  PASSWORD_WRONG: entry(
    'unauthenticated',
    'Login or password is wrong.',
    '登录名或密码错误。',
    'Try again; who forgot the password asks two admins for a new key.',
    '请重试；忘记密码者可请两位管理员签发新密钥。',
  ),
  PASSWORD_MISSING: entry(
    'invalid_argument',
    'No password was given.',
    '未提供密码。',
    'Type it at the terminal, or name a file: --password-file FILE',
    '请在终端输入，或指定文件：--password-file FILE',
  ),
  PASSWORD_WEAK: entry(
    'invalid_argument',
    'The password is too short.',
    '密码过短。',
    'Choose a longer one.',
    '请选择更长的密码。',
  ),
  SIGN_IN_DELAYED: entry(
    'resource_exhausted',
    'After several wrong passwords the next try has to wait.',
    '多次密码错误后须等待才能重试。',
    'Wait, then try again.',
    '请稍候再试。',
  ),
  SESSION_MISSING: entry(
    'unauthenticated',
    'Nobody is signed in.',
    '尚未登录。',
    'Sign in: assent-node sign-in LOGIN, or give --as LOGIN',
    '请登录：assent-node sign-in LOGIN，或使用 --as LOGIN',
  ),
  ROLE_MISSING: entry(
    'permission_denied',
    'This is not for the roles of this account.',
    '该账户的角色无权执行此操作。',
    'Somebody with the role has to do it.',
    '须由具有相应角色的人员执行。',
  ),
  ADMINS_NEEDED: entry(
    'permission_denied',
    'This takes more admins than have signed.',
    '签名的管理员人数不足。',
    'Let another admin sign as well.',
    '请另一位管理员一并签名。',
  ),

  // Windows: the desktop app and the web edition.
  STORE_CLOSED: entry(
    'failed_precondition',
    'The store is not open yet.',
    '数据目录尚未打开。',
    'Type the passphrase of the recovery sheet.',
    '请输入恢复单上的口令。',
  ),
  SHEET_MISMATCH: entry(
    'invalid_argument',
    'What was typed is not what the recovery sheet says.',
    '输入内容与恢复单不符。',
    'Look at the paper once more; print it again if it is not legible.',
    '请再次核对纸质恢复单；若无法辨认请重新打印。',
  ),
  WINDOW_REFUSED: entry(
    'unauthenticated',
    'This window was not let in.',
    '此窗口未获准进入。',
    'Ask for a new address: assent-node open',
    '请获取新的地址：assent-node open',
  ),
  UPLOAD_INVALID: entry(
    'invalid_argument',
    'The file could not be uploaded.',
    '无法上传该文件。',
    'Choose the file again; nothing of it was kept.',
    '请重新选择文件；文件内容未被保留。',
  ),
  UPLOAD_SIZE: entry(
    'resource_exhausted',
    'The file is too large to be uploaded.',
    '文件过大，无法上传。',
    'Import it on the node’s own machine: assent-node import FILE',
    '请在节点所在机器上导入：assent-node import 文件',
  ),
  DOWNLOAD_UNKNOWN: entry(
    'not_found',
    'This file cannot be fetched any more.',
    '此文件已无法下载。',
    'Export again: a file is fetched once, and by whoever made it.',
    '请重新导出：每个文件只能由导出者下载一次。',
  ),

  // The network.
  COORDINATOR_UNREACHABLE: entry(
    'unavailable',
    'The coordinator does not answer.',
    '协调方没有应答。',
    'The node waits and tries again; nothing is lost.',
    '节点将等待并重试；不会丢失任何内容。',
  ),
  NODE_UNREACHABLE: entry(
    'unavailable',
    'The node does not answer.',
    '节点没有应答。',
    'Start it with: assent-node run',
    '请运行：assent-node run',
  ),
  TRANSPORT_INSECURE: entry(
    'invalid_argument',
    'Plain HTTP is accepted on loopback addresses only.',
    '仅本机回环地址允许使用明文 HTTP。',
    'Use an https address.',
    '请使用 https 地址。',
  ),
} as const satisfies Record<string, Entry>;

export type ErrorCode = keyof typeof ERRORS;

/** `message` says what, where and what to do in this very case; `detail` names the values, for programs and tables. */
export class AssentError extends Error {
  override readonly name = 'AssentError';
  readonly code: ErrorCode;
  readonly detail: Readonly<Record<string, string>>;
  constructor(code: ErrorCode, message: string, detail: Record<string, string> = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.detail = detail;
  }
}

export const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(ERRORS, code);
