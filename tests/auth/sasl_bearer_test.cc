#include "imapd/auth/sasl_bearer.h"

#include <gtest/gtest.h>

#include "imapd/auth/sasl.h"
#include "imapd/auth/token_verifier.h"
#include "imapd/base/limits.h"

namespace imapd::auth {
namespace {

// `^A` for the separator.
std::string message(std::string text) {
  for (std::size_t at; (at = text.find("^A")) != std::string::npos;) text.replace(at, 2, 1, '\x01');
  return text;
}

// authzid|token
std::string oauthbearer(const std::string& text) {
  const auto parsed = parse_oauthbearer(message(text));
  return parsed ? parsed->authzid + "|" + parsed->token : "malformed";
}
std::string xoauth2(const std::string& text) {
  const auto parsed = parse_xoauth2(message(text));
  return parsed ? parsed->authzid + "|" + parsed->token : "malformed";
}

TEST(OauthBearer, MessagesOfRfc7628Section4) {
  EXPECT_EQ(oauthbearer("n,a=user@example.com,^Ahost=server.example.com^Aport=143^Aauth=Bearer vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==^A^A"),
            "user@example.com|vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==");
  EXPECT_EQ(oauthbearer("n,a=user@example.com,^Ahost=server.example.com^Aport=143^Aauth=^A^A"), "user@example.com|");
}

TEST(OauthBearer, NameIsOptionalAndUnescaped) {
  EXPECT_EQ(oauthbearer("n,,^Aauth=Bearer t^A^A"), "|t");
  EXPECT_EQ(oauthbearer("y,,^Aauth=bearer t^A^A"), "|t");
  EXPECT_EQ(oauthbearer("n,a=a=2Cb=3Dc,^AAUTH=BEARER   t^A^A"), "a,b=c|t");
}

TEST(OauthBearer, UnknownKeysAreSkippedAndOtherSchemesHaveNoToken) {
  EXPECT_EQ(oauthbearer("n,,^Aqs=a=b=c^Aauth=Bearer t^Amthd=^A^A"), "|t");
  EXPECT_EQ(oauthbearer("n,,^Aauth=Basic dDp0^A^A"), "|");
  EXPECT_EQ(oauthbearer("n,,^Aauth=Bearer^A^A"), "|");
}

TEST(OauthBearer, MalformedIsRefused) {
  for (const char* text :
       {"", "^A", "^A^A", "n,,", "n,,^A", "n,,^A^A", "n,,^Aauth=Bearer t", "n,,^Aauth=Bearer t^A", "n,,^Aauth=Bearer t^A^A^A",
        "n,,^Aauth=Bearer t^A^Ax", "n,^Aauth=Bearer t^A^A", ",,^Aauth=Bearer t^A^A", "p=tls-exporter,,^Aauth=Bearer t^A^A",
        "F,n,,^Aauth=Bearer t^A^A", "n,b=x,^Aauth=Bearer t^A^A", "n,a=,^Aauth=Bearer t^A^A", "n,a=x=2c,^Aauth=Bearer t^A^A",
        "n,a=x=,^Aauth=Bearer t^A^A", "n,a=x,y,^Aauth=Bearer t^A^A", "n,,^Aauth^A^A", "n,,^A=x^Aauth=Bearer t^A^A",
        "n,,^Aa1=x^Aauth=Bearer t^A^A", "n,,^Ahost=h^A^A", "n,,^Aauth=Bearer t^Aauth=Bearer u^A^A",
        "n,,^Aauth=Bearer \xc3\xa4^A^A", "n,,^Aauth=Bearer \x7f^A^A"}) {
    EXPECT_EQ(oauthbearer(text), "malformed") << text;
  }
  EXPECT_FALSE(parse_oauthbearer(std::string("n,,\x01" "auth=Bearer \0\x01\x01", 18)));
}

TEST(Xoauth2, MessageOfGooglesDocument) {
  EXPECT_EQ(xoauth2("user=someuser@example.com^Aauth=Bearer ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg^A^A"),
            "someuser@example.com|ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg");
}

TEST(Xoauth2, MalformedIsRefused) {
  for (const char* text : {"", "^A", "user=^Aauth=Bearer t^A^A", "auth=Bearer t^A^A", "n,,^Aauth=Bearer t^A^A", "user=u^Aauth=Bearer t^A",
                           "user=u^A^A", "user=u"}) {
    EXPECT_EQ(xoauth2(text), "malformed") << text;
  }
}

TEST(BearerRefusal, NamesWhereTokensCanBeGot) {
  EXPECT_EQ(oauthbearer_refusal("claimq-tests"), R"({"status":"invalid_token"})");
  EXPECT_EQ(oauthbearer_refusal("https://example.com/"),
            R"({"openid-configuration":"https://example.com/.well-known/openid-configuration","status":"invalid_token"})");
  EXPECT_EQ(xoauth2_refusal("x"), R"({"schemes":"bearer","status":"401"})");
}

TEST(BearerExchange, ResponseAtTheLimitIsReadAndOnePastItIsRefused) {
  const std::string frame = message("n,,^Aauth=Bearer ^A^A");
  const std::size_t bytes = SaslExchange::kBearerResponseBytesMax / 4 * 3;
  const std::string token(bytes - frame.size(), 't');
  const std::string longest = base64_encode(message("n,,^Aauth=Bearer " + token + "^A^A"));
  ASSERT_EQ(longest.size(), SaslExchange::kBearerResponseBytesMax);
  EXPECT_EQ(std::get<BearerCredentials>(SaslExchange(Mechanism::kOauthBearer).start(longest)).token, token);
  EXPECT_EQ(std::get<Error>(SaslExchange(Mechanism::kOauthBearer).start(longest + "AAAA")).message, "the response is too long");
  EXPECT_LT(SaslExchange::kBearerResponseBytesMax + 100, limits::kPreLoginLineBytesMax);
  EXPECT_GT(token.size(), TokenVerifier::kTokenBytesMax + 500) << "with a name and a host";
}

TEST(BearerExchange, AsksWithAnEmptyChallenge) {
  for (const Mechanism mechanism : {Mechanism::kOauthBearer, Mechanism::kXoauth2}) {
    SaslExchange exchange(mechanism);
    EXPECT_EQ(std::get<SaslExchange::Challenge>(exchange.start(std::nullopt)).base64, "");
    EXPECT_EQ(std::get<Error>(exchange.respond("*")).code, Code::kAborted);
  }
  EXPECT_EQ(parse_mechanism("oauthbearer"), Mechanism::kOauthBearer);
  EXPECT_EQ(parse_mechanism("XOAuth2"), Mechanism::kXoauth2);
}

}  // namespace
}  // namespace imapd::auth
