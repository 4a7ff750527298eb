#include "imapd/session/tls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/session/conversation.h"
#include "tests/session/tls_client.h"
#include "tests/support/certificates.h"
#include "tests/support/temp_dir.h"

namespace imapd::session {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr const char* kAlternative = "DNS:localhost,IP:127.0.0.1";

class Tls : public testing::Test {
 protected:
  Tls() { options_.loopback_is_private = false; }
  Server& serve() {
    auto opened = TlsContext::open({pair_.certificate, pair_.key, with_clients_ ? certificates_.ca_path() : ""});
    CHECK(opened.has_value());
    context_ = std::move(*opened);
    server_ = std::make_unique<Server>(options_, nullptr, context_.get());
    return *server_;
  }
  std::string ca() const { return certificates_.ca_path(); }

  support::TempDir dir_;
  support::Certificates certificates_{dir_.path()};
  support::Certificates::Pair pair_ = certificates_.issue("server", kAlternative);
  SessionOptions options_;
  bool with_clients_ = false;
  std::unique_ptr<TlsContext> context_;
  std::unique_ptr<Server> server_;
};

TEST_F(Tls, ImplicitTlsGreetsAndLogsIn) {
  TlsClient client(serve().tls_port());
  ASSERT_TRUE(client.start_tls(ca()));
  const std::string greeting = client.line();
  EXPECT_THAT(greeting, HasSubstr(" AUTH=PLAIN "));
  EXPECT_THAT(greeting, Not(HasSubstr("STARTTLS")));
  EXPECT_THAT(greeting, Not(HasSubstr("LOGINDISABLED")));
  EXPECT_THAT(client.command("a", "LOGIN ann pw"), StartsWith("a OK"));
  EXPECT_THAT(client.command("b", "STARTTLS"), StartsWith("b BAD"));
}

TEST_F(Tls, Tls12IsTakenAndTls11IsNot) {
  Server& server = serve();
  TlsClient older(server.tls_port());
  EXPECT_TRUE(older.start_tls(ca(), std::nullopt, TLS1_2_VERSION));
  EXPECT_THAT(older.line(), StartsWith("* OK"));
  TlsClient oldest(server.tls_port());
  EXPECT_FALSE(oldest.start_tls(ca(), std::nullopt, TLS1_1_VERSION));
}

TEST_F(Tls, NothingSecretIsTakenInTheClear) {
  TlsClient client(serve().port());
  const std::string greeting = client.line();
  EXPECT_THAT(greeting, HasSubstr(" STARTTLS LOGINDISABLED "));
  EXPECT_THAT(greeting, Not(HasSubstr("AUTH=")));
  EXPECT_THAT(client.command("a", "LOGIN ann pw"), StartsWith("a NO [PRIVACYREQUIRED]"));
  EXPECT_THAT(client.command("b", "AUTHENTICATE PLAIN AGFubgBwdw=="), StartsWith("b NO [PRIVACYREQUIRED]"));
  EXPECT_THAT(client.command("c", "AUTHENTICATE LOGIN"), StartsWith("c NO [PRIVACYREQUIRED]"));
}

TEST_F(Tls, StartTlsThenLogin) {
  TlsClient client(serve().port());
  client.line();
  ASSERT_THAT(client.command("a", "STARTTLS"), StartsWith("a OK"));
  ASSERT_TRUE(client.start_tls(ca()));
  const std::string capabilities = client.command("b", "CAPABILITY");
  EXPECT_THAT(capabilities, HasSubstr("AUTH=PLAIN"));
  EXPECT_THAT(capabilities, Not(HasSubstr("STARTTLS")));
  EXPECT_THAT(client.command("c", "LOGIN ann pw"), StartsWith("c OK"));
  EXPECT_THAT(client.command("d", "SELECT INBOX"), HasSubstr("d OK"));
}

TEST_F(Tls, WhatIsPipelinedBehindStartTlsIsForgotten) {
  TlsClient client(serve().port());
  client.line();
  client.send("a STARTTLS\r\nx CAPABILITY\r\ny NOOP\r\n");
  ASSERT_THAT(client.line(), StartsWith("a OK"));
  ASSERT_TRUE(client.start_tls(ca()));
  // Were they run, their answers would come first.
  EXPECT_THAT(client.command("b", "NOOP"), StartsWith("b OK"));
}

TEST_F(Tls, HalfALineBehindStartTlsIsNotPutBeforeWhatTheClientSends) {
  TlsClient client(serve().port());
  client.line();
  client.send("a STARTTLS\r\nx LOGIN eve ");
  ASSERT_THAT(client.line(), StartsWith("a OK"));
  ASSERT_TRUE(client.start_tls(ca()));
  EXPECT_THAT(client.command("b", "NOOP"), StartsWith("b OK"));
}

TEST_F(Tls, WhoDoesNotShakeHandsInTimeIsCut) {
  options_.pre_login_timeout = std::chrono::milliseconds(30);
  TlsClient client(serve().tls_port());
  EXPECT_EQ(client.line(), "<closed>");
}

TEST_F(Tls, NoiseInsteadOfAHandshakeIsCut) {
  TlsClient client(serve().tls_port());
  client.send("a LOGIN ann pw\r\n");
  EXPECT_THAT(client.line(), testing::EndsWith("<closed>"));
}

TEST_F(Tls, StopEndsSessionsAndHandshakes) {
  Server& server = serve();
  TlsClient shaking(server.tls_port());
  TlsClient client(server.tls_port());
  ASSERT_TRUE(client.start_tls(ca()));
  client.line();
  server.stop();
  EXPECT_THAT(client.line(), StartsWith("* BYE"));
  EXPECT_EQ(shaking.line(), "<closed>");
}

TEST_F(Tls, ManyBytesBothWays) {
  TlsClient client(serve().tls_port());
  ASSERT_TRUE(client.start_tls(ca()));
  client.line();
  client.command("a", "LOGIN ann pw");
  const std::string body(3'000'000, 'x');
  client.send("b APPEND INBOX {" + std::to_string(body.size()) + "+}\r\n" + body + "\r\n");
  std::string answer;
  while (!(answer = client.line()).starts_with("b ")) ASSERT_NE(answer, "<closed>");
  EXPECT_THAT(answer, StartsWith("b OK"));
  client.command("c", "SELECT INBOX");
  EXPECT_THAT(client.command("d", "FETCH 1 BODY.PEEK[]"), HasSubstr(body));
}

TEST_F(Tls, ReloadGivesNewConnectionsTheNewCertificate) {
  Server& server = serve();
  TlsClient before(server.tls_port());
  ASSERT_TRUE(before.start_tls(ca()));
  EXPECT_EQ(before.server_name(), "server");
  certificates_.issue_to(dir_.path() + "/server", "renewed", kAlternative);
  ASSERT_TRUE(context_->reload());
  TlsClient after(server.tls_port());
  ASSERT_TRUE(after.start_tls(ca()));
  EXPECT_EQ(after.server_name(), "renewed");
  before.line();
  EXPECT_THAT(before.command("a", "NOOP"), StartsWith("a OK"));
}

TEST_F(Tls, ABadNewCertificateKeepsTheOldOne) {
  Server& server = serve();
  std::ofstream(pair_.certificate) << "no certificate\n";
  const auto reloaded = context_->reload();
  ASSERT_FALSE(reloaded);
  EXPECT_THAT(reloaded.error().message, StartsWith("tls.certificate: cannot use "));
  TlsClient client(server.tls_port());
  EXPECT_TRUE(client.start_tls(ca()));
}

TEST_F(Tls, AKeyOfAnotherCertificateIsRefused) {
  const auto other = certificates_.issue("other", kAlternative);
  const auto opened = TlsContext::open({pair_.certificate, other.key, ""});
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().message, StartsWith("tls.key: cannot use "));
}

