"""What is said of a bundle or a certificate when it is verified, in Chinese and English."""

from __future__ import annotations

from bench.words import word as common
from calibration.texts import Texts

_WORDS = {
    # the archive
    "archive_holds": ("压缩包：写法规范，{count} 个文件", "archive: written canonically, {count} files"),
    "archive_differs": (
        "压缩包：与检定台写出的不同，不再往下核对",
        "archive: not as the bench writes it; nothing more is looked at",
    ),
    "zip_none": ("第 {at} 字节：这里应是第一个文件的开头", "byte {at}: here the first file should begin"),
    "zip_mark": (
        "第 {at} 字节，文件 {after} 之后：这里既不是下一个文件，也不是目录",
        "byte {at}, after the file {after}: here begins neither another file nor the directory",
    ),
    "zip_too_large": (
        "共 {bytes} 字节；记录包最多 {most} 字节",
        "it has {bytes} bytes; a bundle has at most {most}",
    ),
    "zip_too_many": ("共 {files} 个文件；最多 {most} 个", "it has {files} files; at most {most}"),
    "zip_twice": ("第 {at} 字节：文件 {name} 出现两次", "byte {at}: the file {name} is there twice"),
    "zip_ends_early": (
        "第 {at} 字节，文件 {after} 之后：压缩包在文件头中间结束",
        "byte {at}, after the file {after}: the archive ends within the header of a file",
    ),
    "zip_name": (
        "第 {at} 字节：{name!r} 不能作为文件名（绝对路径、.. 或特殊字符）",
        "byte {at}: {name!r} cannot be the name of a file (no absolute path, no .., no special characters)",
    ),
    "zip_compressed": (
        "第 {at} 字节：文件 {name} 是压缩的（方法 {method}）；记录包里不压缩",
        "byte {at}: the file {name} is compressed (method {method}); in a bundle nothing is",
    ),
    "zip_header": (
        "第 {at} 字节起，文件 {name} 的头部：{field} 是 {found}，应为 {wanted}",
        "from byte {at}, header of the file {name}: {field} is {found}, and must be {wanted}",
    ),
    "zip_size": (
        "第 {at} 字节：文件 {name} 自称 {size} 字节，后面只剩 {left} 字节",
        "byte {at}: the file {name} says it has {size} bytes, and {left} are left",
    ),
    "zip_directory": (
        "第 {at} 字节：目录里文件 {name} 的一行与文件不符",
        "byte {at}: the line of the file {name} in the directory does not fit the file",
    ),
    "zip_end": (
        "第 {at} 字节：压缩包的结尾不规范（共 {bytes} 字节，应为 {wanted}）",
        "byte {at}: the end of the archive is not canonical ({bytes} bytes, {wanted} are wanted)",
    ),
    "file_damaged": (
        "文件 {name}（第 {at} 字节起）已改变：内容与校验和不符",
        "the file {name} (from byte {at}) was changed: its content does not fit its checksum",
    ),
    "record_damaged": (
        "第 {number} 号记录已改变（records.jsonl）",
        "record {number} was changed (records.jsonl)",
    ),
    "first_files": (
        "前两个文件应是 {first} 和 {second}",
        "the first two files must be {first} and {second}",
    ),
    "file_missing": ("缺少文件 {name}", "the file {name} is missing"),
    "file_unexpected": ("多出文件 {name}", "the file {name} does not belong here"),
    "file_out_of_order": ("文件 {name} 的位置不对", "the file {name} is not in its place"),
    "listed_missing": (
        "manifest.json 列出的文件 {name} 不在包里",
        "manifest.json lists the file {name}, which is not here",
    ),
    "listed_unexpected": (
        "文件 {name} 没有列在 manifest.json 里",
        "the file {name} is not listed in manifest.json",
    ),
    "listed_out_of_order": (
        "文件 {name} 不在 manifest.json 所列的位置",
        "the file {name} is not in the place where manifest.json lists it",
    ),
    "manifest_newer": (
        "格式 {format} 比本软件新（本软件懂到 {known}）；请用较新的版本核对",
        "format {format} is newer than this software (which knows up to {known}); verify it with a newer one",
    ),
    "manifest_damaged": (
        "manifest.json 不是规范的目录",
        "manifest.json is not a canonical table of contents",
    ),
    "records_torn": ("records.jsonl 末尾不完整", "the end of records.jsonl is not whole"),
    "line_damaged": (
        "records.jsonl 第 {line} 行不是记录（{why}）",
        "records.jsonl, line {line}: no record ({why})",
    ),
    "last_record_damaged": (
        "最后一条记录没有列出原始文件（{why}）",
        "the last record does not name the raw files ({why})",
    ),
    "records_out_of_order": (
        "records.jsonl 第 {line} 行：第 {number} 号记录的位置不对",
        "records.jsonl, line {line}: record {number} is not in its place",
    ),
    "record_of_other_run": (
        "第 {number} 号记录属于 {run}，不在目录所列的测量里",
        "record {number} is of {run}, which manifest.json does not name",
    ),
    "run_without_records": (
        "{run} 没有记录，或目录不规范",
        "{run} has no records here, or is listed wrongly",
    ),
    # files, key, signatures
    "files_hold": ("文件：{count} 个文件的 SHA-256 全部一致", "files: SHA-256 of all {count} agrees"),
    "files_differ": (
        "文件：{count} 个文件不是目录所列的",
        "files: {count} not as the table of contents lists",
    ),
    "file_changed": ("文件 {name} 已改变", "the file {name} was changed"),
    "key_not_compared": (
        "密钥：指纹 {fingerprint}；没有比对。请与检定机构公布的指纹比较，或用 --fingerprint",
        "key: fingerprint {fingerprint}; compared with nothing. Compare it with the one that the laboratory has "
        "published, or give that as --fingerprint",
    ),
    "key_compared": (
        "密钥：与给出的指纹一致（{fingerprint}）",
        "key: the one whose fingerprint was given ({fingerprint})",
    ),
    "key_differs": (
        "密钥：不是所给指纹 {fingerprint} 的密钥",
        "key: not the one whose fingerprint was given ({fingerprint})",
    ),
    "key_is": ("包里密钥的指纹：{fingerprint}", "the key in the bundle has the fingerprint {fingerprint}"),
    "key_damaged": ("密钥：public-key.txt 不是检定台的密钥", "key: public-key.txt has no key of the bench"),
    "signature_holds": ("签名：目录由这把密钥签名", "signature: the table of contents is signed by this key"),
    "signature_differs": (
        "签名：目录（manifest.sig）没有由这把密钥签名",
        "signature: the table of contents (manifest.sig) is not signed by this key",
    ),
    "signature_of_another": (
        "manifest.sig 签的是另一个目录",
        "manifest.sig signs another table of contents",
    ),
    "signatures_too_many": ("manifest.sig 里有多余的签名", "manifest.sig has more than one signature"),
    "checkpoint_holds": (
        "检查点：由这把密钥签名，日志共 {size} 条记录，时间 {time}",
        "checkpoint: signed, over a journal of {size} records, {time}",
    ),
    "checkpoint_differs": (
        "检查点（checkpoint.txt）：签名或内容不一致",
        "checkpoint (checkpoint.txt): its signature or what it says does not agree",
    ),
    "checkpoint_of_another": (
        "检查点与目录里的日志长度、根或检定台不符",
        "the checkpoint is of another journal, length or root than the table of contents says",
    ),
    # records
    "records_hold": (
        "记录：{count} 条都证明在检查点的日志里",
        "records: all {count} proved to be in the journal of the checkpoint",
    ),
    "records_unsigned": (
        "记录：{count} 条的证明彼此一致，但检查点没有可信的签名",
        "records: the proofs of all {count} agree, but nobody has signed the checkpoint",
    ),
    "records_differ": ("记录：{count} 条没有得到证明", "records: {count} not proved"),
    "record_not_proved": (
        "第 {number} 号记录已改变，或不在检查点的日志里",
        "record {number} was changed, or is not in the journal of the checkpoint",
    ),
    "proof_of_another": (
        "第 {number} 号记录的证明属于别的记录或检查点",
        "the proof of record {number} is of another record or checkpoint",
    ),
    "proof_damaged": (
        "第 {number} 号记录的证明读不出（{why}）",
        "the proof of record {number} cannot be read ({why})",
    ),
    "end_of_another": (
        "第 {number} 号记录：其中的日志根与证明不符",
        "record {number}: the root of the journal in it is not the one that its proof has",
    ),
    "course_holds": (
        "完整：{runs} 从开始到结束，中间没有缺少记录",
        "complete: {runs} from start to end, no record between is missing",
    ),
    "course_differs": ("完整：缺少记录", "complete: records are missing"),
    "no_start": ("{run}：第一条记录不是开始", "{run}: its first record is not its start"),
    "no_end": (
        "{run}：最后的记录（第 {number} 号）不是结束；后面的记录被去掉了",
        "{run}: its last record ({number}) is not its end; what followed is gone",
    ),
    "record_missing": ("{run}：缺少第 {number} 号记录", "{run}: record {number} is missing"),
    "end_not_covered": (
        "第 {number} 号记录在检查点之后",
        "record {number} came after the checkpoint",
    ),
    "raw_holds": (
        "原始数据：每个文件都与使用它的记录所写的一致",
        "raw data: every file is what the records that rest on it say",
    ),
    "raw_differ": ("原始数据：{count} 处与记录不符", "raw data: in {count} places not what the records say"),
    "raw_differs": ("原始文件已改变：{where}", "a raw file was changed: {where}"),
    "raw_not_named": (
        "第 {number} 号记录没有正确列出原始文件（{why}）",
        "record {number} does not name its raw files ({why})",
    ),
    # figures
    "figures_hold": (
        "计算：由原始数据重新计算了 {count} 次测量结果，每个误差、不确定度和结论都一致",
        "figures: {count} measurements computed again from the raw data; every error, uncertainty and verdict agrees",
    ),
    "figures_hold_one": (
        "计算：由原始数据重新计算了 {count} 次测量结果，误差、不确定度和结论都一致",
        "figures: {count} measurement computed again from the raw data; its error, uncertainty and verdict agree",
    ),
    "figures_differ": (
        "计算：由原始数据重新计算（{results} 次测量结果），{count} 处不同",
        "figures: computed again from the raw data (measurements: {results}), and {count} differ",
    ),
    "figures_differ_one": (
        "计算：由原始数据重新计算（{results} 次测量结果），{count} 处不同",
        "figures: computed again from the raw data (measurements: {results}), and {count} differs",
    ),
    "no_figures": ("计算：不能重新计算", "figures: they cannot be computed again"),
    "nothing_recomputed": ("计算：没有可以重新计算的结果", "figures: there was no result to compute again"),
    "all_taken_over": (
        "计算：结论都取自先前的测量，已由其原始数据重新计算，全部一致",
        "figures: every verdict was taken over from earlier runs, whose figures computed again all agree",
    ),
    "other_version": (
        "计算：{runs} 由另一版本的算法计算，本软件不能重新计算；请用记录中写明的版本",
        "figures: {runs} was computed with another version of the arithmetic, which this software cannot repeat; "
        "verify it with the software that its record names",
    ),
    "verdict_of_run": (
        "结论：{run}：{verdict}（{worth}）",
        "verdict: {run}: {verdict} ({worth})",
    ),
    "verdict_of_all": (
        "{run} 全部电能表合计：{verdict}（{worth}）",
        "all meters of {run} together: {verdict} ({worth})",
    ),
    "verdict_of_position": (
        "结论：表位 {position}，{serial}：{verdict}",
        "verdict: position {position}, {serial}: {verdict}",
    ),
    "run_interrupted": ("结论：{run} 曾被中断，没有总结论", "verdict: {run} was interrupted, and has none"),
    # certificates
    "seals_hold": ("证书 {name}：签名完好", "certificate {name}: its seal is intact"),
    "seals_differ": ("证书 {name}：签名不成立", "certificate {name}: its seal does not hold"),
    "seal_broken": ("证书的签名不成立", "the seal of the certificate does not hold"),
    "certificate_figures_hold": (
        "证书 {name}：编号 {number}，每个数字都与测量记录一致（{count} 项结果）",
        "certificate {name}: number {number}, every figure is that of the records (results: {count})",
    ),
    "certificate_figures_differ": (
        "证书 {name}：与测量记录不一致，或已被代替",
        "certificate {name}: it is not what the records say, or was replaced",
    ),
    "certificate_name": (
        "文件 {name} 里的证书编号是 {number}",
        "the certificate in the file {name} has the number {number}",
    ),
    "certificate_other_xml": (
        "{name} 里的 XML 不是旁边的那一份",
        "the XML in {name} is not the one beside it",
    ),
    "certificate_of_another": (
        "{name} 属于 {run}，不是这个记录包的测量",
        "{name} is about {run}, which is not the run of this bundle",
    ),
    "certificate_replaced": (
        "{name}：证书 {number} 已作废，由 {by} 代替；请使用 {by}",
        "{name}: certificate {number} does not stand any more: replaced by {by}; use that one",
    ),
    "certificate_alone": (
        "数字：签名保护的就是这些数字；它们是否由原始数据得出，请连同 {run} 的记录包一起核对",
        "figures: they are those that were sealed; whether they follow from the raw data shows when the bundle of "
        "{run} is given, too",
    ),
    # around it
    "detail": ("{why}", "{why}"),
    "differs": (
        "{where}：记录为 {recorded}，重新计算得 {recomputed}",
        "{where}: recorded {recorded}, recomputed {recomputed}",
    ),
    "holds": ("{file}：全部一致", "{file}: everything agrees"),
    "holds_not": ("{file}：不一致，或不能全部核对", "{file}: it does not agree, or could not all be checked"),
    "bundle_written": (
        "已写入 {path}（{bytes} 字节）；密钥指纹 {fingerprint}；核对：bench verify {path}",
        "{path} is written ({bytes} bytes); fingerprint of the key {fingerprint}; check it: bench verify {path}",
    ),
}

word = Texts(_WORDS, below=common)
