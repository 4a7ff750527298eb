#include "imapd/auth/sasl.h"

#include <gtest/gtest.h>

#include "imapd/auth/password.h"
#include "imapd/auth/users.h"

namespace imapd::auth {
namespace {

using Step = SaslExchange::Step;

std::string challenge(const Step& step) {
  const auto* held = std::get_if<SaslExchange::Challenge>(&step);
  return held != nullptr ? held->base64 : "no challenge";
}

Code error_code(const Step& step) {
  const auto* held = std::get_if<Error>(&step);
  EXPECT_NE(held, nullptr);
  return held != nullptr ? held->code : Code::kIo;
}

// authzid, authcid and password joined by |.
std::string credentials(const Step& step) {
  const auto* held = std::get_if<Credentials>(&step);
  return held != nullptr ? held->authzid + "|" + held->authcid + "|" + held->password : "no credentials";
}

std::string plain(const std::string& authzid, const std::string& authcid, const std::string& password) {
  return authzid + '\0' + authcid + '\0' + password;
}

TEST(Base64, VectorsOfRfc4648Section10) {
  const std::pair<std::string_view, std::string_view> vectors[] = {{"", ""},
                                                                   {"f", "Zg=="},
                                                                   {"fo", "Zm8="},
                                                                   {"foo", "Zm9v"},
                                                                   {"foob", "Zm9vYg=="},
                                                                   {"fooba", "Zm9vYmE="},
                                                                   {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : vectors) {
    EXPECT_EQ(base64_encode(bytes), text);
    EXPECT_EQ(base64_decode(text), bytes);
  }
}

TEST(Base64, EveryByteSurvives) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) {
    bytes += static_cast<char>(i);
    EXPECT_EQ(base64_decode(base64_encode(bytes)), bytes);
  }
}

TEST(Base64, OtherThanTheOneFormIsRefused) {
  for (const std::string_view text : {"Z", "Zg", "Zg=", "Zg===", "====", "=", "Zh==", "Zm9=", "Zg==Zg==", "Zm9v=",
                                      "Zm9v====", "Z=g=", "Zm 9", "Zm9v\n", "Zm9_", "Zm9-", " Zm9v", "Zm8\xc3"}) {
    EXPECT_FALSE(base64_decode(text)) << text;
  }
  EXPECT_FALSE(base64_decode(std::string_view("Zm9\0", 4)));
}

TEST(Mechanisms, AreKnownInAnyCase) {
  EXPECT_EQ(parse_mechanism("plain"), Mechanism::kPlain);
  EXPECT_EQ(parse_mechanism("LOGIN"), Mechanism::kLogin);
  EXPECT_FALSE(parse_mechanism("CRAM-MD5"));
  EXPECT_FALSE(parse_mechanism(""));
}

TEST(PlainMessage, ExamplesOfRfc4616Section4) {
  const auto tim = parse_plain(plain("", "tim", "tanstaaftanstaaf"));
  ASSERT_TRUE(tim);
  EXPECT_EQ(tim->authcid, "tim");
  EXPECT_EQ(tim->password, "tanstaaftanstaaf");
  EXPECT_TRUE(tim->acts_as_itself());
  const auto kurt = parse_plain(plain("Ursel", "Kurt", "xipj3plmq"));
  ASSERT_TRUE(kurt);
  EXPECT_EQ(kurt->authzid, "Ursel");
  EXPECT_FALSE(kurt->acts_as_itself());
}

TEST(PlainMessage, SameAuthorizationIdentityActsAsItself) {
  EXPECT_TRUE(parse_plain(plain("ann", "ann", "x"))->acts_as_itself());
}

TEST(PlainMessage, MalformedIsRefused) {
  const std::string cases[] = {"",
                               "ann",
                               std::string("\0ann", 4),
                               plain("", "", "x"),
                               plain("", "ann", ""),
                               plain("", "ann", std::string("a\0b", 3)),
                               plain("", "a\xff", "x"),
                               plain("\xc3", "ann", "x"),
                               plain("", "ann", "\xed\xa0\x80")};
  for (const std::string& message : cases) {
    const auto parsed = parse_plain(message);
    ASSERT_FALSE(parsed) << message;
    EXPECT_EQ(parsed.error().code, Code::kInvalidArgument);
  }
}

TEST(PlainMessage, PasswordsAreUtf8AtEveryLengthOfSequence) {
  for (const std::string_view good : {"\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
                                      "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_TRUE(parse_plain(plain("", "ann", std::string(good))));
  }
  for (const std::string_view bad :
       {"\x80", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2\x41", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xe1\x80",
        "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xf1\x80\x80"}) {
    EXPECT_FALSE(parse_plain(plain("", "ann", std::string(bad))));
  }
}

TEST(PlainExchange, AsksWithAnEmptyChallenge) {
  SaslExchange exchange(Mechanism::kPlain);
  EXPECT_EQ(challenge(exchange.start(std::nullopt)), "");
  EXPECT_EQ(credentials(exchange.respond("AGFubgBzZWNyZXQ=")), "|ann|secret");
}

TEST(PlainExchange, InitialResponseSavesTheRound) {
  SaslExchange exchange(Mechanism::kPlain);
  EXPECT_EQ(credentials(exchange.start("AGFubgBzZWNyZXQ=")), "|ann|secret");
}

TEST(LoginExchange, AsksForNameThenPassword) {
  SaslExchange exchange(Mechanism::kLogin);
  EXPECT_EQ(challenge(exchange.start(std::nullopt)), "VXNlcm5hbWU6");
  EXPECT_EQ(challenge(exchange.respond(base64_encode("ann"))), "UGFzc3dvcmQ6");
  EXPECT_EQ(credentials(exchange.respond(base64_encode("secret"))), "|ann|secret");
}

TEST(LoginExchange, InitialResponseIsTheName) {
  SaslExchange exchange(Mechanism::kLogin);
  EXPECT_EQ(challenge(exchange.start(base64_encode("ann"))), "UGFzc3dvcmQ6");
  EXPECT_EQ(credentials(exchange.respond(base64_encode("secret"))), "|ann|secret");
}

TEST(LoginExchange, EmptyNameOrPasswordIsRefused) {
  SaslExchange exchange(Mechanism::kLogin);
  exchange.start(std::nullopt);
  EXPECT_EQ(error_code(exchange.respond("")), Code::kInvalidArgument);
  exchange.start(base64_encode("ann"));
  EXPECT_EQ(error_code(exchange.respond("")), Code::kInvalidArgument);
}

TEST(SaslExchange, EmptyInitialResponseIsAResponse) {
  EXPECT_EQ(error_code(SaslExchange(Mechanism::kPlain).start("=")), Code::kInvalidArgument);
  EXPECT_EQ(error_code(SaslExchange(Mechanism::kLogin).start("=")), Code::kInvalidArgument);
}

TEST(SaslExchange, StarCancelsAnswerButNotInitialResponse) {
  for (const Mechanism mechanism : {Mechanism::kPlain, Mechanism::kLogin}) {
    SaslExchange exchange(mechanism);
    exchange.start(std::nullopt);
    EXPECT_EQ(error_code(exchange.respond("*")), Code::kAborted);
    EXPECT_EQ(error_code(exchange.start("*")), Code::kInvalidArgument);
  }
}

TEST(SaslExchange, ResponseThatIsNotBase64IsRefused) {
  SaslExchange exchange(Mechanism::kPlain);
  exchange.start(std::nullopt);
  EXPECT_EQ(error_code(exchange.respond("not base64")), Code::kInvalidArgument);
}

TEST(SaslExchange, ResponseAtTheLimitIsReadAndOnePastItIsRefused) {
  const std::string message = plain("", "ann", std::string(SaslExchange::kResponseBytesMax / 4 * 3 - 5, 'p'));
  const std::string longest = base64_encode(message);
  ASSERT_EQ(longest.size(), SaslExchange::kResponseBytesMax);
  SaslExchange exchange(Mechanism::kPlain);
  exchange.start(std::nullopt);
  EXPECT_NE(credentials(exchange.respond(longest)), "no credentials");
  EXPECT_EQ(error_code(exchange.respond(longest + "A")), Code::kInvalidArgument);
  const std::string user(kUserNameBytesMax, 'u');
  EXPECT_LE(base64_encode(plain(user, user, std::string(kPasswordBytesMax, 'p'))).size(), SaslExchange::kResponseBytesMax);
}

TEST(SaslExchange, ErrorsDoNotRepeatTheSecret) {
  SaslExchange exchange(Mechanism::kPlain);
  exchange.start(std::nullopt);
  const Step step = exchange.respond(base64_encode("hunter2"));
  EXPECT_EQ(std::get<Error>(step).message.find("hunter2"), std::string::npos);
}

}  // namespace
}  // namespace imapd::auth
