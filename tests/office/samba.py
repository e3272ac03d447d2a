"""A shared folder as Windows sees it: Samba on this machine, and a client that copies as Explorer does."""

from __future__ import annotations

import getpass
import shutil
import socket
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from smbprotocol.connection import Connection
from smbprotocol.file_info import FileBasicInformation, FileEndOfFileInformation
from smbprotocol.open import (
    CreateDisposition,
    CreateOptions,
    FileAttributes,
    FilePipePrinterAccessMask,
    ImpersonationLevel,
    Open,
    ShareAccess,
    SMB2SetInfoRequest,
    SMB2SetInfoResponse,
)
from smbprotocol.session import Session
from smbprotocol.tree import TreeConnect

SMBD = shutil.which("smbd") or ("/usr/sbin/smbd" if Path("/usr/sbin/smbd").exists() else None)
_PASSWORD = "for-tests-only"
_PATIENCE_S = 20.0
_CONF = """[global]
server role = standalone server
interfaces = 127.0.0.1
bind interfaces only = yes
smb ports = {port}
disable netbios = yes
disable spoolss = yes
load printers = no
private dir = {work}
lock directory = {work}
state directory = {work}
cache directory = {work}
pid directory = {work}
ncalrpc dir = {work}/ncalrpc
log file = {work}/log
passdb backend = tdbsam:{work}/passdb.tdb
map to guest = never
server min protocol = SMB2_10
[media]
path = {media}
read only = no
force user = {user}
"""


@contextmanager
def samba(media: Path, work: Path) -> Iterator[int]:
    """Share the folder; give the port. The server is ended at the end."""
    assert SMBD
    work.mkdir()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    user = getpass.getuser()
    conf = work / "smb.conf"
    conf.write_text(_CONF.format(port=port, work=work, media=media, user=user))
    subprocess.run(
        ["smbpasswd", "-c", str(conf), "-s", "-a", user],
        input=f"{_PASSWORD}\n" * 2,
        text=True,
        check=True,
        capture_output=True,
    )
    command = [SMBD, "--foreground", "--no-process-group", f"--configfile={conf}"]
    nothing = subprocess.DEVNULL
    # It ends its whole process group when it is ended.
    server = subprocess.Popen(command, stdin=nothing, stdout=nothing, stderr=nothing, start_new_session=True)
    try:
        _wait_for(port)
        yield port
    finally:
        server.terminate()
        server.wait(_PATIENCE_S)


def _wait_for(port: int) -> None:
    end = time.monotonic() + _PATIENCE_S
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert time.monotonic() < end, "smbd does not answer"
        time.sleep(0.05)


class Explorer:
    """A client that copies a file as Windows Explorer does: its full size first, its bytes, then its old time."""

    def __init__(self, port: int, name: str, size_bytes: int) -> None:
        self._connection = Connection(uuid.uuid4(), "127.0.0.1", port)
        self._connection.connect()
        session = Session(self._connection, getpass.getuser(), _PASSWORD, require_encryption=False)
        session.connect()
        tree = TreeConnect(session, r"\\127.0.0.1\media")
        tree.connect()
        self._file = Open(tree, name)
        self._file.create(
            ImpersonationLevel.Impersonation,
            FilePipePrinterAccessMask.GENERIC_READ | FilePipePrinterAccessMask.GENERIC_WRITE,
            FileAttributes.FILE_ATTRIBUTE_NORMAL,
            ShareAccess.FILE_SHARE_READ,
            CreateDisposition.FILE_OVERWRITE_IF,
            CreateOptions.FILE_NON_DIRECTORY_FILE,
        )
        self._at = 0
        end = FileEndOfFileInformation()
        end["end_of_file"] = size_bytes
        self._set(end)

    def _set(self, what: FileEndOfFileInformation | FileBasicInformation) -> None:
        request = SMB2SetInfoRequest()
        request["info_type"] = what.INFO_TYPE
        request["file_info_class"] = what.INFO_CLASS
        request["file_id"] = self._file.file_id
        request["buffer"] = what
        tree = self._file.tree_connect
        sent = self._connection.send(request, tree.session.session_id, tree.tree_connect_id)
        SMB2SetInfoResponse().unpack(self._connection.receive(sent)["data"].get_value())

    def send(self, content: bytes) -> None:
        for at in range(0, len(content), 65_536):
            piece = content[at : at + 65_536]
            self._file.write(piece, self._at)
            self._at += len(piece)

    def finish(self) -> None:
        """Close the file and go, with the time of the source: years ago."""
        times = FileBasicInformation()
        for name in ("creation_time", "last_access_time", "last_write_time", "change_time"):
            times[name] = 0
        times["last_write_time"] = 131_011_776_000_000_000
        self._set(times)
        self._file.close()
        self._connection.disconnect()

    def die(self) -> None:
        """Go without a word, as a machine that is switched off."""
        self._connection.transport.close()
        self._connection.disconnect(close=False)
