#include "imapd/auth/scram.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "imapd/auth/sasl.h"
#include "tests/support/scram_client.h"

namespace imapd::auth {
namespace {

using Binding = ScramServer::Binding;
using support::ScramClient;

constexpr unsigned kIterations = 4096;

std::string hmac(const std::string& key, const std::string& message) {
  std::string mac(32, '\0');
  unsigned length = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(message.data()), message.size(),
       reinterpret_cast<unsigned char*>(mac.data()), &length);
  return mac;
}

std::string sha256(const std::string& bytes) {
  std::string hash(32, '\0');
  EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(hash.data()), nullptr, EVP_sha256(), nullptr);
  return hash;
}

TEST(ScramKeys, ExampleOfRfc7677Section3) {
  const auto keys = make_scram_keys("pencil", *base64_decode("W22ZaJ0SNY7soEsUEjb6gQ=="), 4096);
  ASSERT_TRUE(keys);
  const std::string nonce = "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
  const std::string messages =
      "n=user,r=rOprNGfwEbeRWgbNEkqO,r=" + nonce + ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,c=biws,r=" + nonce;
  EXPECT_EQ(base64_encode(hmac(keys->server_key, messages)), "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
  // The client's proof hides the key whose hash the server keeps.
  std::string client_key = *base64_decode("dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
  const std::string signature = hmac(keys->stored_key, messages);
  for (std::size_t i = 0; i < client_key.size(); ++i) client_key[i] = static_cast<char>(client_key[i] ^ signature[i]);
  EXPECT_EQ(sha256(client_key), keys->stored_key);
}

TEST(ScramKeys, TextAndValueGoBothWays) {
  const auto keys = make_scram_keys("pencil", "0123456789abcdef", kIterations);
  const std::string text = to_text(*keys);
  EXPECT_TRUE(text.starts_with("SCRAM-SHA-256$4096:MDEyMzQ1Njc4OWFiY2RlZg==$")) << text;
  EXPECT_EQ(parse_scram_keys(text), keys);
}

TEST(ScramKeys, MalformedTextIsRefused) {
  const std::string key = base64_encode(std::string(32, 'k'));
  const std::string good = "SCRAM-SHA-256$4096:c2FsdA==$" + key + ":" + key;
  ASSERT_TRUE(parse_scram_keys(good));
  for (const std::string& text :
       {std::string(), std::string("SCRAM-SHA-256$"), "SCRAM-SHA-1$4096:c2FsdA==$" + key + ":" + key, good + "=", good + "$",
        "SCRAM-SHA-256$:c2FsdA==$" + key + ":" + key, "SCRAM-SHA-256$0:c2FsdA==$" + key + ":" + key,
        "SCRAM-SHA-256$-1:c2FsdA==$" + key + ":" + key, "SCRAM-SHA-256$99999999999:c2FsdA==$" + key + ":" + key,
        "SCRAM-SHA-256$4096:$" + key + ":" + key, "SCRAM-SHA-256$4096:c2FsdA==$AAAA:" + key, "SCRAM-SHA-256$4096:c2FsdA==$" + key + ":AAAA",
        "SCRAM-SHA-256$4096:c2FsdA==$" + key}) {
    EXPECT_FALSE(parse_scram_keys(text)) << text;
  }
}

TEST(ScramKeys, FreshSaltEachTimeAndSaslprepFirst) {
  const auto once = make_scram_keys("x");
  EXPECT_EQ(once->iterations, kScramIterations);
  EXPECT_EQ(once->salt.size(), kScramSaltBytes);
  EXPECT_NE(once->salt, make_scram_keys("x")->salt);
  // RFC 4013, section 3: SOFT HYPHEN is mapped to nothing, FEMININE ORDINAL INDICATOR to a.
  EXPECT_EQ(make_scram_keys("I\xc2\xadX", "salt", 1), make_scram_keys("IX", "salt", 1));
  EXPECT_EQ(make_scram_keys("\xc2\xaa", "salt", 1), make_scram_keys("a", "salt", 1));
  for (const std::string& none : {std::string("\x07"), std::string("\xff"), std::string("a\0b", 3), std::string("\xc2\xad"), std::string()}) {
    EXPECT_FALSE(make_scram_keys(none));
  }
}

class Scram : public testing::Test {
 protected:
  ScramServer::Find find() {
    return [this](const std::string& user) -> Result<ScramKeys> {
      asked_.push_back(user);
      if (broken_) return make_error(Code::kUnavailable, "the store is closed");
      return keys_;
    };
  }
  // "verified", or the error's message; and whether the client believes the server.
  std::string run(ScramClient& client, ScramServer& server) {
    std::string message = client.step("");
    while (true) {
      auto step = server.step(message);
      if (auto* challenge = std::get_if<ScramServer::Challenge>(&step)) {
        message = client.step(challenge->message);
        if (client.code() != GSASL_NEEDS_MORE) return "the client gave up";
      } else if (auto* verified = std::get_if<ScramServer::Verified>(&step)) {
        client.step(verified->message);
        return client.code() == GSASL_OK ? "verified" : "the client does not believe it";
      } else {
        return std::get<Error>(step).message;
      }
    }
  }
  const ScramKeys keys_ = *make_scram_keys("pencil", "0123456789abcdef", kIterations);
  std::vector<std::string> asked_;
  bool broken_ = false;
};

TEST_F(Scram, RightPasswordIsVerifiedAndTheClientBelievesIt) {
  ScramClient client("SCRAM-SHA-256", "user", "pencil");
  ScramServer server(Binding::kNone, "", find());
  EXPECT_EQ(run(client, server), "verified");
  EXPECT_EQ(server.user(), "user");
  EXPECT_EQ(server.authzid(), "");
  EXPECT_EQ(asked_, std::vector<std::string>{"user"});
}

TEST_F(Scram, AuthorizationIdentityIsHandedOn) {
  ScramClient client("SCRAM-SHA-256", "user", "pencil", "", "other,=one");
  ScramServer server(Binding::kNone, "", find());
  EXPECT_EQ(run(client, server), "verified");
  EXPECT_EQ(server.authzid(), "other,=one");
}

TEST_F(Scram, WrongPasswordIsRefused) {
  ScramClient client("SCRAM-SHA-256", "user", "pencils");
  ScramServer server(Binding::kNone, "", find());
  EXPECT_EQ(run(client, server), "wrong proof");
}

TEST_F(Scram, PlusBindsToTheConnection) {
  ScramClient client("SCRAM-SHA-256-PLUS", "user", "pencil", std::string(32, 'e'));
  ScramServer server(Binding::kExporter, std::string(32, 'e'), find());
  EXPECT_EQ(run(client, server), "verified");
}

TEST_F(Scram, PlusOnAnotherConnectionIsRefused) {
  ScramClient client("SCRAM-SHA-256-PLUS", "user", "pencil", std::string(32, 'f'));
  ScramServer server(Binding::kExporter, std::string(32, 'e'), find());
  EXPECT_EQ(run(client, server), "wrong proof");
}

TEST_F(Scram, BindingIsNeitherForcedOnNorForgotten) {
  ScramClient without("SCRAM-SHA-256", "user", "pencil");
  ScramServer plus(Binding::kExporter, std::string(32, 'e'), find());
  EXPECT_NE(run(without, plus), "verified");
  ScramClient with("SCRAM-SHA-256-PLUS", "user", "pencil", std::string(32, 'e'));
  ScramServer plain(Binding::kNone, std::string(32, 'e'), find());
  EXPECT_NE(run(with, plain), "verified");
  ScramServer plain_on_nothing(Binding::kNone, "", find());
  ScramClient again("SCRAM-SHA-256-PLUS", "user", "pencil", std::string(32, 'e'));
  EXPECT_NE(run(again, plain_on_nothing), "verified");
}

TEST_F(Scram, ClientWithoutBindingIsTakenWhereBindingIsPossible) {
  ScramClient client("SCRAM-SHA-256", "user", "pencil");
  ScramServer server(Binding::kNone, std::string(32, 'e'), find());
  EXPECT_EQ(run(client, server), "verified");
}

TEST_F(Scram, ClientThatWasToldThereIsNoBindingIsRefused) {
  ScramServer server(Binding::kNone, std::string(32, 'e'), find());
  const auto step = server.step("y,,n=user,r=rOprNGfwEbeRWgbNEkqO");
  EXPECT_EQ(std::get<Error>(step).code, Code::kPermissionDenied);
  EXPECT_TRUE(asked_.empty());
  ScramServer unable(Binding::kNone, "", find());
  EXPECT_TRUE(std::holds_alternative<ScramServer::Challenge>(unable.step("y,,n=user,r=rOprNGfwEbeRWgbNEkqO")));
}

TEST_F(Scram, FirstMessagesOfRfc7677Section3) {
  ScramServer server(Binding::kNone, "", find());
  const auto step = server.step("n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
  const std::string& challenge = std::get<ScramServer::Challenge>(step).message;
  EXPECT_TRUE(challenge.starts_with("r=rOprNGfwEbeRWgbNEkqO")) << challenge;
  EXPECT_TRUE(challenge.ends_with(",s=" + base64_encode("0123456789abcdef") + ",i=4096")) << challenge;
  EXPECT_GE(challenge.size(), std::string("r=rOprNGfwEbeRWgbNEkqO,s=,i=4096").size() + 24 + 18) << "a nonce of our own";
}

TEST_F(Scram, MalformedMessagesAreRefused) {
  for (const std::string& message :
       {std::string(), std::string("n"), std::string("n,,"), std::string("n,,n=user"), std::string("n,,n=,r=x"), std::string("n,,r=x,n=user"),
        std::string("n,,m=x,n=user,r=x"), std::string("x,,n=user,r=x"), std::string("n,,n=user,r=x\0", 14)}) {
    ScramServer server(Binding::kNone, "", find());
    const auto step = server.step(message);
    EXPECT_TRUE(std::holds_alternative<Error>(step)) << message;
  }
  for (const std::string message : {"", "c=biws", "c=biws,r=x,p=AAAA", "c=,r=,p="}) {
    ScramServer server(Binding::kNone, "", find());
    server.step("n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
    EXPECT_TRUE(std::holds_alternative<Error>(server.step(message))) << message;
    EXPECT_TRUE(std::holds_alternative<Error>(server.step(message))) << "and stays so: " << message;
  }
}

TEST_F(Scram, ErrorOfFindIsHandedOn) {
  broken_ = true;
  ScramServer server(Binding::kNone, "", find());
  EXPECT_EQ(std::get<Error>(server.step("n,,n=user,r=rOprNGfwEbeRWgbNEkqO")).code, Code::kUnavailable);
}

}  // namespace
}  // namespace imapd::auth
