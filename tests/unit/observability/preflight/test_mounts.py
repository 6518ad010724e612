"""mountinfo to mount."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from observability.preflight.mounts import find_mount

MOUNTINFO = """\
27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard
30 27 0:30 / /srv ro,nosuid shared:1 - ext4 /dev/vdb rw
31 27 0:31 / /srv/up\\040loads rw,relatime - xfs /dev/vdc rw
32 27 0:32 / /data rw,relatime - nfs4 host:/x ro,vers=4
33 27 0:33 / /data/late rw - tmpfs tmpfs rw
34 27 0:34 / /data/late ro - tmpfs tmpfs rw
"""

PATHS: dict[str, tuple[str, str, str]] = {
    "on the root file system": ("/home/x", "/", "rw"),
    "on a mount that is read-only": ("/srv/downloads", "/srv", "ro"),
    "on a mount within a mount, with a blank in its name": ("/srv/up loads/a", "/srv/up loads", "rw"),
    "a mount point itself": ("/srv", "/srv", "ro"),
    "a name that only begins like a mount point": ("/srv2", "/", "rw"),
    "read-only by the file system, not by the mount": ("/data/x", "/data", "ro"),
    "of two on one point the later one counts": ("/data/late/x", "/data/late", "ro"),
}


@pytest.mark.parametrize(("path", "point", "access"), PATHS.values(), ids=PATHS)
def test_a_path_lies_on_the_longest_mount_above_it(path: str, point: str, access: str) -> None:
    mount = find_mount(path, MOUNTINFO)
    assert mount is not None
    assert (mount.point, mount.access) == (point, access)


@given(st.text(), st.text())
def test_any_text_gives_a_mount_or_none(path: str, mountinfo: str) -> None:
    find_mount(path, mountinfo)
