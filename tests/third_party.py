"""Public clients, written by others for the real platforms, read and write the sandbox: it is faithful to them too.

    python3 third_party.py BINARY

- tweepy: X in the vocabulary of tweets, with OAuth 2.0 and with OAuth 1.0a
- xdk: X in the vocabulary of posts, with the whole login of OAuth 2.0
- pyfacebook: the Graph API, for a Page and for an Instagram account

Nothing of a client is changed but the address that it calls. tweepy has no setting for it, so that its HTTP session
puts another beginning on each address; the other two take it as an argument.
"""

import json
import os
import sys
import traceback
import urllib.parse

# The libraries refuse a login without TLS; the sandbox is on this machine.
os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"

import pyfacebook
import requests
import tweepy
import xdk
import xdk.oauth1_auth

from stand_in import StandIn

SCOPES = ["tweet.read", "tweet.write", "users.read", "dm.read", "dm.write", "offline.access"]
BACK = "http://127.0.0.1:9/callback"
OURS = "1500000000000000001"
PAGE = "100000000000001"


def check(what, found, wanted=True):
    """One line for what held; what did not hold ends the trial of that client."""
    if found != wanted:
        raise AssertionError(f"{what}: found {found!r}, wanted {wanted!r}")
    print(f"ok      {what}")


def refuses(what, kind, call):
    """The client must understand a refusal as the error that it has for it."""
    try:
        call()
    except kind as error:
        print(f"ok      {what}")
        return error
    raise AssertionError(f"{what}: not refused")


def agreed(address):
    """What a person's browser gets when he agrees on the consent page: where it is sent back to."""
    answer = requests.get(address, allow_redirects=False, timeout=10)
    check("  the consent page sends the browser back", answer.status_code, 302)
    return answer.headers["location"]


def signature_keys(sandbox):
    """What OAuth 1.0a signs with: the application's pair, then the account's."""
    names = ("consumer-key", "consumer-secret", "token", "token-secret")
    return [sandbox.secrets[f"x.oauth1-{name}"] for name in names]


class Elsewhere:
    """Gives the calls of an HTTP session another base address, and changes nothing else."""

    OFFICIAL = ("https://api.twitter.com", "https://twitter.com")

    def __init__(self, base):
        self.base = base

    def address(self, url):
        for official in self.OFFICIAL:
            if url.startswith(official):
                return self.base + url[len(official):]
        return url

    def move(self, session):
        official = session.request
        session.request = lambda method, url, *rest, **more: official(method, self.address(url), *rest, **more)
        return session


def tweepy_login(sandbox):
    """The login of tweepy from the address of the consent page to the token."""
    login = tweepy.OAuth2UserHandler(
        client_id=sandbox.secrets["x.client-id"], client_secret=sandbox.secrets["x.client-secret"],
        redirect_uri=BACK, scope=SCOPES)
    elsewhere = Elsewhere(sandbox.base)
    elsewhere.move(login)
    location = agreed(elsewhere.address(login.get_authorization_url()))
    token = login.fetch_token(location)
    check("tweepy logs in", (token["token_type"], token["expires_in"]), ("bearer", 7200))
    return token["access_token"]


