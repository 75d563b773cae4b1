"""X's OpenAPI documents as a measure: what in an exchange deviates from them.

A document is read more strictly than it is written: a key that an object does not define is a deviation, and so is a
null, since X leaves absent values out (`platforms/x.md` 2.1). X speaks two vocabularies (tweet, post), each in one of
the documents; before an exchange is held against the other one, its words are translated, and nothing else.
"""

import json
import re
from datetime import datetime
from urllib.parse import parse_qsl, unquote, urlsplit

from jsonschema import Draft7Validator, FormatChecker

# The words of X that differ: (tweet, post).
WORDS = [
    ("tweet.fields", "post.fields"),
    ("edit_history_tweet_ids", "edit_history_post_ids"),
    ("referenced_tweets", "referenced_posts"),
    ("note_tweet", "note_post"),
    ("tweets", "posts"),
    ("tweet", "post"),
    ("tweet_count", "post_count"),
    ("retweet_count", "repost_count"),
    ("pinned_tweet_id", "pinned_post_id"),
    ("most_recent_tweet_id", "most_recent_post_id"),
]
TO_POST = dict(WORDS)
TO_TWEET = {post: tweet for tweet, post in WORDS}
# As a value of a parameter one word is written otherwise than as a key of an answer.
EXPANSION = ("referenced_tweets.id", "referenced_posts")

# What may deviate: (vocabulary of the document, what is said of it, why). Anything else fails.
ALLOWED = [
    ("both", r"^POST /2/oauth2/(token|revoke): no such path$",
     "the token endpoints are in no document; RFC 6749 and platforms/x.md 1 say what they are"),
    ("post", r": dm_event\.fields: 'sender_id' is none of",
     "sender_id as a field: current clients ask for it; once refused, it is expanded (platforms/x.md 2.4)"),
    ("post", r": post\.fields: '(author_id|in_reply_to_user_id|referenced_posts)' is none of",
     "free fields of the tweet vocabulary, measured (platforms/x.md 2.1); asked for with tweet.fields only"),
    ("both", r"^POST /2/tweets: answer 201: data: .*\('edit_history_(tweet|post)_ids' was unexpected\)",
     "the history of a new post is seen in live answers (platforms/x.md 3.1)"),
    ("tweet", r": Additional properties are not allowed \('is_identity_verified', 'parody' were unexpected\)",
     "two fields of a user that this document offers and then forgets in its description of a user"),
    ("both", r": answer 402: ",
     "an empty credit is described nowhere and seen live (platforms/x.md 5)"),
    ("post", r": answer (401|403|429): type: 'about:blank' is none of",
     "the general problem is seen live; this document names special ones only (platforms/x.md 5)"),
    ("post", r": answer 400: .*\('errors' was unexpected\)",
     "the list in the problem of a wrong request is seen live (platforms/x.md 5)"),
    ("post", r": answer (403|429): .*('reason', |'period', |/client-forbidden' is none of|/usage-capped' is none of)",
     "problems of plans and caps are seen live; this document has dropped them (platforms/x.md 5)"),
    ("tweet", r": answer 403: .*\('required_enrollment' was unexpected\)",
     "the needed plan in the problem of a plan is seen live (platforms/x.md 5)"),
]

FORMATS = FormatChecker(formats=())


@FORMATS.checks("date-time", raises=ValueError)
def is_moment(text):
    """RFC 3339 with a zone."""
    return not isinstance(text, str) or datetime.fromisoformat(text.replace("Z", "+00:00")).tzinfo is not None