TEST_F(Tls, AClientCertificateOfAnotherAuthorityIsRefused) {
  with_clients_ = true;
  Server& server = serve();
  support::TempDir elsewhere;
  support::Certificates others(elsewhere.path());
  TlsClient stranger(server.tls_port());
  stranger.start_tls(ca(), others.issue("ann", "email:ann@example.org"));
  EXPECT_EQ(stranger.line(), "<closed>");
  TlsClient friendly(server.tls_port());
  ASSERT_TRUE(friendly.start_tls(ca(), certificates_.issue("ann", "email:ann@example.org")));
  EXPECT_THAT(friendly.line(), StartsWith("* OK"));
}

TEST_F(Tls, ConnectionsOfAnAddressAtTheLimitAndOnePast) {
  options_.connections_per_address_max = 2;
  Server& server = serve();
  auto first = std::make_unique<TlsClient>(server.port());
  TlsClient second(server.port());
  EXPECT_THAT(first->line(), StartsWith("* OK"));
  EXPECT_THAT(second.line(), StartsWith("* OK"));
  EXPECT_THAT(TlsClient(server.port()).line(), StartsWith("* BYE [UNAVAILABLE]"));
}

TEST_F(Tls, ConnectionsOfAUserAtTheLimitAndOnePast) {
  options_.connections_per_user_max = 2;
  options_.loopback_is_private = true;
  Server& server = serve();
  Client first(server, "ann");
  Client second(server, "ann");
  Client third(server);
  EXPECT_THAT(third.command("LOGIN ann pw").tagged, StartsWith("NO [LIMIT]"));
  EXPECT_THAT(third.command("LOGIN bob pw").tagged, StartsWith("OK"));
  EXPECT_THAT(first.command("UNAUTHENTICATE").tagged, StartsWith("OK"));
  EXPECT_THAT(Client(server).command("LOGIN ann pw").tagged, StartsWith("OK"));
}

// They hold no data: the server reads on, between the turns of others.
TEST_F(Tls, KeyUpdatesInARowAreNoHindrance) {
  TlsClient client(serve().tls_port());
  ASSERT_TRUE(client.start_tls(ca()));
  client.line();
  for (int i = 0; i < 200; ++i) {
    ASSERT_EQ(SSL_key_update(client.ssl(), SSL_KEY_UPDATE_NOT_REQUESTED), 1);
    ASSERT_EQ(SSL_do_handshake(client.ssl()), 1);
  }
  EXPECT_THAT(client.command("a", "NOOP"), StartsWith("a OK"));
}

TEST_F(Tls, AnEncryptedKeyIsRefusedAndNobodyIsAskedForItsPassword) {
  const std::string encrypted = dir_.path() + "/encrypted.pem";
  BIO* const plain = BIO_new_file(pair_.key.c_str(), "r");
  EVP_PKEY* const key = PEM_read_bio_PrivateKey(plain, nullptr, nullptr, nullptr);
  BIO* const file = BIO_new_file(encrypted.c_str(), "w");
  unsigned char password[] = "secret";
  ASSERT_EQ(PEM_write_bio_PrivateKey(file, key, EVP_aes_128_cbc(), password, 6, nullptr, nullptr), 1);
  BIO_free(file);
  BIO_free(plain);
  EVP_PKEY_free(key);
  const auto opened = TlsContext::open({pair_.certificate, encrypted, ""});
  ASSERT_FALSE(opened.has_value());
  EXPECT_THAT(opened.error().message, StartsWith("tls.key: "));
}

}  // namespace
}  // namespace imapd::session