def tweepy_reads_and_writes(sandbox, client, signed):
    """One way of proving who one is; `signed` is OAuth 1.0a."""
    way = "signed" if signed else "with a bearer token"
    me = client.get_me(user_auth=signed).data
    check(f"tweepy {way}: users/me", (str(me.id), me.username), (OURS, "PZVoorbeeld"))

    said = sandbox.say("x.mentions", f"jan_{len(way)}", "@PZVoorbeeld mijn fiets is weg")
    seen = client.get_users_mentions(
        me.id, user_auth=signed, max_results=5, expansions=["author_id", "referenced_tweets.id"],
        tweet_fields=["created_at", "author_id", "conversation_id", "entities", "in_reply_to_user_id"],
        user_fields=["username", "created_at", "public_metrics"])
    post = seen.data[0]
    check("  mentions", (str(post.id), str(post.author_id)), (said["message_id"], said["author_id"]))
    check("  the entities of a mention", post.entities["mentions"][0]["username"], "PZVoorbeeld")
    check("  the author beside it", seen.includes["users"][0].username, f"jan_{len(way)}")

    sent = client.create_tweet(text=f"Bel 101, {way}.", in_reply_to_tweet_id=post.id, user_auth=signed)
    check("  a reply", len(sandbox.answers_to(said["message_id"])), 1)
    own = client.get_users_tweets(me.id, user_auth=signed, tweet_fields=["referenced_tweets", "created_at"])
    check("  own posts", (str(own.data[0].id), str(own.data[0].referenced_tweets[0].id)),
          (sent.data["id"], said["message_id"]))
    check("  one post", client.get_tweet(said["message_id"], user_auth=signed).data.text, post.text)
    refuses("  the same reply again is forbidden", tweepy.Forbidden, lambda: client.create_tweet(
        text=f"Bel 101, {way}.", in_reply_to_tweet_id=post.id, user_auth=signed))

    heard = sandbox.say("x.inbox", f"jan_{len(way)}", "hallo, is daar iemand?")
    fields = ["id", "event_type", "text", "sender_id", "dm_conversation_id", "created_at"]
    event = client.get_direct_message_events(
        dm_event_fields=fields, expansions=["sender_id"], event_types="MessageCreate", user_auth=signed).data[0]
    check("  direct messages", (str(event.id), event.text, str(event.sender_id)),
          (heard["message_id"], "hallo, is daar iemand?", heard["author_id"]))
    answer = client.create_direct_message(participant_id=event.sender_id, text="Bel 101.", user_auth=signed)
    check("  a direct message", sandbox.answers_to(heard["message_id"]), ["Bel 101."])
    with_him = client.get_direct_message_events(
        participant_id=event.sender_id, dm_event_fields=fields, user_auth=signed)
    check("  the conversation", str(with_him.data[0].id), answer.data["dm_event_id"])
    in_it = client.get_direct_message_events(
        dm_conversation_id=event.dm_conversation_id, dm_event_fields=fields, user_auth=signed)
    check("  the same by its own id", [e.id for e in in_it.data], [e.id for e in with_him.data])

    by_name = client.get_user(username=f"jan_{len(way)}", user_fields=["created_at"], user_auth=signed).data
    check("  a user by handle", str(by_name.id), said["author_id"])
    check("  a user by id", client.get_user(id=by_name.id, user_auth=signed).data.username, by_name.username)
    check("  a user who is not there", client.get_user(username="niemand", user_auth=signed).errors[0]["title"],
          "Not Found Error")


def tweepy_x(sandbox):
    elsewhere = Elsewhere(sandbox.base)
    bearer = tweepy.Client(bearer_token=tweepy_login(sandbox))
    elsewhere.move(bearer.session)
    tweepy_reads_and_writes(sandbox, bearer, signed=False)

    key, secret, token, token_secret = signature_keys(sandbox)
    signs = tweepy.Client(None, key, secret, token, token_secret)
    elsewhere.move(signs.session)
    tweepy_reads_and_writes(sandbox, signs, signed=True)
    forges = tweepy.Client(None, key, "guessed", token, token_secret)
    elsewhere.move(forges.session)
    refuses("a signature with a wrong secret is refused", tweepy.Unauthorized, forges.get_me)

    for number in range(12):
        sandbox.say("x.mentions", f"burger_{number}", "@PZVoorbeeld hallo")
    pages = tweepy.Paginator(bearer.get_users_mentions, int(OURS), max_results=5)
    check("tweepy follows pages to the end", [len(page.data) for page in pages], [5, 5, 4])

    sandbox.control("set", {"x_limits": {"users_me": 0}})
    error = refuses("a used-up quota is understood", tweepy.TooManyRequests, lambda: bearer.get_me(user_auth=False))
    check("  with the time of its end", error.reset_time > 0)
    sandbox.control("expire", {"token": "x_token"})
    refuses("a token that has ended is refused", tweepy.Unauthorized, lambda: bearer.get_me(user_auth=False))


