"""Opens a page in QtWebEngine, and prints what it lists, what it complains of and the browser's version, as JSON."""

import json
import sys
import time

from PyQt6.QtCore import QTimer, QUrl
from PyQt6.QtWebEngineCore import QWebEnginePage, qWebEngineChromiumVersion
from PyQt6.QtWidgets import QApplication

LIST = "JSON.stringify(Array.from(document.querySelectorAll('li'), (item) => item.textContent))"
complaints = []


class Page(QWebEnginePage):
    def javaScriptConsoleMessage(self, level, message, line, source):
        if level != QWebEnginePage.JavaScriptConsoleMessageLevel.InfoMessageLevel:
            complaints.append(message)


def main(url):
    app = QApplication([*sys.argv, "--no-sandbox", "--disable-gpu"])
    page = Page()
    end = time.monotonic() + 30

    def look():
        page.runJavaScript(LIST, lambda found: listed(json.loads(found or "[]")))

    def listed(found):
        if found or complaints or time.monotonic() > end:
            print(json.dumps({"found": found, "complaints": complaints, "version": qWebEngineChromiumVersion()}))
            app.exit()
        else:
            QTimer.singleShot(50, look)

    page.loadFinished.connect(look)
    page.load(QUrl(url))
    app.exec()


main(sys.argv[1])
