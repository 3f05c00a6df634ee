"""The PHP and Java programs of docs/integrate.md and the doors' pages, as they stand, against a demo; each says that it succeeded.

The shell's and Python's are executed in tests/docs, in order; these stand each for itself. The receivers of pushes are left out.
"""

import base64
import re
import subprocess
from pathlib import Path

import pytest
from tests.docs.pages import blocks, integrate_pages, text_of
from tests.docs.test_integrate import Reader, process, welcome_of

pytestmark = pytest.mark.interop

PICTURE = base64.b64decode("R0lGODlhAQABAIAAAP8AAP///yH5BAAAAAAALAAAAAABAAEAAAICRAEAOw==")  # octets decide the kind, not names
WRITES_BACK = "13800130007"
SUCCESS = re.compile(
    r"Success|accepted|changed|^\d{16}$|^[0-9a-f]{32}$|\"StatusCode\":1,|\"respCode\":\"00000\"|^1\d{10} ", re.MULTILINE
)
FAILURE = re.compile(r"Faild|refused|Warning|Deprecated|Exception")


@pytest.fixture
def reader(tmp_path):
    """At a demo that was made ready as the page says."""
    page = text_of("docs/integrate.md")
    with process("-m", "hongyan", "demo", "--port", "0", "--ops-port", "0", at=tmp_path) as demo:
        reader = Reader(tmp_path, welcome_of(demo))
        reader.types(next(block.text for block in blocks(page) if block.language == "sh"))
        (tmp_path / "2.jpg").write_bytes(PICTURE)
        yield reader


def programs(language: str) -> dict[str, str]:
    """Page and program; the first page's is what the others use."""
    found = {
        Path(page).stem: block.text
        for page in integrate_pages()
        for block in blocks(text_of(page))
        if block.language == language
    }
    assert len(found) == 17
    return {page: text for page, text in found.items() if page != "push"}


def succeeds(reader: Reader, page: str, *words: str) -> None:
    if page.endswith("Api"):
        reader.leaves_something_for(WRITES_BACK)
    done = subprocess.run(words, cwd=reader.at, capture_output=True, text=True, timeout=60, check=False)

    assert (done.returncode, done.stderr) == (0, ""), page
    assert SUCCESS.search(done.stdout), (page, done.stdout)
    assert not FAILURE.search(done.stdout), (page, done.stdout)


def test_every_php_program_of_the_pages_succeeds(reader):
    for page, text in programs("php").items():
        name = reader.at / ("hongyan.php" if page == "integrate" else f"{page}.php")
        name.write_text(reader.here(text), encoding="utf-8")
        if page != "integrate":
            succeeds(reader, page, "php", "-d", "display_errors=stderr", "-d", "error_reporting=-1", str(name))


def test_every_java_program_of_the_pages_succeeds(reader):
    classes = {page: re.search(r"public class (\w+)", text)[1] for page, text in programs("java").items()}
    for page, text in programs("java").items():
        (reader.at / f"{classes[page]}.java").write_text(reader.here(text), encoding="utf-8")
    sources = [f"{name}.java" for name in classes.values()]
    subprocess.run(["javac", "-Xlint:all", "-Werror", "-encoding", "UTF-8", *sources], cwd=reader.at, check=True, timeout=120)
    for page, name in classes.items():
        if page != "integrate":
            succeeds(reader, page, "java", "-Dfile.encoding=UTF-8", "-cp", ".", name)