def xdk_x(sandbox):
    """The whole client in the vocabulary of posts; its models say what an answer must look like."""
    client = xdk.Client(
        base_url=sandbox.base, authorization_base_url=f"{sandbox.base}/i", redirect_uri=BACK, scope=SCOPES,
        client_id=sandbox.secrets["x.client-id"], client_secret=sandbox.secrets["x.client-secret"])
    location = agreed(client.get_authorization_url(state="a state of our own"))
    query = urllib.parse.parse_qs(urllib.parse.urlsplit(location).query)
    check("  the state comes back", query["state"], ["a state of our own"])
    client.exchange_code(query["code"][0])
    refuses("  a code works once", ValueError, lambda: client.exchange_code(query["code"][0]))
    check("xdk logs in", sorted(client.token["scope"].split()), sorted(SCOPES))
    xdk_reads_and_writes(sandbox, client, "bearer")

    old = client.token
    client.refresh_token()
    check("xdk refreshes", client.users.get_me().data.username, "PZVoorbeeld")
    client.oauth2_auth.token = old
    client.oauth2_auth._setup_oauth_session()
    refuses("  the old refresh token is spent", Exception, client.refresh_token)

    key, secret, token, token_secret = signature_keys(sandbox)
    signature = xdk.oauth1_auth.OAuth1(key, secret, BACK, token, token_secret)
    xdk_reads_and_writes(sandbox, xdk.Client(base_url=sandbox.base, auth=signature), "signed")


def xdk_reads_and_writes(sandbox, client, way):
    me = client.users.get_me().data
    check(f"xdk {way}: users/me", (me.id, me.username), (OURS, "PZVoorbeeld"))
    said = sandbox.say("x.mentions", f"bo_{way}", "@PZVoorbeeld wie kan helpen?")
    page = next(client.users.get_mentions(
        me.id, max_results=10, post_fields=["created_at", "conversation_id", "entities", "reply_settings"],
        expansions=["author_id", "referenced_posts"], user_fields=["username", "created_at"]))
    check("  mentions", (page.data[0].id, page.data[0].author_id), (said["message_id"], said["author_id"]))
    check("  the author beside it", page.includes.users[0].username, f"bo_{way}")

    body = {"text": f"Bel 101 ({way}).", "reply": {"in_reply_to_tweet_id": said["message_id"]}}
    sent = client.posts.create(body)
    check("  a reply", len(sandbox.answers_to(said["message_id"])), 1)
    own = next(client.users.get_posts(me.id, post_fields=["created_at"], expansions=["referenced_posts"]))
    check("  own posts", own.data[0].id, sent.data.id)
    check("  one post", client.posts.get_by_id(said["message_id"]).data.text, "@PZVoorbeeld wie kan helpen?")

    heard = sandbox.say("x.inbox", f"bo_{way}", "ik hoor iets vreemds")
    fields = ["id", "event_type", "text", "dm_conversation_id", "created_at"]
    events = next(client.direct_messages.get_events(dm_event_fields=fields, expansions=["sender_id"]))
    check("  direct messages", (events.data[0].id, events.data[0].sender_id), (heard["message_id"], heard["author_id"]))
    client.direct_messages.create_by_participant_id(heard["author_id"], {"text": "Bel 101."})
    check("  a direct message", sandbox.answers_to(heard["message_id"]), ["Bel 101."])
    with_him = next(client.direct_messages.get_events_by_participant_id(heard["author_id"]))
    check("  the conversation", [event.text for event in with_him.data], ["Bel 101.", "ik hoor iets vreemds"])

    check("  a user by handle", client.users.get_by_username(f"bo_{way}").data.id, said["author_id"])
    check("  a user by id", client.users.get_by_id(said["author_id"]).data.username, f"bo_{way}")
    check("  public keys of an account without encrypted chat", client.users.get_public_key(me.id).data, None)


