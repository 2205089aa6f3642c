import re

from web.qr import qr_svg


def test_a_code_has_its_quiet_zone_and_says_what_it_is() -> None:
    drawn = qr_svg("http://bench.example/join/abc", 'Scan & "join"')
    size = int(re.search(r'viewBox="0 0 (\d+)', drawn)[1])  # type: ignore[index]
    columns = [int(x) for x in re.findall(r"M(\d+) ", drawn)]
    assert min(columns) == 4
    assert max(columns) == size - 5
    assert "Scan &amp; &#34;join&#34;" in drawn


def test_another_content_is_another_code() -> None:
    assert qr_svg("http://bench.example/join/abc", "") != qr_svg("http://bench.example/join/abd", "")
