"""The system calls that student code may not make: a filter for `bwrap --seccomp`.

A limit on address space does not count memory that belongs to no process. Shared segments, memory
files and file systems mounted in a namespace of one's own are such: the calls that make them are
refused. So are sockets (some kinds belong to no network namespace), and doors into the kernel that
no exercise needs. What is refused answers EPERM.
"""

import platform
import struct

ALLOW, REFUSE, ABSENT, KILL = 0x7FFF0000, 0x00050001, 0x00050026, 0x80000000
LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
NUMBER, ARCHITECTURE, FIRST_ARGUMENT = 0, 4, 16  # offsets in struct seccomp_data
X86_64, X32 = 0xC000003E, 0x40000000
CLONE, CLONE3 = 56, 435
NAMESPACES = 0x7E020000  # the flags CLONE_NEW* of clone

# fmt: off
REFUSED = {
    "shmget": 29, "semget": 64, "msgget": 68, "mq_open": 240, "memfd_create": 319,
    "memfd_secret": 447, "socket": 41, "unshare": 272, "setns": 308, "mount": 165, "umount2": 166,
    "pivot_root": 155, "chroot": 161, "open_tree": 428, "move_mount": 429, "fsopen": 430,
    "fsconfig": 431, "fsmount": 432, "fspick": 433, "mount_setattr": 442, "ptrace": 101,
    "process_vm_readv": 310, "process_vm_writev": 311, "kcmp": 312, "add_key": 248,
    "request_key": 249, "keyctl": 250, "bpf": 321, "perf_event_open": 298, "userfaultfd": 323,
    "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427,
    "open_by_handle_at": 304,
}
# fmt: on


def program() -> bytes:
    """Return the filter as the kernel wants it; RuntimeError where its numbers do not hold."""
    if platform.machine() != "x86_64":
        raise RuntimeError(
            f"the filter of system calls is written for x86_64, and this is {platform.machine()}"
        )
    steps = [
        (LOAD, 0, 0, ARCHITECTURE),
        (EQUAL, 1, 0, X86_64),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, NUMBER),
        (AT_LEAST, 0, 1, X32),  # the same calls under other numbers
        (RETURN, 0, 0, REFUSE),
    ]
    for number in REFUSED.values():
        steps += [(EQUAL, 0, 1, number), (RETURN, 0, 0, REFUSE)]
    steps += [
        # clone3 has its flags in memory, where a filter cannot look: libc falls back to clone.
        (EQUAL, 0, 1, CLONE3),
        (RETURN, 0, 0, ABSENT),
        (EQUAL, 0, 3, CLONE),
        (LOAD, 0, 0, FIRST_ARGUMENT),
        (ANY_BIT, 0, 1, NAMESPACES),
        (RETURN, 0, 0, REFUSE),
        (RETURN, 0, 0, ALLOW),
    ]
    return b"".join(struct.pack("=HBBI", *step) for step in steps)
