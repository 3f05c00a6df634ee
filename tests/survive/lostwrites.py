"""A disk that loses what was not synced: the diary of `lostwrites.c`, and the files as a loss of power would leave them."""

import struct
import subprocess
from collections import defaultdict
from pathlib import Path

_SOURCE = Path(__file__).with_name("lostwrites.c")
_HEAD = struct.Struct("=IIQQ")
_WRITE, _TRUNCATE, _SYNC_BEGINS, _SYNCED = 1, 2, 3, 4
_REBUILT = "-shm"  # SQLite's index of the log: never synced, made anew after a crash


class Diary:
    """Watches the SQLite files of one data folder from the moment it is made, for one life of a process."""

    def __init__(self, folder, workshop):
        """folder: with the files as they are on the disk now; workshop: where the library and the log go"""
        self._folder = folder
        self._log = workshop / "diary"
        self._log.unlink(missing_ok=True)
        self._library = workshop / "lostwrites.so"
        if not self._library.exists():
            subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-o", self._library, _SOURCE], check=True)
        self._durable = {path: bytearray(path.read_bytes()) for path in _files(folder)}

    @property
    def environment(self):
        """For the process that is to be watched."""
        return {
            "LD_PRELOAD": str(self._library),
            "LOSTWRITES_DIR": str(self._folder.resolve()),
            "LOSTWRITES_LOG": str(self._log),
        }

    def lose_power(self, dice):
        """Make the files as they would be; each write that was not synced has reached the disk or not, as the dice say.

        Returns how many writes were lost.
        """
        waiting, begun = defaultdict(list), defaultdict(dict)
        for kind, path, at, data in self._records():
            if kind == _SYNC_BEGINS:
                begun[path][at] = len(waiting[path])  # by its thread: how many changes it covers
            elif kind == _SYNCED:
                covered = begun[path].pop(at)
                for change in waiting[path][:covered]:
                    self._apply(path, *change)
                del waiting[path][:covered]
                begun[path] = {thread: max(0, count - covered) for thread, count in begun[path].items()}
            else:
                waiting[path].append((kind, at, data))
        lost = 0
        for path, changes in waiting.items():
            for change in changes:
                if dice.random() < 0.5:
                    self._apply(path, *change)
                else:
                    lost += 1
        self._write_back()
        return lost

    def _records(self):
        """All whole records; the last one may have been cut short by the kill."""
        octets, at = self._log.read_bytes(), 0
        while at + _HEAD.size <= len(octets):
            kind, path_octets, offset, data_octets = _HEAD.unpack_from(octets, at)
            start = at + _HEAD.size
            at = start + path_octets + data_octets
            if at > len(octets):
                return
            path = Path(octets[start : start + path_octets].decode())
            if not path.name.endswith(_REBUILT):
                yield kind, path, offset, octets[start + path_octets : at]

    def _apply(self, path, kind, at, data):
        image = self._durable.setdefault(path, bytearray())
        if kind == _TRUNCATE:
            del image[at:]
        else:
            image.extend(bytes(max(0, at + len(data) - len(image))))
            image[at : at + len(data)] = data

    def _write_back(self):
        for path in _files(self._folder):
            path.unlink()
        for path in self._folder.glob(f"*{_REBUILT}"):
            path.unlink()
        for path, image in self._durable.items():
            path.write_bytes(image)


def _files(folder):
    return [path.resolve() for path in folder.glob("*.db*") if not path.name.endswith(_REBUILT)]
