"""The service lives a short life on the sandbox; X's OpenAPI documents judge all that was said between them.

    python3 openapi.py BINARY FOLDER

FOLDER holds `x-openapi-*.json`, one document for each vocabulary. The service runs twice, once in each of them: it
reads mentions and messages, answers, looks for its own answer after a broken connection, renews its token. Then a
plain client asks the sandbox for everything that the documents know of these routes. Every exchange is held against
both documents. At the end the measure itself is tried: exchanges that are spoilt on purpose must be found out.
"""

import collections
import copy
import json
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

from documents import Document, allowed
from recorder import Recorder
from stand_in import StandIn

OURS = "1500000000000000001"
ZONE = """
mode = "reply"
[zone]
name = "Politiezone Voorbeeld"
languages = ["nl"]
[x]
account = "PZVoorbeeld"
api_base = "{base}"
vocabulary = "{vocabulary}"
poll = "200ms"
bots = ["een_robot"]
"""


def until(what, holds, seconds=30):
    """Waits for something that the service must do by itself."""
    for _ in range(seconds * 10):
        if holds():
            return
        time.sleep(0.1)
    raise AssertionError(f"the service does not get to {what}")


class Service:
    """`formez101 run` on one zone; ends with the `with` block, which must be a clean end."""

    def __init__(self, binary, sandbox, base, vocabulary, folder):
        folder = pathlib.Path(folder)
        for name in ("config/zones", "credentials", "state"):
            (folder / name).mkdir(parents=True)
        (folder / "config/zones/een.toml").write_text(ZONE.format(base=base, vocabulary=vocabulary))
        for name in ("x.token", "x.refresh-token", "x.client-id", "x.client-secret"):
            (folder / "credentials" / name).write_text(sandbox.secrets[name] + "\n")
        self.log = open(folder / "log", "w+")
        self.process = subprocess.Popen(
            [binary, "run", "--zone", "een", "--config-dir", folder / "config", "--credentials-dir",
             folder / "credentials", "--state-dir", folder / "state"], stdout=self.log, stderr=self.log)

    def __enter__(self):
        return self

    def __exit__(self, kind, error, _):
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(30)
        if code or error:
            self.log.seek(0)
            print(self.log.read())
            sys.exit(f"FAILED  {error or f'the service ended with {code}'}")


def life(sandbox, recorder):
    """What happens to the zone while the service runs."""
    def polled(part):
        return sum(1 for e in recorder.exchanges if part in e.target and e.status == 200)

    def answered(said):
        until(f"an answer to {said}", lambda: len(sandbox.answers_to(said["message_id"])) == 1)

    until("a first look at both feeds", lambda: polled("/mentions") and polled("/2/dm_events"))
    answered(sandbox.say("x.mentions", "jan", "@PZVoorbeeld er is ingebroken"))
    answered(sandbox.say("x.inbox", "els", "hallo, is daar iemand?"))
    answered(sandbox.say("x.mentions", "wies", "@jan @PZVoorbeeld dit is erg"))
    answered(sandbox.say("x.mentions", "lang", "@PZVoorbeeld " + "help ons " * 60))
    answered(sandbox.say("x.mentions", "cit", "dit is onze zone", flags={"quote_of_us": True}))
    answered(sandbox.say("x.inbox", "bo", "iemand volgt mij"))
    sandbox.say("x.inbox", "groep", "wie komt er?", flags={"group": True})

    for method, feed, path in (("POST", "x.mentions", "/2/tweets"), ("POST", "x.inbox", "/messages")):
        sandbox.control("fault", {"where": {"method": method, "path_contains": path}, "kind": "reset_after"})
        answered(sandbox.say(feed, f"verloren_{feed[2:]}", "@PZVoorbeeld kom snel"))
    until("a look at the own posts", lambda: polled(f"/2/users/{OURS}/tweets"))
    until("a look at the conversation", lambda: polled("/2/dm_conversations/with/"))

    for number in range(12):
        sandbox.say("x.inbox", f"burger_{number}", "goedenavond")
    until("a second page of messages", lambda: polled("pagination_token"))
    sandbox.control("set", {"x_dm_sender_id": "refused"})
    until("the sender by its expansion", lambda: polled("expansions=sender_id"))
    sandbox.control("expire", {"token": "x_token"})
    until("a new token", lambda: polled("/2/oauth2/token"))
    answered(sandbox.say("x.mentions", "na", "@PZVoorbeeld zijn jullie er nog?"))


