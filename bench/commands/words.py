"""What the `bench` command says, in Chinese and English."""

from __future__ import annotations

from bench.terminal import words as terminal
from calibration.texts import Texts

_WORDS = {
    "recorded": (
        "{path}: {seconds} 秒内 {edges} 个边沿, 丢失 {lost} 个",
        "{path}: {edges} edges in {seconds} s, {lost} lost",
    ),
    "filling": (
        "正在编造一年的演示数据, 约十秒 (--empty 则不编造)",
        "Making up a year of demonstration data, some ten seconds (--empty leaves it out)",
    ),
    "page_stays": ("网页保持打开; 按 Ctrl-C 结束", "The page stays open; Ctrl-C ends it."),
    "backed_up": ("已备份: {file} ({size} MB)", "Backed up: {file} ({size} MB)"),
    "no_cases": (
        "备份里没有案件: 没有找到案件文件; 如果有, 请用 --casework 指出再备份一次",
        "No cases are in it: no file of them was found; where there is one, name it with --casework and back up again",
    ),
    "restored": (
        "已恢复 {made} 的备份, {files} 个文件, 全部核对过; 现在启动 bench 和 bench-web",
        "Restored the back-up of {made}: {files} files, all of it looked through; now start bench and bench-web",
    ),
    "page_at": ("网页: {address}", "The page: {address}"),
    "listening": (
        "控制接口: {socket}; 开始测量: bench start PLAN.toml --config {config}",
        "Listening on {socket}; start a run: bench start PLAN.toml --config {config}",
    ),
    "cut_off": (
        "{run} 曾被中断 (断电, 或程序停了), 已测到的都在; 接着测: "
        "bench start PLAN.toml --resume {run}{by} --config {config}",
        "{run} was interrupted (the power, or the program); what it measured is kept; go on with it: "
        "bench start PLAN.toml --resume {run}{by} --config {config}",
    ),
    "cut_off_case": (
        "{run} ({case}) 曾被中断 (断电, 或程序停了), 已测到的都在; 由其检定员在网页上重新开始",
        "{run} ({case}) was interrupted (the power, or the program); what it measured is kept; "
        "its verifier starts again on the page",
    ),
    "run_starts": (
        "{run} 开始; 提前结束: bench stop --config {config}",
        "{run} starts; end it early: bench stop --config {config}",
    ),
    "is_skipped": ("表位 {position} 已退出本次测量", "position {position} is out of this run"),
    "is_confirmed": ("已确认", "confirmed"),
    "is_released": (
        "{case} 已放回, 检定员和电能表都空出来了",
        "{case} is released; its verifier and its meter are free",
    ),
    "run_ends": ("测量结束, 负载正在断开", "the run ends; the load comes off"),
    "plan_written": (
        "已写入 {path}; 下一步: bench plan check {path} --config {config}",
        "{path} is written; next: bench plan check {path} --config {config}",
    ),
    "page_written": (
        "核对页已写入 {path}; 请与其 SHA-256 一起公布: {sha256}",
        "the page is written to {path}; publish it with its SHA-256: {sha256}",
    ),
    "recompute": ("重新计算: {command}", "recompute it: {command}"),
    "hand_out": ("交给客户并核对: {export} && {verify}", "hand it out and check it: {export} && {verify}"),
    "replayed": ("{run}: {results}, {differ}", "{run}: {results}, {differ}"),
    "was_interrupted": ("测量曾被中断", "the run was interrupted"),
    "no_end_yet": (
        "记录里没有结束: 正在测量, 或程序被强行终止, 或最后的记录已丢失",
        "it has no end in the journal: it is under way, its program was killed, or its last records are gone",
    ),
    "nothing_recomputed": ("没有可以重新计算的结果", "there was no result to recompute"),
    "differs": (
        "{where}: 记录为 {recorded}, 重新计算得 {recomputed}",
        "{where}: recorded {recorded}, recomputed {recomputed}",
    ),
    "results": ("{count} 个结果", "{count} results"),
    "results_one": ("{count} 个结果", "{count} result"),
    "figures_differ": ("{count} 个数字不同", "{count} figures differ"),
    "figures_differ_one": ("{count} 个数字不同", "{count} figure differs"),
}

word = Texts(_WORDS, below=terminal.word)
