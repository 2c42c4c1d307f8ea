# test_states_api.py - the recorded scripts of API calls, each played and compared; what differs must be listed and explained.
import collections
import re

import pytest

from server import ROOT
from states_scripts import Script, scripts

EXPLAINED = ROOT / "docs" / "stepfunctions-differences.md"
ALL = scripts()
played = {}


def explained():
    """Names of the scripts that the documentation says differ, from the rows of its table."""
    part = EXPLAINED.read_text().partition("## API scripts")[2]
    return set(re.findall(r"^\| `([^`]+)` \|", part, re.M))


@pytest.fixture(scope="module")
def states(server):
    return server.client("stepfunctions", config={"inject_host_prefix": False})


@pytest.mark.skipif(not ALL, reason="the recordings (../shared/conformance/stepfunctions) are not here")
@pytest.mark.parametrize("script", ALL, ids=[s["name"] for s in ALL])
def test_script(states, script):
    name, listed = script["name"], script["name"] in explained()
    played[name] = Script(states, script).play()
    if not played[name]:
        assert not listed, f"{name} no longer differs: take it out of {EXPLAINED.name}"
        return
    words = "\n".join(played[name][:5])
    if listed:
        pytest.xfail(words)
    pytest.fail(f"{name} differs:\n{words}", pytrace=False)


@pytest.mark.skipif(not ALL, reason="the recordings (../shared/conformance/stepfunctions) are not here")
def test_count_by_category(capsys):
    """The table of what was played, on the terminal. Every name that is explained must be a script's."""
    total = collections.Counter(s["category"] for s in ALL if s["name"] in played)
    same = collections.Counter(s["category"] for s in ALL if played.get(s["name"]) == [])
    with capsys.disabled():
        print("\nStep Functions API scripts, exactly as recorded:")
        for category in sorted(total):
            print(f"  {category:28} {same[category]:4} of {total[category]}")
        print(f"  {'all':28} {sum(same.values()):4} of {sum(total.values())}")
        for name, differences in played.items():
            for difference in differences[:1]:
                print(f"  differs: {name}: {difference[:200]}")
    assert explained() <= {s["name"] for s in ALL}
