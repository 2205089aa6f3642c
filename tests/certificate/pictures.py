"""Sample documents and the pictures of their pages: `python -m tests.certificate.pictures --out DIR [--name NAME]`."""

from __future__ import annotations

from pathlib import Path

import click

from bench.certificate.label import label_pdf, label_pictures
from bench.certificate.model import Certificate
from bench.certificate.pdf import certificate_pdf, certificate_pictures
from bench.certificate.qr import signed_payload
from tests.certificate import samples


def qr_text_of(certificate: Certificate) -> str:
    """A draft has none."""
    if not certificate.number:
        return ""
    root = bytes.fromhex(certificate.anchor.root_sha256)
    return signed_payload(certificate.number, samples.XML, root, samples.PUBLIC, samples.KEY.sign).to_text()


@click.command()
@click.option("--out", type=click.Path(path_type=Path), default=Path("var/certificates"), show_default=True)
@click.option("--name", "names", multiple=True, help="Only these samples.")
@click.option("--ppi", default=100.0, show_default=True, help="Of the pictures.")
def main(out: Path, names: tuple[str, ...], ppi: float) -> None:
    """Write each sample as NAME.pdf and its pages as NAME-1.png, ..., and a label."""
    out.mkdir(parents=True, exist_ok=True)
    for name in names or samples.ALL:
        certificate = samples.ALL[name]()
        qr_text = qr_text_of(certificate)
        (out / f"{name}.pdf").write_bytes(certificate_pdf(certificate, samples.XML, f"{name}.xml", qr_text))
        for page, picture in enumerate(certificate_pictures(certificate, qr_text, ppi), 1):
            (out / f"{name}-{page}.png").write_bytes(picture)
    passed = samples.passed()
    (out / "label.pdf").write_bytes(label_pdf(passed, qr_text_of(passed)))
    (out / "label.png").write_bytes(label_pictures(passed, qr_text_of(passed), 600)[0])
    click.echo(f"{out}: {len(names or samples.ALL)} samples")


if __name__ == "__main__":
    main()
