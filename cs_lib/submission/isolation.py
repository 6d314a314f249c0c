"""What a process does to shut itself in, for good: Linux's namespaces and privileges, by their own names.

Called inside bubblewrap, before anything of a submission's is run; see cs_lib.submission.nursery.
"""

import ctypes
import os

CLONE_NEWNS = 0x00020000
CLONE_NEWIPC = 0x08000000
CLONE_NEWPID = 0x20000000
MS_NOSUID = 0x2
MS_NODEV = 0x4
MS_REC = 0x4000
MS_PRIVATE = 0x40000
PR_SET_NO_NEW_PRIVS = 38
CAPABILITY_VERSION_3 = 0x20080522
SCRATCH_LIMITS = b"size=64m,nr_inodes=4096,mode=0777"
"""How much a submission may write to its scratch directory, which is kept in memory: bytes and files."""

_libc = ctypes.CDLL(None, use_errno=True)


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


def leave_namespaces() -> None:
    """Give this process mounts and System V IPC of its own, and its next child process numbers; raises OSError."""
    _succeed(_libc.unshare(CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC), "unshare")


def mount_scratch(folder: str) -> None:
    """Put an empty directory of bounded size at `folder`, which nobody else sees; raises OSError."""
    _succeed(_libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None), "mount --make-rprivate /")
    place = os.fsencode(folder)
    _succeed(_libc.mount(b"tmpfs", place, b"tmpfs", MS_NOSUID | MS_NODEV, SCRATCH_LIMITS), "mount tmpfs")


def drop_privileges(user: int) -> None:
    """Become an ordinary user without any capability, for good; raises OSError.

    user: the number of the user to become, where this process is the system's own root, else 0: who it is already
    """
    if user:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    _succeed(_libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl(PR_SET_NO_NEW_PRIVS)")
    none = (ctypes.c_uint32 * 6)()
    _succeed(_libc.capset(ctypes.byref(_Header(CAPABILITY_VERSION_3, 0)), ctypes.byref(none)), "capset")


def _succeed(status: int, what: str) -> None:
    if status:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
