"""A page in headless Chromium, driven by the DevTools protocol, on the standard library alone."""
import base64
import json
import os
import pathlib
import signal
import socket
import struct
import subprocess
import time
import urllib.parse
import urllib.request
import zlib

POLL_SECONDS = 0.05
KEYS = {"Tab": 9, "Enter": 13, "ArrowRight": 39, "ArrowDown": 40}


class WebSocket:
    """As much of RFC 6455 as a client of DevTools on this machine needs."""

    def __init__(self, url, timeout):
        address = urllib.parse.urlsplit(url)
        self.socket = socket.create_connection((address.hostname, address.port), timeout)
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(
            f"GET {address.path} HTTP/1.1\r\nHost: {address.netloc}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode())
        self.stream = self.socket.makefile("rb")
        status = self.stream.readline()
        if b" 101 " not in status:
            raise OSError(f"DevTools answered {status!r}")
        while self.stream.readline().strip():
            pass

    def send(self, text, opcode=1):
        data = text.encode()
        mask = os.urandom(4)
        size = len(data)
        head = struct.pack("!BB", 0x80 | opcode, 0x80 | (size if size < 126 else 126 if size < 65536 else 127))
        head += b"" if size < 126 else struct.pack("!H" if size < 65536 else "!Q", size)
        self.socket.sendall(head + mask + bytes(byte ^ mask[i % 4] for i, byte in enumerate(data)))

    def receive(self):
        message = b""
        while True:
            first, second = self.read(2)
            size = second & 0x7F
            if size == 126:
                size = struct.unpack("!H", self.read(2))[0]
            elif size == 127:
                size = struct.unpack("!Q", self.read(8))[0]
            data = self.read(size)
            opcode = first & 0x0F
            if opcode == 8:
                raise OSError("DevTools closed the connection")
            if opcode == 9:
                self.send(data.decode(), opcode=10)
            elif opcode in (0, 1):
                message += data
                if first & 0x80:
                    return message.decode()

    def read(self, size):
        data = self.stream.read(size)
        if len(data) < size:
            raise OSError("DevTools closed the connection")
        return data


class Page:
    """A tab, by the DevTools protocol; what goes wrong in it is kept in `errors`."""

    def __init__(self, url, timeout):
        self.timeout = timeout
        self.web_socket = WebSocket(url, timeout)
        self.asked = 0
        self.errors = []
        self.responses = []
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        # Without it the page takes itself for one in the background.
        self.call("Emulation.setFocusEmulationEnabled", enabled=True)

    def call(self, method, **parameters):
        self.asked += 1
        self.web_socket.send(json.dumps({"id": self.asked, "method": method, "params": parameters}))
        while True:
            message = json.loads(self.web_socket.receive())
            if message.get("id") == self.asked:
                if "error" in message:
                    raise OSError(f"{method}: {message['error']['message']}")
                return message["result"]
            self.note(message.get("method"), message.get("params", {}))

    def note(self, event, what):
        if event == "Runtime.exceptionThrown":
            details = what["exceptionDetails"]
            self.errors.append(details.get("exception", {}).get("description", details["text"]))
        elif event == "Runtime.consoleAPICalled" and what["type"] in ("error", "assert"):
            self.errors.append(" ".join(str(a.get("description", a.get("value"))) for a in what["args"]))
        elif event == "Log.entryAdded" and what["entry"]["level"] == "error":
            self.errors.append(f"{what['entry']['text']} {what['entry'].get('url', '')}".strip())
        elif event == "Network.responseReceived":
            self.responses.append(what["response"])

    def evaluate(self, script):
        """What the script gives, as JSON has it; a promise is waited for."""
        result = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise OSError(f"{script}: {result['exceptionDetails']['text']}")
        return result["result"].get("value")

    def wait(self, script):
        """What the script gives once that is true, or its last value when the time is up."""
        end = time.monotonic() + self.timeout
        while True:
            value = self.evaluate(script)
            if value or time.monotonic() > end:
                return value
            time.sleep(POLL_SECONDS)

    def press(self, key):
        code = {"key": key, "code": key, "windowsVirtualKeyCode": KEYS[key]}
        text = {"text": "\r"} if key == "Enter" else {}
        self.call("Input.dispatchKeyEvent", type="keyDown" if text else "rawKeyDown", **code, **text)
        self.call("Input.dispatchKeyEvent", type="keyUp", **code)

    def resize(self, width, height):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        # Two frames, so that what watches sizes has seen the new one.
        self.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))")

    def screenshot(self, size, scale=1):
        """The top left of the page as PNG; `size` is in its own pixels, `scale` makes the image smaller."""
        clip = {"x": 0, "y": 0, "width": size[0], "height": size[1], "scale": scale}
        return base64.b64decode(self.call("Page.captureScreenshot", format="png", clip=clip)["data"])


