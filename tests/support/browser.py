"""A small WebDriver client (W3C WebDriver, https://www.w3.org/TR/webdriver2/) for tests of the HTML report: one
headless Chromium, driven by chromedriver on a loopback port of its own choice."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-default-apps",
         "--disable-dev-shm-usage", "--force-device-scale-factor=1", "--host-resolver-rules=MAP * ~NOTFOUND",
         "--force-color-profile=srgb", "--lang=en-US"]
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # the name that the standard gives to references
KEYS = {"Tab": "\ue004", "Enter": "\ue007", "Escape": "\ue00c", "ArrowDown": "\ue015", "Space": " "}


class Browser:
    """One browser with its driver, its profile and a folder for what it saves."""

    def __init__(self, javascript=True):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="haetae-browser-"))
        self.downloads = self.folder / "downloads"
        self.downloads.mkdir()
        self.driver = subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                       text=True, cwd=self.folder)
        self.base = None
        for line in self.driver.stdout:
            found = re.search(r"started successfully on port (\d+)", line)
            if found:
                self.base = f"http://127.0.0.1:{found[1]}"
                break
        if self.base is None:
            raise RuntimeError("chromedriver did not start")
        preferences = {"download.default_directory": str(self.downloads), "download.prompt_for_download": False,
                       "profile.managed_default_content_settings.javascript": 1 if javascript else 2}
        answer = self.ask("POST", "/session", {"capabilities": {"alwaysMatch": {
            "browserName": "chrome",
            "goog:loggingPrefs": {"browser": "ALL"},
            "goog:chromeOptions": {"binary": shutil.which("chromium"), "prefs": preferences,
                                   "args": FLAGS + [f"--user-data-dir={self.folder / 'profile'}"]}}}})
        self.session = "/session/" + answer["sessionId"]

    def close(self):
        try:
            self.ask("DELETE", self.session)
        finally:
            self.driver.terminate()
            self.driver.wait()
            shutil.rmtree(self.folder, ignore_errors=True)

    def ask(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data, {"Content-Type": "application/json"}, method=method)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=120) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(json.load(error)["value"]["message"].split("\n")[0]) from None

    def do(self, method, path, body=None):
        return self.ask(method, self.session + path, body)

    def open(self, url):
        self.do("POST", "/url", {"url": url})

    def run(self, script, *arguments):
        """The value of a script; with the devtools protocol it works in pages without script too."""
        return self.do("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def devtools(self, command, **parameters):
        return self.do("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def element(self, selector):
        return self.do("POST", "/element", {"using": "css selector", "value": selector})[ELEMENT]

    def click(self, selector):
        self.run("document.querySelector(arguments[0]).scrollIntoView({block: 'center'})", selector)
        self.do("POST", f"/element/{self.element(selector)}/click", {})

    def type(self, selector, text):
        self.do("POST", f"/element/{self.element(selector)}/value", {"text": text})

    def press(self, *keys):
        actions = []
        for key in keys:
            value = KEYS.get(key, key)
            actions += [{"type": "keyDown", "value": value}, {"type": "keyUp", "value": value}]
        self.do("POST", "/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": actions}]})

    def size(self, width, height):
        self.devtools("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
                      mobile=False)

    def media(self, **features):
        self.devtools("Emulation.setEmulatedMedia",
                      features=[{"name": name.replace("_", "-"), "value": value} for name, value in features.items()])

    def complaints(self):
        """Whatever the console said since the last call: errors, refused loads, policy violations."""
        return [entry["message"] for entry in self.do("POST", "/se/log", {"type": "browser"})
                if entry["level"] in ("SEVERE", "WARNING")]

    def wait(self, script, *arguments):
        """Until a script says something true; a page that never does is a failure."""
        end = time.monotonic() + 30
        while time.monotonic() < end:
            value = self.run(script, *arguments)
            if value:
                return value
            time.sleep(0.02)
        raise AssertionError(f"never true: {script}")

    def saved(self, name):
        """The bytes of a file that the page saved."""
        end = time.monotonic() + 30
        while time.monotonic() < end:
            file = self.downloads / name
            if file.exists() and not list(self.downloads.glob("*.crdownload")):
                data = file.read_bytes()
                os.remove(file)
                return data
            time.sleep(0.02)
        raise AssertionError(f"{name} was never saved")

    def picture(self, file):
        import base64
        pathlib.Path(file).write_bytes(base64.b64decode(self.do("GET", "/screenshot")))

    def pdf(self, file):
        import base64
        answer = self.devtools("Page.printToPDF", preferCSSPageSize=True, printBackground=True)
        pathlib.Path(file).write_bytes(base64.b64decode(answer["data"]))