def pyfacebook_graph(sandbox):
    token = sandbox.secrets["facebook.token"]
    api = pyfacebook.FacebookApi(access_token=token, base_url=f"{sandbox.base}/", sleep_on_rate_limit=False)
    page = api.page.get_info(PAGE, fields="id,name,category,link")
    check("pyfacebook: the Page", (page.id, page.name), (PAGE, "Politiezone Voorbeeld"))

    said = sandbox.say("facebook.inbox", "Jan Voorbeeld", "er is ingebroken")
    fields = "id,updated_time,participants,messages.limit(5){id,created_time,from,to,message}"
    thread = api.get_connection(PAGE, "conversations", fields=fields, platform="messenger")["data"][0]
    message = thread["messages"]["data"][0]
    check("  conversations with their messages", (message["id"], message["message"]),
          (said["message_id"], "er is ingebroken"))
    one = api.conversation.get_info(thread["id"])
    check("  one conversation", (one.id, one.message_count), (thread["id"], 1))
    check("  one message", api.message.get_info(said["message_id"])._from["name"], "Jan Voorbeeld")
    sent = api.post_object(PAGE, "messages", data={
        "recipient": json.dumps({"id": message["from"]["id"]}), "messaging_type": "RESPONSE",
        "message": json.dumps({"text": "Bel 101."})})
    check("  a message", sandbox.answers_to(said["message_id"]), ["Bel 101."])
    check("  its id", sent["recipient_id"], message["from"]["id"])

    for number in range(3):
        sandbox.say("facebook.inbox", f"Burger {number}", "hallo")
    every = api.get_full_connections(PAGE, "conversations", count=None, limit=2, platform="messenger")
    check("  pages of conversations to the end", len({one["id"] for one in every["data"]}), 4)

    post = sandbox.say("facebook.mentions", "Bo", "dank aan de zone")["message_id"]
    comment = sandbox.say("facebook.comments", "Cas", "wie kan mij helpen?", thread=post)["message_id"]
    tagged = api.page.get_tagged_posts(PAGE, fields="id,message,created_time", count=5)
    check("  posts that tag the Page", [p.id for p in tagged.data], [post])
    feed = api.get_full_connections(PAGE, "feed", fields="id,message,created_time", count=5)
    check("  the feed", isinstance(feed["data"], list))
    below = api.post.get_comments(post, fields="id,message,created_time,like_count,comment_count")
    check("  comments", [(c.id, c.message) for c in below.data], [(comment, "wie kan mij helpen?")])
    answer = api.post_object(comment, "comments", data={"message": "Bel 101."})
    check("  a comment", sandbox.answers_to(comment), ["Bel 101."])
    check("  that comment", api.comment.get_info(answer["id"], fields="id,message,created_time").message, "Bel 101.")

    both = api.comment.get_batch([comment, answer["id"]], fields="id,message")
    check("  both comments at once", both[comment].message, "wie kan mij helpen?")

    stranger = pyfacebook.FacebookApi(access_token="guessed", base_url=f"{sandbox.base}/")
    error = refuses("  a wrong token is refused", pyfacebook.FacebookError,
                    lambda: stranger.page.get_info(PAGE, fields="id"))
    check("  with its code", error.code, 190)


def pyfacebook_instagram(sandbox):
    account = sandbox.world()["instagram_account"]["id"]
    api = pyfacebook.IGBusinessApi(
        access_token=sandbox.secrets["facebook.token"], base_url=f"{sandbox.base}/", instagram_business_id=account,
        sleep_on_rate_limit=False)
    check("pyfacebook: the Instagram account", api.user.get_info(fields="id,username").username, "pz_voorbeeld")
    said = sandbox.say("instagram.comments", "cas", "wie kan mij helpen?")
    medium = api.user.get_media(fields="id,caption,timestamp,comments_count", count=5).data[0]
    below = api.media.get_comments(medium.id, fields="id,text,timestamp,username").data[0]
    check("  comments", (below.id, below.text, below.username),
          (said["message_id"], "wie kan mij helpen?", "cas"))
    answer = api.post_object(below.id, "replies", data={"message": "Bel 101."})
    check("  a reply", sandbox.answers_to(below.id), ["Bel 101."])
    check("  the replies", [r.id for r in api.comment.get_replies(below.id, fields="id,text").data], [answer["id"]])
    tag = sandbox.say("instagram.mentions", "bo", "@pz_voorbeeld kijk")["message_id"]
    check("  media that tag the account", [m.id for m in api.user.get_tagged_media(fields="id,caption").data], [tag])

    heard = sandbox.say("instagram.inbox", "els", "ik word gevolgd")
    fields = "id,updated_time,messages.limit(5){id,created_time,from,to,message}"
    thread = api.get_connection(PAGE, "conversations", fields=fields, platform="instagram")["data"][0]
    message = thread["messages"]["data"][0]
    check("  conversations with their messages", (message["id"], message["message"]),
          (heard["message_id"], "ik word gevolgd"))
    api.post_object(PAGE, "messages", data={
        "recipient": json.dumps({"id": message["from"]["id"]}), "message": json.dumps({"text": "Bel 101."})})
    check("  a message", sandbox.answers_to(heard["message_id"]), ["Bel 101."])


def main():
    failed = []
    for trial in (tweepy_x, xdk_x, pyfacebook_graph, pyfacebook_instagram):
        with StandIn(sys.argv[1]) as sandbox:
            try:
                trial(sandbox)
            except Exception:
                traceback.print_exc(limit=-3)
                print(f"FAILED  {trial.__name__}")
                failed.append(trial.__name__)
            for noted in sorted(set(sandbox.world()["violations"])):
                print(f"noted   {noted}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