def colours(png):
    """The number of distinct colours of an 8-bit RGB or RGBA image (PNG, 2003, sections 9 and 10)."""
    width, height, depth, kind = struct.unpack("!IIBB", png[16:26])
    channels = {2: 3, 6: 4}[kind]
    data, place = b"", 8
    while place < len(png):
        size, name = struct.unpack("!I4s", png[place:place + 8])
        data += png[place + 8:place + 8 + size] if name == b"IDAT" else b""
        place += size + 12
    rows, stride = zlib.decompress(data), width * channels
    if depth != 8 or len(rows) != height * (stride + 1):
        raise ValueError("not an image of 8 bits")
    above, found = bytearray(stride), set()
    for start in range(0, len(rows), stride + 1):
        row = unfilter(rows[start], bytearray(rows[start + 1:start + 1 + stride]), above, channels)
        found.update(bytes(row[i:i + 3]) for i in range(0, stride, channels))
        above = row
    return len(found)


def unfilter(kind, row, above, channels):
    """Undoes a row's filter in place: none, the left, the one above, their mean, or Paeth's choice."""
    for i in range(len(row)):
        left = row[i - channels] if i >= channels else 0
        corner = above[i - channels] if i >= channels else 0
        if kind == 4:
            guess = left + above[i] - corner
            nearest = min((left, above[i], corner), key=lambda value: abs(guess - value))
        else:
            nearest = (0, left, above[i], (left + above[i]) // 2)[kind]
        row[i] = (row[i] + nearest) & 0xFF
    return row


def open_page(chromium, profile, timeout):
    """Starts Chromium with its files in the folder `profile`; gives its process and a page, or OSError says why not."""
    errors = pathlib.Path(profile, "errors")
    with errors.open("wb") as stream:
        process = subprocess.Popen(
            [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
             "--hide-scrollbars", "--disable-background-networking", "--remote-debugging-port=0",
             f"--user-data-dir={profile}", "about:blank"],
            stdout=subprocess.DEVNULL, stderr=stream, stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        return process, Page(address_of(process, pathlib.Path(profile, "DevToolsActivePort"), timeout), timeout)
    except OSError as error:
        stop(process)
        said = errors.read_text(errors="replace").strip()[-400:]
        raise OSError(f"Chromium does not start: {error} {said}") from error


def address_of(process, port_file, timeout):
    """The address of the first tab, once Chromium has written the port it listens on."""
    # Whatever proxy there is, this machine is reached without it.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    end = time.monotonic() + timeout
    while time.monotonic() < end and process.poll() is None:
        lines = port_file.read_text().split() if port_file.exists() else []
        if lines:
            with opener.open(f"http://127.0.0.1:{lines[0]}/json/list", timeout=timeout) as answer:
                pages = [one for one in json.load(answer) if one["type"] == "page"]
            if pages:
                return pages[0]["webSocketDebuggerUrl"]
        time.sleep(POLL_SECONDS)
    raise OSError(f"no tab within {timeout:.0f} s.")


def stop(process):
    """Ends Chromium and what it started."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
