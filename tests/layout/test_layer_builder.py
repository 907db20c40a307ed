import importlib.util
import sys

import pytest

from tests.deployment import REPOSITORY


@pytest.fixture(scope="module")
def builder():
    spec = importlib.util.spec_from_file_location("build_layer", REPOSITORY / "infra" / "build_layer.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def packages(tmp_path):
    for name in ("big/tests/test_it.py", "big/core.py", "big/core.pyi", "big-1.dist-info/RECORD", "bin/tool"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x = 1\n")
    return tmp_path


def test_what_is_trimmed_is_gone_and_the_rest_stays(builder, packages):
    builder.remove(packages, [*builder.EVERYWHERE, "big/**/tests"])

    assert [path.name for path in packages.rglob("*") if path.is_file()] == ["core.py"]


def test_a_pattern_that_matches_nothing_is_refused(builder, packages):
    with pytest.raises(ValueError, match=r"nothing below .* matches 'big/\*\.so'"):
        builder.remove(packages, ["big/*.so"])


def test_a_trim_file_gives_its_patterns_without_their_reasons(builder, tmp_path):
    (tmp_path / "trim.txt").write_text("# Headers.\nbig/include\n\nbig/*.so   # copies\n")

    assert builder.patterns(tmp_path / "trim.txt") == ["big/include", "big/*.so"]


def test_bytecode_says_where_lambda_will_find_its_source(builder, packages):
    builder.compile_files(packages)

    compiled = next((packages / "big" / "__pycache__").glob("core.*.pyc")).read_bytes()
    assert b"/opt/python/big/core.py" in compiled


def test_the_size_is_that_of_the_files(builder, packages):
    assert builder.size_bytes(packages) == 5 * len("x = 1\n")


@pytest.mark.skipif(sys.version_info[:2] == (3, 13), reason="this is the Python that builds layers")
def test_another_python_is_refused(builder, tmp_path):
    with pytest.raises(ValueError, match=r"Python 3\.13 has to build layers"):
        builder.build(tmp_path / "requirements.txt", tmp_path / "trim.txt", tmp_path / "packages", "x86_64")
