"""The sandbox of a given binary, as a running process: what the scripts beside this one have in common."""

import json
import re
import subprocess
import urllib.request


class StandIn:
    """`formez101 sandbox` on a free port, with an empty world; ends with the `with` block."""

    def __init__(self, binary):
        command = [binary, "sandbox", "--listen", "127.0.0.1:0"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        lines = []
        for line in self.process.stdout:
            lines.append(line)
            if line.startswith("What everybody sees"):
                break
        said = "".join(lines)
        self.base = re.search(r"^sandbox on (http://[^;]+);", said).group(1)
        self.secrets = dict(re.findall(r"^  ((?:x|facebook|instagram)\.[\w-]+) +(\S+)$", said, re.M))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def control(self, action, given=None):
        """One call of the control API; without a body it is a GET."""
        body = None if given is None else json.dumps(given).encode()
        with urllib.request.urlopen(f"{self.base}/control/{action}", body, timeout=10) as answer:
            return json.load(answer)

    def say(self, feed, who, text, **more):
        """A citizen writes."""
        return self.control("say", {"feed": feed, "from": who, "text": text, **more})

    def world(self):
        """Everything there is."""
        return self.control("world")

    def answers_to(self, message_id):
        """The texts by which the client under trial answered a message."""
        written = self.world()["messages"]
        return [m["text"] for m in written if m["by"] == "service" and m.get("in_reply_to") == message_id]