class Document:
    """One document; `vocabulary` is `tweet` or `post`."""

    def __init__(self, path):
        raw = json.loads(path.read_text())
        self.version = raw["info"]["version"]
        self.paths = raw["paths"]
        self.parameters = raw["components"]["parameters"]
        self.schemas = raw["components"]["schemas"]
        self.vocabulary = "post" if "PostFieldsParameter" in self.parameters else "tweet"
        self.root = {"schemas": {name: self.strict(schema) for name, schema in self.schemas.items()}}

    def named(self, reference):
        return self.schemas[reference.rsplit("/", 1)[1]]

    def strict(self, schema):
        """The same schema, closed, in the words of JSON Schema."""
        if not isinstance(schema, dict):
            return schema
        if "$ref" in schema:
            return {"$ref": "#/components/schemas/" + schema["$ref"].rsplit("/", 1)[1]}
        mapped = schema.get("discriminator", {}).get("mapping")
        if mapped and "oneOf" not in schema:
            return {"anyOf": [self.kind(kind, self.named(reference)) for kind, reference in mapped.items()]}
        if "allOf" in schema:
            return self.strict(self.merged(schema["allOf"]))
        out = {key: value for key, value in schema.items() if key not in ("discriminator", "example", "nullable")}
        for key in ("oneOf", "anyOf"):
            if key in out:
                out[key] = [self.strict(part) for part in out[key]]
        for key in ("items", "additionalProperties"):
            if key in out:
                out[key] = self.strict(out[key])
        if "properties" in out:
            out["properties"] = {name: self.strict(part) for name, part in out["properties"].items()}
            out.setdefault("additionalProperties", False)
        return out

    def kind(self, address, schema):
        """One kind of problem, recognised by the last part of its address (`ambiguities.md` 20)."""
        form = self.strict(schema)
        last = {"type": "string", "pattern": address.rsplit("/", 1)[-1] + "$"}
        form["properties"] = form["properties"] | {"type": last}
        return form

    def merged(self, parts):
        """One object out of several that hold at once."""
        whole = {"type": "object", "properties": {}, "required": []}
        for part in parts:
            part = self.named(part["$ref"]) if "$ref" in part else part
            whole["properties"].update(part.get("properties", {}))
            whole["required"] += part.get("required", [])
        return whole

    def wrong(self, schema, value):
        """What does not fit, in words."""
        checker = Draft7Validator({"components": self.root, "allOf": [self.strict(schema)]}, format_checker=FORMATS)
        for error in checker.iter_errors(value):
            yield from innermost(error)

    def operation(self, method, path):
        """The path as the document writes it, its operation and its parameters; literal parts win over parameters."""
        parts = path.split("/")
        for template in sorted(self.paths, key=lambda known: known.count("{")):
            known = template.split("/")
            fits = len(known) == len(parts) and all(k == p or k.startswith("{") for k, p in zip(known, parts))
            if fits and method.lower() in self.paths[template]:
                given = {k[1:-1]: unquote(p) for k, p in zip(known, parts) if k.startswith("{")}
                return template, self.paths[template][method.lower()], given
        return path, None, {}

    def deviations(self, exchange, asked=True):
        """Everything in an exchange that this document does not know or does not allow, each in one line; `asked`
        is false where the request is not to be judged."""
        address = urlsplit(exchange.target)
        path, operation, in_path = self.operation(exchange.method, address.path)
        where = f"{exchange.method} {path}"
        if operation is None:
            return [f"{where}: no such path"]
        found = list(self.of_request(exchange, operation, in_path, parse_qsl(address.query, True))) if asked else []
        found += self.of_answer(exchange, operation)
        return [f"{where}: {said}" for said in found]

    def of_request(self, exchange, operation, in_path, query):
        known = {}
        for parameter in operation.get("parameters", []):
            if "$ref" in parameter:
                parameter = self.parameters[parameter["$ref"].rsplit("/", 1)[1]]
            known[parameter["in"], parameter["name"]] = parameter
        given = [("path", name, value) for name, value in in_path.items()]
        given += [("query", self.word(name), value) for name, value in query]
        for place, name, value in given:
            parameter = known.get((place, name))
            if parameter is None:
                yield f"{name}: no such parameter"
                continue
            for said in self.wrong(parameter["schema"], self.typed(parameter["schema"], value)):
                yield f"{name}{said}"
        there = {(place, name) for place, name, _ in given}
        yield from (f"{key[1]}: missing" for key, one in known.items() if one.get("required") and key not in there)
        proof = exchange.headers.get("authorization", "")
        if operation.get("security") and not proof.startswith(("Bearer ", "OAuth ")):
            yield "nobody says who is calling"
        body = operation.get("requestBody")
        if body is None:
            if exchange.body:
                yield "a body where none belongs"
            return
        if not exchange.headers.get("content-type", "").startswith("application/json"):
            yield "a body that is not declared as JSON"
        for said in self.wrong(body["content"]["application/json"]["schema"], json.loads(exchange.body)):
            yield f"body{said}"

    def of_answer(self, exchange, operation):
        if not 200 <= exchange.status < 300:
            if exchange.status:
                problem = {"$ref": "#/components/schemas/Problem"}
                for said in self.wrong(problem, json.loads(exchange.answer)):
                    yield f"answer {exchange.status}{said}"
            return
        described = operation["responses"].get(str(exchange.status))
        if described is None:
            yield f"answer {exchange.status}: no such status"
            return
        if not exchange.answer_headers.get("content-type", "").startswith("application/json"):
            yield f"answer {exchange.status}: not declared as JSON"
        answer = json.loads(exchange.answer)
        spoken = vocabularies(answer)
        asked = "post" if "post.fields=" in exchange.target else "tweet"
        if exchange.method == "GET" and spoken - {asked}:
            yield f"answer {exchange.status}: words of the other vocabulary"
        schema = described["content"]["application/json"]["schema"]
        for said in self.wrong(schema, self.translated(answer)):
            yield f"answer {exchange.status}{said}"

    def word(self, word):
        return (TO_POST if self.vocabulary == "post" else TO_TWEET).get(word, word)

    def translated(self, value):
        """The same answer in the words of this document."""
        if isinstance(value, dict):
            named = {self.word(key): self.translated(part) for key, part in value.items()}
            if "resource_type" in named:
                named["resource_type"] = self.word(named["resource_type"])
            return named
        if isinstance(value, list):
            return [self.translated(part) for part in value]
        return value

    def typed(self, schema, text):
        """A parameter as what its schema says it is; as text where it cannot be that."""
        schema = self.named(schema["$ref"]) if "$ref" in schema else schema
        if schema.get("type") == "array":
            tweet, post = EXPANSION
            own = {tweet: post} if self.vocabulary == "post" else {post: tweet}
            return [own.get(part, self.word(part)) for part in text.split(",")]
        if schema.get("type") == "integer" and re.fullmatch(r"-?[0-9]+", text):
            return int(text)
        return text


def vocabularies(value):
    """The vocabularies of which an answer has words."""
    if isinstance(value, list):
        return set().union(*map(vocabularies, value))
    if not isinstance(value, dict):
        return set()
    own = {"tweet" for key in value if key in TO_POST} | {"post" for key in value if key in TO_TWEET}
    return own.union(*map(vocabularies, value.values()))


def innermost(error):
    """The deepest causes of an error, each with its place."""
    if error.validator in ("anyOf", "oneOf") and error.context:
        # Of several forms the one that came nearest has the fewest complaints.
        forms = {}
        for cause in error.context:
            forms.setdefault(cause.schema_path[0], []).append(cause)
        for cause in min(forms.values(), key=len):
            yield from innermost(cause)
        return
    place = "".join(f": {part}" for part in error.absolute_path if not isinstance(part, int))
    if error.validator == "enum":
        yield f"{place}: {error.instance!r} is none of the known values"
    else:
        yield f"{place}: {error.message[:200]}"


def allowed(document, said):
    """The reason why a deviation is allowed, or `None`."""
    for of, pattern, reason in ALLOWED:
        if of in ("both", document.vocabulary) and re.search(pattern, said):
            return reason
    return None
