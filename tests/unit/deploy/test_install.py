"""install.sh says in one sentence what is in the way, and what to do."""

import shutil
import subprocess
from pathlib import Path

INSTALL = Path(__file__).parents[3] / "deploy" / "install.sh"


def test_a_python_that_is_too_old_is_one_sentence_with_the_remedy(tmp_path: Path) -> None:
    old = tmp_path / "python3"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo "Python 3.9.2" && exit 0\nexit 1\n')
    old.chmod(0o755)
    for tool in ("dirname", "cat", "id"):
        found = shutil.which(tool)
        assert found
        (tmp_path / tool).symlink_to(found)
    ran = subprocess.run(
        ["/bin/sh", INSTALL, "dev"], env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 1
    assert ran.stdout == ""
    assert ran.stderr.count("\n") == 1
    assert "needs Python 3.11 or newer (found: Python 3.9.2)" in ran.stderr