def ask_for_everything(sandbox, recorder, document):
    """A plain client asks each read for every field and expansion of a document, and writes in each way there is."""
    sandbox.control("set", {"x_dm_sender_id": "accepted", "x_token": "a token of the script"})

    def call(path, body=None, status=200):
        headers = {"authorization": "Bearer a token of the script", "content-type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        try:
            request = urllib.request.Request(recorder.address + path, data, headers)
            with urllib.request.urlopen(request, timeout=10) as answer:
                met = answer.status
        except urllib.error.HTTPError as error:
            met = error.code
        if met != status:
            sys.exit(f"FAILED  {met} instead of {status} for {path}")

    mention = sandbox.say("x.mentions", "vraag", "@PZVoorbeeld " + "alles " * 100)["message_id"]
    message = sandbox.say("x.inbox", "vraag", "alles")
    gone = sandbox.say("x.mentions", "weg", "@PZVoorbeeld weg", flags={"hidden_mention": True})["message_id"]
    person = message["author_id"]
    reads = [
        ("/2/users/me", "/2/users/me"), ("/2/users/{id}", f"/2/users/{person}"), ("/2/users/{id}", "/2/users/1"),
        ("/2/users/by/username/{username}", "/2/users/by/username/vraag"),
        ("/2/users/{id}/mentions", f"/2/users/{OURS}/mentions"), ("/2/users/{id}/tweets", f"/2/users/{OURS}/tweets"),
        ("/2/tweets/{id}", f"/2/tweets/{mention}"), ("/2/tweets/{id}", f"/2/tweets/{gone}"),
        ("/2/tweets/{id}", "/2/tweets/1"),
        ("/2/dm_events", "/2/dm_events"), ("/2/dm_events/{event_id}", f"/2/dm_events/{message['message_id']}"),
        ("/2/dm_conversations/with/{participant_id}/dm_events", f"/2/dm_conversations/with/{person}/dm_events"),
        ("/2/dm_conversations/{id}/dm_events", f"/2/dm_conversations/{message['thread_id']}/dm_events"),
        ("/2/users/{id}/public_keys", f"/2/users/{OURS}/public_keys"),
    ]
    for template, path in reads:
        wishes = []
        for parameter in document.paths[template]["get"].get("parameters", []):
            name = parameter.get("$ref", "").rsplit("/", 1)[-1]
            parameter = document.parameters.get(name, parameter)
            if parameter["name"].endswith(("fields", "expansions")):
                wishes.append(parameter["name"] + "=" + ",".join(dict.fromkeys(parameter["schema"]["items"]["enum"])))
        call(f"{path}?{'&'.join(wishes)}")
        call(path)
    call(f"/2/users/{OURS}/mentions?since_id={2**60}&until_id={2**60 + 1}")
    reply = {"text": "Bel 101 als het dringend is.", "reply": {"in_reply_to_tweet_id": mention}}
    call("/2/tweets", reply, 201)
    call(f"/2/dm_conversations/{message['thread_id']}/messages", {"text": "Bel 101."}, 201)

    call("/2/tweets", reply, 403)
    call(f"/2/users/{OURS}/mentions?since_id=5&until_id=5", status=400)
    call("/2/dm_conversations/with/1/messages", {"text": "Bel 101."}, 403)
    for trouble, status in (("credits_depleted", 402), ("usage_cap_exceeded", 429), ("client_not_enrolled", 403)):
        sandbox.control("set", {"x_trouble": trouble})
        call("/2/users/me", status=status)
    sandbox.control("set", {"x_trouble": "none", "x_limits": {"users_me": 0}})
    call("/2/users/me", status=429)


def judged(documents, exchanges, asked_by=None):
    """Prints every deviation, and gives back those that are not allowed. Requests that a document itself dictated
    (`asked_by`) are not held against the other one, which knows other fields."""
    wrong, borne = collections.Counter(), collections.Counter()
    for document in documents:
        for exchange in exchanges:
            for said in document.deviations(exchange, asked_by in (None, document)):
                reason = allowed(document, said)
                (borne if reason else wrong)[f"{document.version}: {reason or said}"] += 1
    for line, times in sorted(borne.items()):
        print(f"allowed {times:4} x {line}")
    for line, times in sorted(wrong.items()):
        print(f"FAILED  {times:4} x {line}")
    return wrong


def finds_what_is_spoilt(documents, exchanges):
    """Spoils good exchanges, one thing at a time: each must be found out."""
    def of(part, method="GET"):
        good = [e for e in exchanges if part in e.target and e.method == method and e.status in (200, 201)]
        return copy.deepcopy(next(e for e in good if method == "POST" or b'"data"' in e.answer))

    def answer(part, change, method="GET"):
        exchange = of(part, method)
        body = json.loads(exchange.answer)
        change(body)
        exchange.answer = json.dumps(body).encode()
        return exchange

    def target(part, old, new):
        exchange = of(part)
        exchange.target = exchange.target.replace(old, new)
        return exchange

    def sent(change):
        exchange = of("/2/tweets", "POST")
        body = json.loads(exchange.body)
        change(body)
        exchange.body = json.dumps(body).encode()
        return exchange

    spoilt = {
        "a page that is too large": target("/mentions", "max_results=100", "max_results=101"),
        "a bound that is no id": target("/mentions", "since_id=", "since_id=x"),
        "an unknown parameter": target("/mentions", "?", "?exclude=replies&"),
        "an unknown field": target("/mentions", "created_at", "created"),
        "an unknown key in a body": sent(lambda body: body.update(mood="calm")),
        "a number where a text belongs": sent(lambda body: body["reply"].update(in_reply_to_tweet_id=5)),
        "an unknown key in an answer": answer("/mentions", lambda body: body["data"][0].update(mood="calm")),
        "an id that is a number": answer("/2/dm_events", lambda body: body["data"][0].update(id=5)),
        "a null": answer("/2/dm_events", lambda body: body["data"][0].update(text=None)),
        "a time without a zone": answer("/mentions", lambda body: body["data"][0].update(created_at="2026-11-20T18:04")),
        "the other vocabulary": answer("/mentions", lambda body: body["data"][0].update(
            {"edit_history_post_ids": ["1"], "edit_history_tweet_ids": ["1"]})),
        "a status that is not described": of("/2/tweets", "POST"),
        "a call of nobody": of("/2/dm_events"),
    }
    spoilt["a status that is not described"].status = 200
    del spoilt["a call of nobody"].headers["authorization"]
    missed = [
        f"{document.version} does not see {what}" for what, exchange in spoilt.items() for document in documents
        if all(allowed(document, said) for said in document.deviations(exchange))
    ]
    for line in missed:
        print(f"FAILED  {line}")
    if not missed:
        print(f"ok      each of {len(spoilt)} exchanges that were spoilt on purpose is found out by both documents")
    return missed


def main():
    binary, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    documents = [Document(path) for path in sorted(folder.glob("x-openapi-*.json"))]
    by_vocabulary = {document.vocabulary: document for document in documents}
    if sorted(by_vocabulary) != ["post", "tweet"]:
        sys.exit(f"FAILED  {folder} does not hold one document for each vocabulary")
    bad = False
    for vocabulary in ("tweet", "post"):
        with StandIn(binary) as sandbox, Recorder(sandbox.base) as recorder, tempfile.TemporaryDirectory() as state:
            with Service(binary, sandbox, recorder.address, vocabulary, state):
                life(sandbox, recorder)
            noted = sandbox.world()["violations"]
            print("".join(f"FAILED  noted by the sandbox: {what}\n" for what in noted), end="")
            lived, recorder.exchanges = recorder.exchanges, []
            ask_for_everything(sandbox, recorder, by_vocabulary[vocabulary])
            wrong = judged(documents, lived) + judged(documents, recorder.exchanges, by_vocabulary[vocabulary])
            missed = finds_what_is_spoilt(documents, lived)
            if not wrong:
                print(f"ok      {vocabulary}: {len(lived)} exchanges of the service, {len(recorder.exchanges)} of a client "
                      f"that asks for everything, are as {' and '.join(d.version for d in documents)} say")
            bad = bad or wrong or missed or noted
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
