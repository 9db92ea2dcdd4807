"""A hostile page of another server, which knows the whole address of the studio and tries all that a page can."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from selenium import webdriver

from tests.studio.served import Served

_PAGE = """<!DOCTYPE html><title>elsewhere</title><iframe name="into"></iframe><script>
var address = %s, found = {}, wanted = 6;
function tell(name, how) { found[name] = how; }
function reached(name) {
  return function (answer) {
    return answer.text().then(function (text) { tell(name, text ? "reached" : "no"); });
  };
}
function not(name) { return function () { tell(name, "no"); }; }
fetch("own").then(reached("own")).catch(not("own"));
fetch(address).then(reached("read")).catch(not("read"));
var draft = '{"type": "health.DischargeAssessed", "more": "';
var plain = {"Content-Type": "text/plain"};
fetch(address + "api/draft", {method: "POST", mode: "no-cors", body: draft + '"}', headers: plain})
  .then(reached("post")).catch(not("post"));
var script = document.createElement("script");
script.src = address + "page.js";
script.onload = function () { tell("script", "reached"); };
script.onerror = not("script");
document.head.appendChild(script);
var frame = document.createElement("iframe");
frame.src = address;
frame.onload = function () {
  var inside = null;
  try { inside = frame.contentDocument; } catch (error) { inside = null; }
  tell("frame", inside && inside.querySelector("#connector") ? "reached" : "no");
};
document.body.appendChild(frame);
var form = document.createElement("form");
form.method = "POST"; form.action = address + "api/draft"; form.enctype = "text/plain"; form.target = "into";
var field = document.createElement("input");
field.name = draft; field.value = '"}';
form.appendChild(field);
document.body.appendChild(form);
form.submit();
window.setTimeout(function () {
  var inside = null;
  try { inside = window.frames["into"].document.body.textContent; } catch (error) { inside = null; }
  tell("form", inside ? "reached" : "no");
}, 1500);
</script>"""


class Elsewhere:
    """Its server, on a port of its own."""

    def __init__(self, served: Served) -> None:
        pages = {"/": _PAGE % json.dumps(served.address), "/own": "own"}

        class Handler(BaseHTTPRequestHandler):
            """Gives out the page."""

            def do_GET(self) -> None:
                """One of two."""
                body = pages.get(self.path, "").encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                """Silent."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def tried(self, chromium: webdriver.Chrome) -> dict[str, str]:
        """What of its attempts reached something."""
        chromium.get(f"http://127.0.0.1:{self._server.server_port}/")
        chromium.set_script_timeout(60)
        found = chromium.execute_async_script(
            "var done = arguments[0]; (function look() {"
            " if (Object.keys(found).length >= wanted) { done(found); } else { window.setTimeout(look, 100); } }())"
        )
        assert isinstance(found, dict)
        return found
