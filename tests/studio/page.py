"""The studio's page as a person uses it: by its labels, with mouse and keyboard."""

import json
from typing import Any

from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import Select, WebDriverWait

SECONDS = 60


class Page:
    """One page in the browser."""

    def __init__(self, chromium: webdriver.Chrome) -> None:
        self.chromium = chromium
        chromium.get("about:blank")
        chromium.get_log("performance")

    def open(self, address: str) -> None:
        """Go there and wait until the first rows are judged."""
        self.chromium.get(address)
        self.until(lambda: self.find("#connector").text != "")

    def find(self, css: str) -> WebElement:
        """The element of a CSS selector."""
        return self.chromium.find_element(By.CSS_SELECTOR, css)

    def all(self, css: str) -> list[WebElement]:
        """All elements of a CSS selector."""
        return self.chromium.find_elements(By.CSS_SELECTOR, css)

    def until(self, holds: Any) -> Any:
        """Wait for something to be so."""
        patient = WebDriverWait(self.chromium, SECONDS, 0.05, ignored_exceptions=[StaleElementReferenceException])
        return patient.until(lambda _: holds())

    def judged(self) -> None:
        """Wait until what stands on the page is judged: a change is sent a moment after it was made."""
        self.chromium.execute_async_script("window.setTimeout(arguments[0], 400)")
        self.until(lambda: self.find("body").get_attribute("data-judged") == "yes")

    def column(self, name: str) -> WebElement:
        """The column that can be dragged."""
        return next(one for one in self.all("#columns .column") if one.get_attribute("data-column") == name)

    def slot(self, at: str) -> WebElement:
        """A place for a column."""
        return self.find(f'[data-at="{at}"]')

    def drag(self, name: str, at: str) -> None:
        """Take a column with the mouse and let it go over a place."""
        slot = self.slot(at)
        self.chromium.execute_script("arguments[0].scrollIntoView({block: 'center'})", slot)
        ActionChains(self.chromium).drag_and_drop(self.column(name), self.slot(at)).perform()
        self.until(lambda: name in [one.text for one in self.slot(at).find_elements(By.CSS_SELECTOR, ".here")])
        self.judged()

    def choose(self, id: str, value: str) -> None:
        """Choose in a list by value."""
        Select(self.find(f"#{id}")).select_by_value(value)

    def click(self, id: str) -> None:
        """Press a button."""
        self.find(f"#{id}").click()

    def constant(self, at: str, value: str) -> None:
        """Give a field a fixed value."""
        line = self.slot(at).find_element(By.XPATH, './/*[@data-role="constant"]/..')
        control = line.find_element(By.CSS_SELECTOR, "[data-role]")
        if control.tag_name == "select":
            Select(control).select_by_value(value)
        else:
            control.send_keys(value)
        line.find_element(By.CSS_SELECTOR, "button").click()

    def remove(self, at: str) -> None:
        """Take the first column out of a place."""
        self.slot(at).find_element(By.CSS_SELECTOR, ".here + button").click()
        self.judged()

    def active(self) -> WebElement:
        """What has the keyboard."""
        return self.chromium.switch_to.active_element

    def type(self, *keys: str) -> None:
        """Press keys, wherever the keyboard is."""
        for key in keys:
            ActionChains(self.chromium).send_keys(key).perform()

    def tab_to(self, name: str, key: str = Keys.TAB) -> None:
        """Go on by Tab until a control of this name has the keyboard."""
        for _ in range(400):
            if name in (self.active().accessible_name, self.active().get_attribute("data-column")):
                return
            if key == Keys.TAB:
                self.type(key)
            else:
                ActionChains(self.chromium).key_down(Keys.SHIFT).send_keys(Keys.TAB).key_up(Keys.SHIFT).perform()
        raise AssertionError(f"Tab never comes to {name}")

    def asked(self) -> list[str]:
        """Every address that the browser was asked to load since the page was made."""
        messages = [json.loads(entry["message"])["message"] for entry in self._log()]
        return [one["params"]["request"]["url"] for one in messages if one["method"] == "Network.requestWillBeSent"]

    def _log(self) -> list[dict[str, Any]]:
        return list(self.chromium.get_log("performance"))

    def why(self, at: str) -> str:
        """What is wrong at a place, empty when nothing is."""
        return self.slot(at).find_element(By.CSS_SELECTOR, ".why").text

    def rows(self) -> list[str]:
        """The verdict of each of the first rows."""
        return [str(one.get_attribute("class")).removeprefix("row").strip() for one in self.all("#rows .row")]

    def save(self) -> str:
        """Look at what changes, save it; what was shown."""
        self.click("changes")
        self.until(lambda: self.find("#save").is_enabled())
        shown = self.find("#lines").text
        self.click("save")
        self.until(lambda: self.find("#saved").text != "")
        return shown

    def sent(self) -> dict[str, bytes]:
        """The body of every answer that came to the browser since the page was made, by number and address."""
        found = {}
        for entry in self._log():
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.loadingFinished":
                request = message["params"]["requestId"]
                body = self.chromium.execute_cdp_cmd("Network.getResponseBody", {"requestId": request})
                assert not body["base64Encoded"]
                found[request] = body["body"].encode()
        return found
