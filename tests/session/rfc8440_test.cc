// The conversations of RFC 8440, section 4, as they go here.
#include <gtest/gtest.h>

#include "tests/session/conversation.h"

namespace imapd::session {
namespace {

TEST(Rfc8440, Section4RightsOfAllThatIsListed) {
  Server server;
  server.make_queue("bar/inner", {{"ann", "l"}});
  server.make_queue("foo", {{"ann", "lrs"}});
  Client ann(server, "ann");
  converse(ann, R"~(
    C: A01 LIST "" % RETURN (MYRIGHTS)
    S: * LIST (\HasChildren) "/" INBOX
    S: * MYRIGHTS INBOX lrswipkxteacd
    S: * LIST (\NonExistent \HasChildren) "/" bar
    S: * LIST (\HasNoChildren) "/" foo
    S: * MYRIGHTS foo lrs
    S: A01 OK ...
  )~");
}

TEST(Rfc8440, Section4NoRightsOfWhatIsListedForItsChildren) {
  Server server;
  server.make_queue("foo", {{"ann", "lrs"}});
  server.make_queue("foo/bar", {{"ann", "l"}});
  Client ann(server, "ann");
  converse(ann, R"~(
    C: a SUBSCRIBE INBOX
    S: a OK ...
    C: b SUBSCRIBE foo/bar
    S: b OK ...
    C: A02 LIST (SUBSCRIBED RECURSIVEMATCH) "" % RETURN (MYRIGHTS)
    S: * LIST (\HasChildren \Subscribed) "/" INBOX
    S: * MYRIGHTS INBOX lrswipkxteacd
    S: * LIST (\HasChildren) "/" foo ("CHILDINFO" ("SUBSCRIBED"))
    S: A02 OK ...
  )~");
}

TEST(Rfc8440, RightsAreThoseOfTheUser) {
  Server server;
  server.make_queue("foo", {{"ann", "lr"}, {"bob", "li"}});
  Client ann(server, "ann");
  Client bob(server, "bob");
  Client admin(server, "admin");
  converse({&ann, &bob, &admin}, R"~(
    C1: a LIST "" foo RETURN (MYRIGHTS)
    S1: * LIST (\HasNoChildren) "/" foo
    S1: * MYRIGHTS foo lr
    S1: a OK ...
    C2: b LIST "" foo RETURN (MYRIGHTS)
    S2: * LIST (\HasNoChildren) "/" foo
    S2: * MYRIGHTS foo li
    S2: b OK ...
    C3: c SETACL foo ann -l
    S3: c OK ...
    C1: d LIST "" foo RETURN (MYRIGHTS)
    S1: d OK ...
  )~");
}

}  // namespace
}  // namespace imapd::session
