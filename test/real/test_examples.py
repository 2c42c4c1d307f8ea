# test_examples.py - the example's template is good in the eyes of another: cfn-lint, which knows what CloudFormation takes.
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "examples" / "covid" / "template.yaml"


def lint(path):
    return subprocess.run([Path(sys.executable).parent / "cfn-lint", path], capture_output=True, text=True)


def test_the_example_passes_cfn_lint():
    said = lint(TEMPLATE)
    assert (said.returncode, said.stdout) == (0, "")


def test_cfn_lint_would_tell(tmp_path):
    broken = tmp_path / "template.yaml"
    broken.write_text(TEMPLATE.read_text().replace("ScheduleExpressionTimezone", "ScheduleTimezoneExpression"))
    assert lint(broken).returncode != 0
