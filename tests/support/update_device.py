"""A small device that takes update files over HTTP, for tests.

  update_device.py ADDRESS PORT rauc SLOT CONFIG     hands the bundle to a running RAUC service
  update_device.py ADDRESS PORT trusting-raucb SLOT  copies what is in the bundle, checks nothing
  update_device.py ADDRESS PORT trusting-swu SLOT    copies what is in the .swu, checks nothing
  update_device.py ADDRESS PORT page SLOT            takes nothing, tells the version only
  update_device.py watch FILE COMMAND…               runs the command whenever FILE was written and
                                                     has been left alone for half a second

POST /upload takes the file (multipart or raw), GET /version tells what is installed: the last two lines
of the slot that hold anything. Prints "ready" when it listens, and of each file its SHA-256 and whether
it was installed.
"""

import email.parser
import email.policy
import hashlib
import http.server
import pathlib
import subprocess
import sys
import tempfile
import time

MOST = 64 << 20


def file_of(headers, body):
    kind = headers.get("Content-Type", "")
    if not kind.startswith("multipart/"):
        return body
    head = f"Content-Type: {kind}\r\n\r\n".encode("latin-1")
    message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + body)
    parts = [part for part in message.iter_parts() if part.get_filename()]
    return parts[0].get_payload(decode=True) if parts else b""


def members_of(archive):
    """The files of a cpio archive of the new ASCII form, as far as it can be read."""
    at, found = 0, {}
    while archive[at:at + 6] in (b"070701", b"070702"):
        fields = [int(archive[at + 6 + 8 * i:at + 14 + 8 * i], 16) for i in range(13)]
        size, name_size = fields[6], fields[11]
        name = archive[at + 110:at + 110 + name_size - 1].decode("latin-1")
        start = (at + 110 + name_size + 3) // 4 * 4
        if name == "TRAILER!!!":
            break
        found[pathlib.PurePosixPath(name).name] = archive[start:start + size]
        at = (start + size + 3) // 4 * 4
    return found


class Installer:
    def __init__(self, kind, slot, config):
        self.kind, self.slot, self.config = kind, pathlib.Path(slot), config

    def install(self, content):
        """The words for the sender, and whether it went well."""
        if self.kind == "trusting-swu":
            return self.put(members_of(content).get("app.img"))
        with tempfile.TemporaryDirectory() as folder:
            bundle = pathlib.Path(folder) / "update.raucb"
            bundle.write_bytes(content)
            if self.kind == "rauc":
                done = subprocess.run(["rauc", "-c", self.config, "install", bundle], text=True,
                                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)
                return done.returncode == 0, done.stdout.strip().splitlines()[-2:]
            subprocess.run(["unsquashfs", "-n", "-q", "-d", f"{folder}/root", bundle], timeout=60,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            image = pathlib.Path(folder) / "root/app.img"
            return self.put(image.read_bytes() if image.exists() else None)

    def put(self, image):
        if not image:
            return False, ["no application in this file"]
        self.slot.write_bytes(image)
        return True, ["installed"]

    def version(self):
        lines = [line for line in self.slot.read_bytes().rstrip(b"\0").split(b"\n") if line]
        return b"\n".join(lines[-2:])[-400:]


class Handler(http.server.BaseHTTPRequestHandler):
    installer = None
    timeout = 20

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.path == "/version":
            self.answer(200, self.installer.version() + b"\n")
        else:
            self.answer(404, b"not here\n")

    def do_POST(self):
        length = int(self.headers.get("Content-Length", "0"))
        if self.path != "/upload" or self.installer.kind == "page" or not 0 <= length <= MOST:
            self.answer(404, b"not here\n")
            return
        body = self.rfile.read(length)
        if len(body) < length:
            return
        content = file_of(self.headers, body)
        good, words = self.installer.install(content)
        print("offered", hashlib.sha256(content).hexdigest(), "installed" if good else "not installed",
              flush=True)
        self.answer(200 if good else 422, ("\n".join(words) + "\n").encode())

    def log_message(self, form, *words):
        print(form % words, flush=True)


def watch(file, command):
    """A device whose transfer service says nothing of an end sees only that a file rests."""
    state = file.stat()
    done = seen = (state.st_mtime_ns, state.st_size)
    print("ready", flush=True)
    while True:
        time.sleep(0.5)
        state = file.stat()
        now = (state.st_mtime_ns, state.st_size)
        if now == seen and now != done:
            done = now
            content = file.read_bytes()
            ran = subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            result = "installed" if ran.returncode == 0 else "not installed"
            print("offered", hashlib.sha256(content).hexdigest(), result, ran.stdout.strip(), flush=True)
        seen = now


def main():
    if sys.argv[1] == "watch":
        watch(pathlib.Path(sys.argv[2]), sys.argv[3:])
    address, port, kind, slot = sys.argv[1:5]
    Handler.installer = Installer(kind, slot, sys.argv[5] if len(sys.argv) > 5 else "")
    server = http.server.ThreadingHTTPServer((address, int(port)), Handler)
    print("ready", flush=True)
    server.serve_forever()


main()
