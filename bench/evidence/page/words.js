// What the page says, in Chinese and English. {braces}: values. Sentences of findings, names of items and of conditions come
// from the program by the builder (generated.js): one place for each.

export const WORDS = {
  // the page
  page_title: ["电能表检验结果核对", "Check the result of a meter test"],
  other_language: ["English", "中文"],
  other_language_label: ["Switch to English", "切换为中文"],
  skip: ["跳到结果", "Skip to the result"],
  lead: [
    "把检定机构给您的证据包（.zip 文件）交给本页。它当场检查证据包是否被改动过，并从原始数据重新计算每一个误差、不确定度和结论。",
    "Give this page the evidence bundle (a .zip file) that the laboratory gave you. It checks on the spot whether anything was changed, and computes every error, uncertainty and verdict again from the raw data.",
  ],
  lead_private: [
    "一切都在您的设备上进行，不需要网络，也不会发送任何数据。",
    "Everything happens on your own device. No network is needed and nothing is sent anywhere.",
  ],
  choose: ["选择证据包", "Choose the evidence bundle"],
  choose_again: ["核对另一份证据包，或把证书文件与此证据包比对", "Check another bundle, or compare a certificate file with this one"],
  or_drop: ["也可以把文件拖到这里", "or drop the file here"],
  print: ["打印本页", "Print this page"],

  text_kept_apart: ["（原文由检定机构另存）", "(the text is kept at the laboratory)"],

  // progress
  working: ["正在检查 {file}", "Checking {file}"],
  working_archive: ["文件的整体结构", "the archive as a whole"],
  working_files: ["每个文件的哈希值", "the hash of every file"],
  working_records: ["每条记录的证明", "the proof of every record"],
  working_figures: ["从原始数据重新计算", "computing again from the raw data"],

  // the outcome
  outcome_agrees: ["没有改动，全部数字一致", "Nothing was changed, and every figure agrees"],
  outcome_agrees_more: [
    "本页从原始数据重新算出了 {results} 次测量结果，与封存的记录一致，直到印出的最后一位。",
    "This page computed {results} measurements again from the raw data. They agree with the sealed records to the last printed digit.",
  ],
  outcome_agrees_ties: [
    "其中 {ties} 个数字的第六位小数差 1，是舍入造成的，不影响结果。",
    "Of their figures, {ties} differ by one in the sixth decimal, where a value lies between two roundings; no result depends on it.",
  ],
  outcome_intact: ["没有改动，但未能全部重算", "Nothing was changed, but not everything could be computed again"],
  outcome_intact_more: [
    "封存后没有任何字节被改动。但有些数字本页没能重新计算，原因见下；对这些数字，本页不作判断。",
    "No byte was changed since it was sealed. But this page could not compute some figures again, for the reasons below; it says nothing about those.",
  ],
  outcome_differs: ["重新计算的结果与所给的数字不同", "What was computed again differs from what is stated"],
  outcome_differs_more: [
    "文件自封存后没有改动，但有 {count} 处数字不是从原始数据得出的。请把本页结果拿给检定机构，并要求解释。",
    "The file is as it was sealed, but some figures ({count}) do not follow from the raw data. Show this page to the laboratory and ask for an explanation.",
  ],
  outcome_changed: ["这份证据包不是封存时的样子", "This bundle is not as it was sealed"],
  outcome_changed_more: [
    "它被改动过，或在传送中损坏。请不要依据它作判断；请向检定机构索取原件后再核对。问题在哪里，见下面的清单。",
    "It was changed, or damaged on its way. Do not rely on it; ask the laboratory for the original and check that one. The list below says where it is wrong.",
  ],
  outcome_other_key: ["封存它的不是您核对的那把密钥", "It was sealed with another key than the one you compared"],
  outcome_other_key_more: [
    "您填写的指纹与这份证据包的密钥指纹不同。要么指纹抄错了，要么这份证据包不是该机构封存的。",
    "The fingerprint that you gave is not that of the key of this bundle. Either it was copied wrongly, or another party has sealed this bundle.",
  ],
  outcome_other_paper: ["纸质证书与这份证据包对不上", "The paper certificate does not belong to this bundle"],
  outcome_other_paper_more: [
    "证据包本身没有改动，但您填写的二维码不属于它，原因见下。请向检定机构索取同一份证书的证据包。",
    "The bundle is as it was sealed, but the QR code that you gave is not of it, as said below. Ask the laboratory for the bundle of that certificate.",
  ],
  outcome_refused: ["本页无法核对这个文件", "This page cannot check this file"],
  simulated: [
    "模拟：这次检验由模拟装置完成，没有测量真实的电能表。",
    "SIMULATED: this test was made by a simulated bench. No real meter was measured.",
  ],
  informative: [
    "仅供参考：这次检验不是正式检定，原因如下。",
    "INFORMATIVE: this test is no official verification, for these reasons.",
  ],

  // the key
  key_heading: ["是谁封存的？", "Whose seal is it?"],
  key_why: [
    "任何人都能造一把密钥。只有您把下面的指纹与检定机构公布的指纹（证书上、机构网站或营业厅）核对一致，才能确定这份证据包出自该机构。",
    "Anybody can make a key. Only when you compare the fingerprint below with the one that the laboratory publishes (on the certificate, on its site, on its premises) do you know that this bundle is theirs.",
  ],
  key_of_bundle: ["这份证据包的密钥指纹", "Fingerprint of the key of this bundle"],
  key_field: [
    "输入或粘贴公布的指纹，或纸质证书二维码的文字",
    "Type or paste the published fingerprint, or the text of the QR code on the paper certificate",
  ],
  key_not_compared: ["尚未核对：本页不知道这把密钥是谁的。", "Not compared yet: this page does not know whose key this is."],
  key_so_far: ["到目前为止一致：{typed} / 64 位", "The same so far: {typed} of 64 digits"],
  key_differs: [
    "不一致：从第 {at} 位起不同。请检查是否抄错。",
    "Different from digit {at} on. Check that it was copied rightly.",
  ],
  key_same: [
    "一致。如果您填写的指纹确实是检定机构公布的，那么这份证据包就是该机构封存的。",
    "The same. If what you gave is what the laboratory publishes, then this bundle was sealed by the laboratory.",
  ],
  key_older: [
    "一致：检验当时的日志是用这把密钥封存的。证据包是后来用一把新密钥打包的，请也核对上面第一个指纹。",
    "The same: the journal was sealed with this key at the time of the test. The bundle was packed later, under a newer key; compare the first fingerprint above, too.",
  ],
  key_of_checkpoint: ["检验当时封存日志的密钥指纹", "Fingerprint of the key that sealed the journal at the time"],
  key_strange: [
    "这既不是指纹（64 位数字和字母 A-F），也不是证书二维码的文字。",
    "This is neither a fingerprint (64 digits and letters A to F) nor the text of a certificate's QR code.",
  ],
  qr_unreadable: [
    "这段文字像证书的二维码，但不完整。请重新扫描并粘贴全部文字。",
    "This looks like the text of a certificate's QR code, but it is not whole. Scan it again and paste all of it.",
  ],
  qr_good: [
    "二维码由这把密钥签名，属于证书 {certificate}，与这份证据包相符。",
    "The QR code is signed with this key. It is of certificate {certificate} and belongs to this bundle.",
  ],
  qr_bad_signature: [
    "二维码不是这把密钥签的：纸质证书和这份证据包不是同一方出具的，或其中之一被改动。",
    "The QR code is not signed with this key: certificate and bundle are not of the same party, or one of them was changed.",
  ],
  qr_other_certificate: [
    "二维码由这把密钥签名，但证书 {certificate} 不在这份证据包里，或其内容不同。",
    "The QR code is signed with this key, but certificate {certificate} is not in this bundle, or not with this content.",
  ],
  qr_other_root: [
    "二维码由这把密钥签名，但它所指的日志不是这份证据包的日志。",
    "The QR code is signed with this key, but the journal that it names is not that of this bundle.",
  ],

  // what was checked
  steps_heading: ["检查了什么", "What was checked"],
  step_archive: ["证据包的每个字节都在应在的位置", "Every byte of the bundle is where it belongs"],
  step_files: ["每个文件的内容与清单一致", "Every file is as the manifest lists it"],
  step_manifest: ["清单由证据包中的密钥签名", "The manifest is signed with the key in the bundle"],
  step_checkpoint: ["日志的检查点由同一密钥签名", "The journal's checkpoint is signed with the same key"],
  step_records: ["每条记录都在签名的日志中，一条不少", "Every record is in the signed journal, and none is missing"],
  step_raw: ["原始数据就是记录所指的数据", "The raw data are those that the records name"],
  step_figures: ["每个数字都能从原始数据重新算出", "Every figure follows from the raw data"],
  step_certificates: ["证书上的结果就是记录的结果", "The certificates state what the records say"],
  step_ok: ["一致", "agrees"],
  step_wrong: ["不一致", "does not agree"],
  step_unknown: ["未能检查", "not checked"],
  more_problems: ["另有 {count} 项", "and {count} more"],

  // findings about a bundle
  no_bundle: [
    "这不是证据包。证据包是以 .zip 结尾的一个文件，由检定机构随证书提供。",
    "This is no evidence bundle. A bundle is one file that ends in .zip and comes from the laboratory with the certificate.",
  ],
  a_certificate_alone: [
    "这是一份证书。证书本身不含原始数据，本页无法重新计算；请先选择同一次检验的证据包（.zip），然后可以把证书文件与它比对。",
    "This is a certificate. It holds no raw data from which this page could compute anything; choose the evidence bundle (.zip) of the same test first, then the certificate file can be compared with it.",
  ],
  file_unreadable: [
    "浏览器读不出这个文件。请把它存到设备上再试一次。",
    "The browser cannot read this file. Save it on this device and try again.",
  ],
  file_too_large: ["这个文件太大，不会是证据包。", "This file is too large to be an evidence bundle."],
  page_failed: [
    "这个文件的内容出乎本页意料（{detail}），无法继续。它不是可以信赖的证据包。",
    "This file holds something that this page does not expect ({detail}) and it cannot go on. It is no bundle to rely on.",
  ],
  bundle_of_newer_form: [
    "这份证据包的格式（{format}）比本页新；请使用新版的核对页。",
    "This bundle has a newer form ({format}) than this page knows; use a newer page.",
  ],
  archive_cut: ["文件不完整：缺少结尾。", "The file is cut: its end is missing."],
  archive_damaged: ["文件的目录已损坏。", "The archive's table of contents is damaged."],
  archive_changed: ["文件目录中的字节被改动", "bytes of the table of contents were changed"],
  archive_changed_at: ["{file}：这里的字节与封存的形式不同", "{file}: its bytes are not in the sealed form"],
  manifest_unreadable: ["清单 manifest.json 不是应有的形式", "manifest.json does not have the form that it should have"],
  file_missing: ["缺少文件 {file}", "the file {file} is missing"],
  file_changed: ["{file} 的内容被改动", "the content of {file} was changed"],
  file_of_other_length: ["{file} 的长度不同", "{file} has another length"],
  file_not_listed: ["{file} 不在清单中", "{file} is not in the manifest"],
  files_in_other_order: ["文件的顺序不同", "the files are in another order"],
  key_unreadable: ["公钥 public-key.txt 读不出", "the public key in public-key.txt cannot be read"],
  note_unreadable: ["{file} 不是应有的形式", "{file} does not have the form that it should have"],
  signed_by_another_key: ["{file} 是另一把密钥签的", "{file} is signed with another key"],
  signature_wrong: ["{file} 的签名不对：内容在签名后被改动", "the signature of {file} is wrong: its text was changed after signing"],
  signature_of_another: ["签名不是针对这份 {file} 的", "the signature is not over this {file}"],
  checkpoint_of_another: ["检查点属于另一台装置或另一份日志", "the checkpoint is of another bench or another journal"],
  no_checkpoint_to_prove: ["没有有效的检查点，无法证明任何记录", "without a valid checkpoint no record can be proved"],
  proof_unreadable: ["{file} 不是应有的形式", "{file} does not have the form that it should have"],
  proof_of_another: ["{file} 属于另一个检查点", "{file} is of another checkpoint"],
  proof_missing: ["记录 {number}（{kind}）没有证明", "record {number} ({kind}) has no proof"],
  record_not_in_log: [
    "记录 {number}（{kind}）不是封存在日志中的那一条",
    "record {number} ({kind}) is not the one that is sealed in the journal",
  ],
  own_root_differs: [
    "记录 {number}（{kind}）所写的日志根与日志不符",
    "record {number} ({kind}) names another root than the journal had",
  ],
  records_cut: ["记录文件不完整", "the file of records is cut"],
  record_unreadable: ["第 {line} 行不是记录", "line {line} of the records is no record"],
  record_missing: ["缺少记录 {number}", "record {number} is missing"],
  record_of_other_run: ["记录 {number}（{kind}）属于别的检验", "record {number} ({kind}) is of another run"],
  records_in_other_order: ["记录的顺序不同", "the records are in another order"],
  run_without_start: ["检验 {run} 缺少开头", "the start of {run} is missing"],
  run_without_end: ["检验 {run} 缺少结尾的记录", "the last record of {run} is missing"],
  raw_file_missing: ["缺少原始数据 {file}", "the raw data {file} are missing"],
  raw_file_differs: ["{file} 不是记录 {number} 所指的数据", "{file} is not what record {number} names"],

  // figures
  differences_heading: ["不同之处", "What differs"],
  where: ["位置", "where"],
  recorded: ["记录", "recorded"],
  recomputed: ["重算", "computed again"],
  not_recomputed: ["未能重算：{detail}", "could not be computed again: {detail}"],
  where_test_point: ["检定点 {number}", "test point {number}"],
  where_record: ["记录 {number}", "record {number}"],
  where_position: ["表位 {position}", "position {position}"],
  taken_heading: ["没有重新计算，而是取自记录的", "Taken from the records, and not computed again"],
  taken_why: [
    "这些内容来自人的观察或仪器的示值，没有原始数据可以重算：",
    "These come from people or displays, and no raw data stand behind them:",
  ],

  // the run
  run_heading: ["检验 {run}", "Test {run}"],
  fact_meter: ["电能表", "Meter"],
  fact_constant: ["常数", "Constant"],
  fact_class: ["准确度等级", "Accuracy class"],
  fact_when: ["日期", "Date"],
  fact_bench: ["装置", "Bench"],
  fact_standard: ["标准表", "Reference standard"],
  fact_rules: ["规程", "Rule set"],
  fact_conclusion: ["结论", "Conclusion"],
  position: ["表位 {position}", "Position {position}"],
  interrupted: ["检验被中断，没有结论。", "The test was interrupted; there is no conclusion."],
  plot_heading: ["各负载点的误差", "Error at each load"],
  plot_legend: [
    "点：误差；横杠：不确定度（约 95 % 的把握）；竖线：允许的界限。",
    "Dot: error. Bar: its uncertainty (about 95 % sure). Upright lines: what is allowed.",
  ],
  plot_label: ["各负载点误差图；数字见下表", "Errors at each load, drawn; the table below has the figures"],
  load: ["负载", "Load"],
  item: ["项目", "Item"],
  found: ["测得", "Found"],
  limit: ["允许", "Allowed"],
  verdict: ["结论", "Verdict"],
  rounded_to: ["化整为 {value} %", "rounded to {value} %"],
  attempt: ["第 {attempt} 次", "attempt {attempt}"],
  is_repeated: ["已重做", "was repeated"],
  course_heading: ["测量过程", "The course of the measurements"],
  course_caption: [
    "记录 {number}，{load}，{position}：标准表功率（线）与电能表脉冲（底部短线）",
    "Record {number}, {load}, {position}: power at the reference (line), pulses of the meter (ticks below)",
  ],
  course_facts: [
    "{pulses} 个脉冲，功率平均 {mean} W，{low} 至 {high} W，历时 {seconds} s",
    "{pulses} pulses; power {mean} W on average, {low} to {high} W, over {seconds} s",
  ],
  seconds: ["秒", "s"],
  is_ok: ["正常", "ok"],
  PASS: ["合格", "PASS"],
  FAIL: ["不合格", "FAIL"],
  INVALID: ["无效", "INVALID"],
  UNJUDGED: ["只测不判", "NOT JUDGED"],

  // certificates
  certificates_heading: ["证据包中的证书", "Certificates in this bundle"],
  certificate: ["证书 {number}", "Certificate {number}"],
  save: ["保存 {file}", "Save {file}"],
  certificate_agrees: [
    "它的 {count} 项结果（误差、不确定度、限值、结论）与记录一致。",
    "Its {count} results (errors, uncertainties, limits, verdicts) agree with the records.",
  ],
  certificate_differs: ["{place}：证书为 {printed}，记录为 {recorded}", "{place}: the certificate has {printed}, the records {recorded}"],
  certificate_not_compared: [
    "本页没能把它的结果与记录比对：没有可读的 XML，或其中没有结果。",
    "This page could not compare its results with the records: there is no XML that it can read, or no result in it.",
  ],
  certificate_signature: [
    "本页不检查证书自身的电子签章（XAdES、PAdES）；PDF 阅读器可以检查。",
    "This page does not check the certificate's own electronic seals (XAdES, PAdES); a PDF reader can.",
  ],
  companion_same: [
    "{file} 与证据包中的 {name} 逐字节相同。",
    "{file} is byte for byte the {name} in this bundle.",
  ],
  companion_replaced: [
    "{file}：证书 {number} 已作废，由 {by} 代替。请使用 {by}。",
    "{file}: certificate {number} does not stand any more; it is replaced by {by}. Use that one.",
  ],
  certificate_replaced: ["证书 {number} 已作废，由 {by} 代替。", "Certificate {number} does not stand any more; it is replaced by {by}."],
  companion_other: [
    "{file} 不在这份证据包里：它属于另一次检验，或已被更正、撤回，或被改动过。",
    "{file} is not in this bundle: it is of another test, it was corrected or withdrawn, or it was changed.",
  ],

  // limits
  limits_heading: ["本页不能知道的", "What this page cannot know"],
  limit_key: [
    "密钥是不是检定机构的：请核对指纹。",
    "Whether the key is the laboratory's: compare the fingerprint.",
  ],
  limit_page: [
    "证据包里也附有这样一个页面。要完全放心，请使用从机构或软件发布者处单独获得的页面，而不是证据包里的那一个：造假的人也能造一个假页面。",
    "A bundle brings a page like this along. To be sure, use one that you got apart from the bundle, from the laboratory or the publisher of the software: whoever forges a bundle can forge the page in it.",
  ],
  limit_world: [
    "当时接在装置上的是不是您的电能表，标准表的证书是否真实，接线是否正确：这些要看封印、照片和在场的人。",
    "Whether it was your meter on the bench, whether the reference standard's certificate is genuine, whether the wiring was right: seals, photographs and those present say that.",
  ],
  limit_rewriting: [
    "机构能否在事后重写整个日志：您手中证书上印的日志根会揭穿它。",
    "Whether the laboratory wrote its whole journal anew later: the root on the certificates in customers' hands would show it.",
  ],
  browser_checks: [
    "签名由本页自己的算法检查，浏览器自带的 Ed25519 得出同样的结果。",
    "Signatures are checked by this page's own arithmetic, and by the browser's own Ed25519 as well.",
  ],
  own_checks: [
    "签名由本页自己的算法检查；这个浏览器没有自带的 Ed25519（Chrome 137、Firefox 129、Safari 17 起才有）。",
    "Signatures are checked by this page's own arithmetic; this browser has no Ed25519 of its own (Chrome has from 137, Firefox from 129, Safari from 17).",
  ],
};
