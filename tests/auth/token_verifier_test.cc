#include "imapd/auth/token_verifier.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "imapd/auth/users.h"
#include "tests/support/token_issuer.h"

namespace imapd::auth {
namespace {

using support::base64url;
using support::TokenIssuer;

constexpr long kNowSeconds = 1'700'000'000;
constexpr Timestamp kNow{std::chrono::seconds(kNowSeconds)};
constexpr char kIssuer[] = "https://id.example.org";

std::string claims(const std::string& more = "", long expires = kNowSeconds + 300) {
  return "{\"iss\":\"" + std::string(kIssuer) + "\",\"sub\":\"ann\",\"exp\":" + std::to_string(expires) + more + "}";
}

class Tokens : public testing::Test {
 protected:
  TokenVerifier& open(const std::string& audience = "", const std::string& claim = "sub") {
    auto opened = TokenVerifier::open({issuer_.folder(), kIssuer, audience, claim});
    CHECK(opened.has_value());
    verifier_ = std::move(*opened);
    return *verifier_;
  }
  // The user, or what is wrong.
  std::string verify(const std::string& token) {
    if (!verifier_) open();
    const auto user = verifier_->verify(token, kNow);
    if (!user) { EXPECT_EQ(user.error().code, Code::kPermissionDenied); }
    return user ? *user : user.error().message;
  }
  TokenIssuer issuer_;
  std::unique_ptr<TokenVerifier> verifier_;
};

std::string opened(const std::string& keys) {
  const auto done = TokenVerifier::open({keys, kIssuer, "", "sub"});
  return done ? "ok" : done.error().message;
}

TEST_F(Tokens, SignedByAnyKindOfKeyNameTheirUser) {
  issuer_.write_secret("hs");
  issuer_.write_pair("rsa", "2048");
  issuer_.write_pair("p256", "P-256");
  issuer_.write_pair("p384", "P-384");
  issuer_.write_pair("p521", "P-521");
  EXPECT_EQ(verify(TokenIssuer::sign_hs256(claims(), TokenIssuer::kSecret, R"("kid":"hs")")), "ann");
  EXPECT_EQ(verify(issuer_.sign(claims(), "rsa", JWT_ALG_RS256)), "ann");
  EXPECT_EQ(verify(issuer_.sign(claims(), "rsa", JWT_ALG_RS512)), "ann");
  EXPECT_EQ(verify(issuer_.sign(claims(), "p256", JWT_ALG_ES256)), "ann");
  EXPECT_EQ(verify(issuer_.sign(claims(), "p384", JWT_ALG_ES384)), "ann");
  EXPECT_EQ(verify(issuer_.sign(claims(), "p521", JWT_ALG_ES512)), "ann");
}

TEST_F(Tokens, TypeIsJwtInAnyCaseOrNotThere) {
  issuer_.write_secret("k");
  EXPECT_EQ(verify(TokenIssuer::sign_hs256(claims(), TokenIssuer::kSecret, R"("typ":"JWT")")), "ann");
  EXPECT_EQ(verify(TokenIssuer::sign_hs256(claims(), TokenIssuer::kSecret, R"("typ":"jwt")")), "ann");
}

TEST_F(Tokens, UnsignedOnesAreRefusedInEverySpelling) {
  issuer_.write_secret("k");
  for (const std::string algorithm : {"none", "None", "NONE", "nOnE", ""}) {
    const std::string input = base64url("{\"alg\":\"" + algorithm + "\"}") + "." + base64url(claims());
    EXPECT_NE(verify(input + "."), "ann") << algorithm;
    EXPECT_NE(verify(input), "ann") << algorithm;
    EXPECT_NE(verify(TokenIssuer::sign_hs256(claims(), TokenIssuer::kSecret, "", algorithm)), "ann") << algorithm;
  }
  EXPECT_NE(verify(base64url("{}") + "." + base64url(claims()) + "."), "ann");
}

TEST_F(Tokens, PublicKeyIsNoSecret) {
  issuer_.write_pair("rsa", "2048");
  const std::string forged = TokenIssuer::sign_hs256(claims(), issuer_.public_key("rsa"), R"("kid":"rsa")");
  EXPECT_EQ(verify(forged), "signed by an algorithm that is not the key's");
}

TEST_F(Tokens, AlgorithmIsOneOfTheKeysKind) {
  issuer_.write_secret("k");
  for (const std::string algorithm : {"HS384", "HS512", "hs256", "RS256", "ES256", "PS256", "EdDSA"}) {
    EXPECT_NE(verify(TokenIssuer::sign_hs256(claims(), TokenIssuer::kSecret, "", algorithm)), "ann") << algorithm;
  }
}

TEST_F(Tokens, WithAChangedBitAreRefused) {
  issuer_.write_secret("k");
  const std::string good = TokenIssuer::sign_hs256(claims());
  ASSERT_EQ(verify(good), "ann");
  for (std::size_t at = 0; at + 1 < good.size(); at += 3) {
    std::string changed = good;
    changed[at] = changed[at] == 'A' ? 'B' : 'A';
    if (changed != good) { EXPECT_NE(verify(changed), "ann") << at; }
  }
  EXPECT_NE(verify(TokenIssuer::sign_hs256(claims(), "another secret, just as long as it")), "ann");
}

TEST_F(Tokens, MalformedOnesAreRefused) {
  issuer_.write_secret("k");
  const std::string good = TokenIssuer::sign_hs256(claims());
  for (const std::string& bad : {std::string(), std::string("."), std::string(".."), std::string("..."), good + ".", good + "=",
                                 good + " ", good + std::string(1, '\0'), " " + good, good.substr(0, good.rfind('.') + 1),
                                 good.substr(good.find('.')), base64url("[]") + "." + base64url("[]") + ".AAAA"}) {
    EXPECT_NE(verify(bad), "ann") << bad;
  }
}

TEST_F(Tokens, AreTakenAtTheSizeLimitAndRefusedOnePast) {
  issuer_.write_secret("k");
  // Four characters of the token for three of the claims; the last one is of the header.
  std::size_t fill = 0;
  std::string token;
  std::string shorter;
  while ((token = TokenIssuer::sign_hs256(claims(",\"x\":\"" + std::string(fill, 'x') + "\""))).size() <= TokenVerifier::kTokenBytesMax) {
    shorter = token;
    ++fill;
  }
  EXPECT_GE(shorter.size() + 2, TokenVerifier::kTokenBytesMax);
  EXPECT_EQ(verify(shorter), "ann");
  EXPECT_EQ(verify(token), "too long");
}

TEST_F(Tokens, ExpireWithSomeLeeway) {
  issuer_.write_secret("k");
  const long leeway = TokenVerifier::kLeeway.count();
  EXPECT_EQ(verify(TokenIssuer::sign_hs256(claims("", kNowSeconds - leeway + 1))), "ann");
  EXPECT_EQ(verify(TokenIssuer::sign_hs256(claims("", kNowSeconds - leeway))), "expired, or without exp");
  EXPECT_EQ(verify(TokenIssuer::sign_hs256("{\"iss\":\"" + std::string(kIssuer) + "\",\"sub\":\"ann\"}")), "expired, or without exp");
  for (const std::string expires : {"\"2000000000\"", "true", "null", "[2000000000]", "-1", "0"}) {
    EXPECT_EQ(verify(TokenIssuer::sign_hs256("{\"iss\":\"" + std::string(kIssuer) + "\",\"sub\":\"ann\",\"exp\":" + expires + "}")),
              "expired, or without exp") << expires;
  }
  EXPECT_EQ(verify(TokenIssuer::sign_hs256("{\"iss\":\"" + std::string(kIssuer) + "\",\"sub\":\"ann\",\"exp\":1700000000.5}")), "ann");
}

TEST_F(Tokens, AreNotTakenTooEarly) {
  issuer_.write_secret("k");
  const long leeway = TokenVerifier::kLeeway.count();
  EXPECT_EQ(verify(TokenIssuer::sign_hs256(claims(",\"nbf\":" + std::to_string(kNowSeconds + leeway)))), "ann");
  EXPECT_EQ(verify(TokenIssuer::sign_hs256(claims(",\"nbf\":" + std::to_string(kNowSeconds + leeway + 1)))), "not valid yet");
  EXPECT_EQ(verify(TokenIssuer::sign_hs256(claims(",\"nbf\":\"soon\""))), "not valid yet");
}

TEST_F(Tokens, AreOfOurIssuer) {
  issuer_.write_secret("k");
  EXPECT_EQ(verify(TokenIssuer::sign_hs256(R"({"iss":"https://evil.example.org","sub":"ann","exp":2000000000})")), "of another issuer");
  EXPECT_EQ(verify(TokenIssuer::sign_hs256(R"({"sub":"ann","exp":2000000000})")), "of another issuer");
  EXPECT_EQ(verify(TokenIssuer::sign_hs256(R"({"iss":["https://id.example.org"],"sub":"ann","exp":2000000000})")), "of another issuer");
}

TEST_F(Tokens, AreForOurAudience) {
  issuer_.write_secret("k");
  EXPECT_EQ(verify(TokenIssuer::sign_hs256(claims(R"(,"aud":"web")"))), "ann") << "any audience will do when none is configured";
  open("claimq");
  EXPECT_EQ(verify(TokenIssuer::sign_hs256(claims(R"(,"aud":"claimq")"))), "ann");
  EXPECT_EQ(verify(TokenIssuer::sign_hs256(claims(R"(,"aud":["web","claimq"])"))), "ann");
  for (const std::string audience : {"", R"(,"aud":"claimq2")", R"(,"aud":[])", R"(,"aud":["web",1])", R"(,"aud":{"claimq":1})"}) {
    EXPECT_EQ(verify(TokenIssuer::sign_hs256(claims(audience))), "for another audience") << audience;
  }
}

TEST_F(Tokens, ClaimThatNamesTheUserIsConfigured) {
  issuer_.write_secret("k");
  open("", "email");
  EXPECT_EQ(verify(TokenIssuer::sign_hs256(claims(R"(,"email":"ann@example.org")"))), "ann@example.org");
  EXPECT_EQ(verify(TokenIssuer::sign_hs256(claims())), "without the claim that names the user");
  EXPECT_EQ(verify(TokenIssuer::sign_hs256(claims(R"(,"email":1)"))), "without the claim that names the user");
}

TEST_F(Tokens, ThatAskForAnExtensionAreRefused) {
  issuer_.write_secret("k");
  EXPECT_EQ(verify(TokenIssuer::sign_hs256(claims(), TokenIssuer::kSecret, R"("crit":["exp"])")), "asks for an extension");
  EXPECT_EQ(verify(TokenIssuer::sign_hs256(claims(), TokenIssuer::kSecret, R"("crit":"b64")")), "asks for an extension");
}

TEST_F(Tokens, KeyIsTheOneNamed) {
  issuer_.write_pair("a", "P-256");
  issuer_.write_pair("b", "P-256");
  issuer_.write_secret("s");
  EXPECT_EQ(verify(issuer_.sign(claims(), "a", JWT_ALG_ES256)), "ann");
  std::string swapped = issuer_.sign(claims(), "a", JWT_ALG_ES256);
  swapped.replace(0, swapped.find('.'), base64url(R"({"alg":"ES256","kid":"b","typ":"JWT"})"));
  EXPECT_EQ(verify(swapped), "wrong signature");
  const std::string secret = TokenIssuer::kSecret;
  for (const std::string header : {"", R"("kid":"c")", R"("kid":"")", R"("kid":7)", R"("kid":"../s")", R"("kid":"s.secret")"}) {
    EXPECT_EQ(verify(TokenIssuer::sign_hs256(claims(), secret, header)), "of a key that is not known") << header;
  }
  EXPECT_EQ(verify(TokenIssuer::sign_hs256(claims(), secret, R"("kid":"s")")), "ann");
}

TEST_F(Tokens, OnlyKeyOfAFolderServesTokensWithoutKidAndAFileServesAll) {
  issuer_.write_secret("s");
  EXPECT_EQ(verify(TokenIssuer::sign_hs256(claims())), "ann");
  EXPECT_EQ(verify(TokenIssuer::sign_hs256(claims(), TokenIssuer::kSecret, R"("kid":"other")")), "of a key that is not known");
  verifier_ = *TokenVerifier::open({issuer_.folder() + "/s.secret", kIssuer, "", "sub"});
  EXPECT_EQ(verify(TokenIssuer::sign_hs256(claims(), TokenIssuer::kSecret, R"("kid":"other")")), "ann");
}

TEST_F(Tokens, ReloadTakesNewKeysAndKeepsTheOldOnesWhenTheNewAreWrong) {
  issuer_.write_secret("s");
  TokenVerifier& verifier = open();
  const std::string next = "the secret that comes after that one";
  issuer_.write_secret("s", next);
  EXPECT_EQ(verify(TokenIssuer::sign_hs256(claims(), next)), "wrong signature");
  ASSERT_TRUE(verifier.reload());
  EXPECT_EQ(verify(TokenIssuer::sign_hs256(claims(), next)), "ann");
  EXPECT_EQ(verify(TokenIssuer::sign_hs256(claims())), "wrong signature");
  issuer_.write_secret("s", "short");
  EXPECT_EQ(verifier.reload().error().code, Code::kInvalidArgument);
  EXPECT_EQ(verify(TokenIssuer::sign_hs256(claims(), next)), "ann");
}

TEST_F(Tokens, RulesMustBeSet) {
  issuer_.write_secret("s");
  EXPECT_FALSE(TokenVerifier::open({issuer_.folder(), "", "", "sub"}));
  EXPECT_FALSE(TokenVerifier::open({issuer_.folder(), kIssuer, "", ""}));
}

TEST_F(Tokens, KeysThatAreNotGoodEnoughAreRefused) {
  EXPECT_EQ(opened(issuer_.folder()), issuer_.folder() + ": holds no key");
  EXPECT_EQ(opened(issuer_.folder() + "/none.pem"), issuer_.folder() + "/none.pem: cannot be opened");
  const auto refuses = [this](const std::string& name, std::string_view bytes, const std::string& why) {
    issuer_.write(name, bytes);
    EXPECT_EQ(opened(issuer_.folder()), issuer_.folder() + "/" + name + ": " + why);
    std::filesystem::remove(issuer_.folder() + "/" + name);
  };
  refuses("k.secret", std::string(kTokenSecretBytesMin - 1, 's') + "\n", "is shorter than 32 bytes");
  refuses("k.secret", "-----BEGIN PUBLIC KEY-----\n" + std::string(64, 'A'), "is a PEM file, no secret");
  refuses("k.pem", "no key", "is no PEM public key (-----BEGIN PUBLIC KEY-----)");
  refuses("k.pem", "", "is no PEM public key (-----BEGIN PUBLIC KEY-----)");
  refuses("k.txt", "x", "ends neither in .pem (a public key) nor in .secret (of HS256)");
  refuses("k.secret", std::string(kTokenKeyFileBytesMax + 1, 's'), "is longer than 16384 bytes");
  issuer_.write_pair("weak", "1024");
  EXPECT_EQ(opened(issuer_.folder()), issuer_.folder() + "/weak.pem: has fewer than 2048 bits");
  issuer_.write_pair("weak", "secp256k1");
  EXPECT_EQ(opened(issuer_.folder()), issuer_.folder() + "/weak.pem: is on a curve other than P-256, P-384 and P-521");
  std::filesystem::remove(issuer_.folder() + "/weak.pem");
  issuer_.write_secret("k", std::string(kTokenSecretBytesMin, 's'));
  issuer_.write(".hidden", "x");
  EXPECT_EQ(opened(issuer_.folder()), "ok");
  issuer_.write_pair("k", "P-256");
  EXPECT_EQ(opened(issuer_.folder()), issuer_.folder() + ": has two keys named k");
}

TEST_F(Tokens, AsManyKeysAsTheLimitAreTakenAndNotOneMore) {
  for (std::size_t i = 0; i < kTokenKeysMax; ++i) issuer_.write_secret("k" + std::to_string(i));
  EXPECT_EQ(opened(issuer_.folder()), "ok");
  issuer_.write_secret("one_more");
  EXPECT_EQ(opened(issuer_.folder()), issuer_.folder() + ": holds more than 100 keys");
}

// --- through the authenticator ---

class Users final : public UserDirectory {
 public:
  Result<std::optional<UserRecord>> find(std::string_view name) override {
    if (broken) return make_error(Code::kUnavailable, "the store is closed");
    if (name != "ann") return std::nullopt;
    return UserRecord{"ann", "", true};
  }
  bool broken = false;
};

class TokenLogin : public Tokens {
 protected:
  TokenLogin() {
    issuer_.write_secret("s");
    authenticator_ = std::make_unique<Authenticator>(users_, &open());
  }
  Authenticator::Outcome check(const std::string& token, std::string_view address = "10.0.0.1") {
    auto outcome = authenticator_->check_token({token, address, kNow});
    EXPECT_TRUE(outcome);
    return outcome ? *outcome : Authenticator::Outcome{};
  }
  static std::string token_of(const std::string& user) {
    return TokenIssuer::sign_hs256("{\"iss\":\"" + std::string(kIssuer) + "\",\"exp\":2000000000,\"sub\":\"" + user + "\"}");
  }
  Users users_;
  std::unique_ptr<Authenticator> authenticator_;
};

TEST_F(TokenLogin, GoodTokenOfAUserGivesTheIdentity) {
  EXPECT_TRUE(authenticator_->takes_tokens());
  EXPECT_EQ(check(token_of("ann")).identity, (Identity{"ann", true}));
}

TEST_F(TokenLogin, GoodTokenOfNoUserIsRefused) {
  EXPECT_FALSE(check(token_of("bob")).identity);
  EXPECT_FALSE(check(token_of("")).identity);
  EXPECT_FALSE(check(token_of("no body")).identity);
  EXPECT_FALSE(check(token_of("anyone")).identity);
}

TEST_F(TokenLogin, BadTokensAreHeldBackByAddressAndGoodOnesNever) {
  for (unsigned i = 0; i <= LoginThrottle::kFreeFailuresOfAddress; ++i) EXPECT_EQ(check("x").delay, Millis(0)) << i;
  EXPECT_EQ(check("x").delay, LoginThrottle::kDelayMin);
  EXPECT_EQ(check("x", "10.0.0.2").delay, Millis(0));
  const auto good = check(token_of("ann"));
  EXPECT_TRUE(good.identity);
  EXPECT_EQ(good.delay, Millis(0));
  const auto password = authenticator_->check({"ann", "wrong", "10.0.0.1", kNow});
  EXPECT_GT(password->delay, Millis(0)) << "one count for all ways to log in";
}

TEST_F(TokenLogin, BrokenDirectoryIsAnErrorAndNoFailure) {
  users_.broken = true;
  EXPECT_EQ(authenticator_->check_token({token_of("ann"), "", kNow}).error().code, Code::kUnavailable);
}

TEST_F(TokenLogin, WithoutKeysNoTokenIsTaken) {
  Authenticator without(users_);
  EXPECT_FALSE(without.takes_tokens());
  EXPECT_FALSE(without.check_token({token_of("ann"), "", kNow})->identity);
}

}  // namespace
}  // namespace imapd::auth
