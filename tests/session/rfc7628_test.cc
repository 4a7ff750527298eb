#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "imapd/auth/sasl.h"
#include "imapd/auth/token_verifier.h"
#include "tests/session/conversation.h"
#include "tests/session/tls_client.h"
#include "tests/support/token_issuer.h"

// OAUTHBEARER (RFC 7628), and XOAUTH2 that was before it.
namespace imapd::session {
namespace {

using support::TokenIssuer;
using testing::HasSubstr;
using testing::Not;

class Bearer : public testing::Test {
 protected:
  Bearer() {
    issuer_.write_secret("key");
    auto opened = auth::TokenVerifier::open({issuer_.folder(), "https://example.com", "", "sub"});
    CHECK(opened.has_value());
    verifier_ = std::move(*opened);
    server_ = std::make_unique<Server>(SessionOptions{}, nullptr, nullptr, verifier_.get());
  }
  std::string token(const std::string& user, long seconds = 300) {
    const auto now = std::chrono::floor<std::chrono::seconds>(server_->clock().now()).time_since_epoch().count();
    return TokenIssuer::sign_hs256("{\"iss\":\"https://example.com\",\"sub\":\"" + user + "\",\"exp\":" + std::to_string(now + seconds) +
                                   "}");
  }
  static std::string oauthbearer(const std::string& user, const std::string& authorization) {
    const std::string name = user.empty() ? "" : "a=" + user;
    return auth::base64_encode("n," + name + ",\x01host=server.example.com\x01port=143\x01" "auth=" + authorization + "\x01\x01");
  }
  static std::string xoauth2(const std::string& user, const std::string& token) {
    return auth::base64_encode("user=" + user + "\x01" "auth=Bearer " + token + "\x01\x01");
  }
  TokenIssuer issuer_;
  std::unique_ptr<auth::TokenVerifier> verifier_;
  std::unique_ptr<Server> server_;
};

const std::string kRefusal =
    auth::base64_encode(R"({"openid-configuration":"https://example.com/.well-known/openid-configuration","status":"invalid_token"})");

TEST_F(Bearer, Section4_1_SuccessfulExchange) {
  Client client(*server_);
  converse(client, R"(
    C: t0 CAPABILITY
    S: * CAPABILITY IMAP4rev1 ... SASL-IR ... AUTH=OAUTHBEARER AUTH=XOAUTH2 ...
    S: t0 OK ...
    C: t1 AUTHENTICATE OAUTHBEARER )" + oauthbearer("ann", "Bearer " + token("ann")) + R"(
    S: t1 OK [CAPABILITY IMAP4rev1 ...] ...
    C: t2 SELECT INBOX
  )");
}

TEST_F(Bearer, SchemeIsTakenInAnyCaseAndNameMayBeLeftOut) {
  for (const std::string scheme : {"Bearer ", "bearer ", "BEARER ", "BeArEr "}) {
    Client client(*server_);
    EXPECT_TRUE(client.command("AUTHENTICATE oauthbearer " + oauthbearer("", scheme + token("bob"))).tagged.starts_with("OK")) << scheme;
  }
}

TEST_F(Bearer, WithoutInitialResponse) {
  Client client(*server_);
  converse(client, R"(
    C: t1 AUTHENTICATE OAUTHBEARER
    S: + ...
    C: )" + oauthbearer("ann", "Bearer " + token("ann")) + R"(
    S: t1 OK ...
  )");
}

TEST_F(Bearer, Section4_3_FailedExchange) {
  Client client(*server_);
  converse(client, R"(
    C: t1 AUTHENTICATE OAUTHBEARER bixhPXVzZXJAZXhhbXBsZS5jb20sAWhvc3Q9c2VydmVyLmV4YW1wbGUuY29tAXBvcnQ9MTQzAWF1dGg9AQE=
    S: + )" + kRefusal + R"(
    C: AQ==
    S: t1 NO [AUTHENTICATIONFAILED] ...
    C: t2 AUTHENTICATE OAUTHBEARER bixhPXVzZXJAZXhhbXBsZS5jb20sAWhvc3Q9c2VydmVyLmV4YW1wbGUuY29tAXBvcnQ9MTQzAWF1dGg9AQE=
    S: + )" + kRefusal + R"(
    C: *
    S: t2 NO [AUTHENTICATIONFAILED] ...
    C: t3 LOGIN ann pw
    S: t3 OK ...
  )");
}

TEST_F(Bearer, TokenThatIsNotValidIsRefusedAlikeWhateverIsWrong) {
  // Section 4.1's own token is none of ours.
  for (const std::string& bad : {token("ann", -300), token("eve"), token("ann") + "x", std::string("vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==")}) {
    Client client(*server_);
    converse(client, R"(
      C: t1 AUTHENTICATE OAUTHBEARER )" + oauthbearer("ann", "Bearer " + bad) + R"(
      S: + )" + kRefusal + R"(
      C: AQ==
      S: t1 NO [AUTHENTICATIONFAILED] The token is not valid here
      C: t2 SELECT INBOX
      S: t2 BAD ...
    )");
  }
}

TEST_F(Bearer, NobodyActsAsAnother) {
  Client client(*server_);
  converse(client, R"(
    C: t1 AUTHENTICATE OAUTHBEARER )" + oauthbearer("bob", "Bearer " + token("ann")) + R"(
    S: t1 NO [AUTHORIZATIONFAILED] ...
    C: t2 AUTHENTICATE XOAUTH2 )" + xoauth2("bob", token("ann")) + R"(
    S: t2 NO [AUTHORIZATIONFAILED] ...
  )");
}

TEST_F(Bearer, MalformedMessageIsBad) {
  Client client(*server_);
  converse(client, R"(
    C: t1 AUTHENTICATE OAUTHBEARER AQ==
    S: t1 BAD ...
    C: t2 AUTHENTICATE OAUTHBEARER =
    S: t2 BAD ...
    C: t3 AUTHENTICATE OAUTHBEARER
    S: + ...
    C: *
    S: t3 BAD ...
    C: t4 AUTHENTICATE XOAUTH2 bm90IHhvYXV0aDI=
    S: t4 BAD ...
  )");
}

TEST_F(Bearer, TokenOfTheLargestSizeFits) {
  const auto now = std::chrono::floor<std::chrono::seconds>(server_->clock().now()).time_since_epoch().count();
  std::string largest;
  for (std::size_t fill = 0;; ++fill) {
    const std::string next = TokenIssuer::sign_hs256("{\"iss\":\"https://example.com\",\"sub\":\"ann\",\"exp\":" + std::to_string(now + 9) +
                                                     ",\"x\":\"" + std::string(fill, 'x') + "\"}");
    if (next.size() > auth::TokenVerifier::kTokenBytesMax) break;
    largest = next;
  }
  Client client(*server_);
  EXPECT_TRUE(client.command("AUTHENTICATE OAUTHBEARER " + oauthbearer("ann", "Bearer " + largest)).tagged.starts_with("OK"));
}

TEST_F(Bearer, Xoauth2) {
  Client client(*server_);
  converse(client, R"(
    C: t1 AUTHENTICATE XOAUTH2 )" + xoauth2("ann", token("ann", -300)) + R"(
    S: + )" + auth::base64_encode(auth::xoauth2_refusal("https://example.com")) + R"(
    C:
    S: t1 NO [AUTHENTICATIONFAILED] ...
    C: t2 AUTHENTICATE XOAUTH2 )" + xoauth2("ann", token("ann")) + R"(
    S: t2 OK [CAPABILITY ...] ...
  )");
}

TEST(BearerNotOffered, WithoutKeys) {
  Server server;
  Client client(server);
  EXPECT_THAT(client.greeting(), Not(HasSubstr("OAUTH")));
  EXPECT_TRUE(client.command("AUTHENTICATE OAUTHBEARER").tagged.starts_with("NO"));
  EXPECT_TRUE(client.command("AUTHENTICATE XOAUTH2").tagged.starts_with("NO"));
}

TEST_F(Bearer, NotOfferedInTheClear) {
  SessionOptions options;
  options.loopback_is_private = false;
  Server server(options, nullptr, nullptr, verifier_.get());
  Client client(server);
  EXPECT_THAT(client.greeting(), Not(HasSubstr("AUTH=")));
  EXPECT_THAT(client.command("AUTHENTICATE OAUTHBEARER " + oauthbearer("ann", "Bearer " + token("ann"))).tagged,
              testing::StartsWith("NO [PRIVACYREQUIRED]"));
}

}  // namespace
}  // namespace imapd::session
