"""`bench admin pool-repeatability`: how far runs of this bench scatter."""

from __future__ import annotations

from pathlib import Path

import click

from bench.admin.words import word
from bench.configuration.config import load_config
from bench.records.frozen import to_json
from bench.records.pooling import pooled_of_journal
from bench.registry.standing import registered
from bench.terminal.cli_options import config_option, json_option, lang_option, tell, tell_json


@click.command("pool-repeatability")
@config_option
@lang_option
@json_option
def pool_repeatability(config_path: Path, lang: str, wants_json: bool) -> None:
    """Pool the standard deviations of all repeatability results of the journal; stdout is for bench.toml.

    Only results with the present reference standard count, and simulated ones on a simulated bench alone. Take results
    of one kind of meter and load; meters on one load share what the source does.
    """
    config = registered(load_config(config_path))
    is_simulated = "sim" in config.drivers
    serial = config.reference.card.serial
    pooled, found = pooled_of_journal(config.state_dir, serial, is_simulated=is_simulated)
    if wants_json:
        tell_json(to_json(pooled) | {"results": found})
        return
    for each in found:
        line = f"{each.run_id}  {word('at_position', lang, position=each.position)}  {each.load_point}"
        tell(f"{line}  s = {each.sd_pct:.5f} %  n = {each.runs}")
    tell(word("pooled", lang, results=len(found), degrees=f"{pooled.degrees_of_freedom:g}"))
    click.echo("[repeatability]")
    click.echo(f"sd_pct = {pooled.sd_pct:.4g}")
    click.echo(f"degrees_of_freedom = {pooled.degrees_of_freedom:g}")
