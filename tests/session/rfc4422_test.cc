#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "imapd/auth/sasl.h"
#include "tests/session/conversation.h"
#include "tests/session/tls_client.h"
#include "tests/support/certificates.h"

// EXTERNAL (RFC 4422, appendix A): the client's certificate.
namespace imapd::session {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class External : public testing::Test {
 protected:
  External() {
    auto opened = TlsContext::open({pair_.certificate, pair_.key, certificates_.ca_path()});
    CHECK(opened.has_value());
    context_ = std::move(*opened);
    SessionOptions options;
    options.loopback_is_private = false;
    server_ = std::make_unique<Server>(options, nullptr, context_.get());
  }
  // Past the greeting, which goes to greeting_.
  std::unique_ptr<TlsClient> client(const std::string& common_name, const std::string& alternative = "DNS:client") {
    auto made = std::make_unique<TlsClient>(server_->tls_port());
    EXPECT_TRUE(made->start_tls(certificates_.ca_path(), certificates_.issue_to(dir_.path() + "/client", common_name, alternative)));
    greeting_ = made->line();
    return made;
  }
  support::TempDir dir_;
  support::Certificates certificates_{dir_.path()};
  support::Certificates::Pair pair_ = certificates_.issue("server", "DNS:localhost,IP:127.0.0.1");
  std::unique_ptr<TlsContext> context_;
  std::unique_ptr<Server> server_;
  std::string greeting_;
};

TEST_F(External, CertificateLogsIn) {
  const auto ann = client("ann");
  EXPECT_THAT(greeting_, HasSubstr(" AUTH=EXTERNAL "));
  EXPECT_THAT(ann->command("a", "AUTHENTICATE EXTERNAL ="), StartsWith("a OK [CAPABILITY "));
  EXPECT_THAT(ann->command("b", "SELECT INBOX"), HasSubstr("b OK"));
}

TEST_F(External, WithoutInitialResponse) {
  const auto ann = client("ann");
  ann->send("a authenticate external\r\n");
  EXPECT_EQ(ann->line(), "+ ");
  ann->send("\r\n");
  EXPECT_THAT(ann->line(), StartsWith("a OK"));
}

TEST_F(External, AuthorizationIdentityIsTheSameUser) {
  const auto ann = client("ann");
  EXPECT_THAT(ann->command("a", "AUTHENTICATE EXTERNAL " + auth::base64_encode("bob")), StartsWith("a NO [AUTHORIZATIONFAILED]"));
  EXPECT_THAT(ann->command("b", "AUTHENTICATE EXTERNAL " + auth::base64_encode(std::string("ann\0", 4))),
              StartsWith("b NO [AUTHORIZATIONFAILED]"));
  EXPECT_THAT(ann->command("c", "AUTHENTICATE EXTERNAL " + auth::base64_encode("ann")), StartsWith("c OK"));
}

TEST_F(External, CertificateOfNoUserIsRefusedAndOtherWaysStayOpen) {
  const auto eve = client("eve");
  EXPECT_THAT(greeting_, HasSubstr(" AUTH=EXTERNAL ")) << "whether there is such a user is not told beforehand";
  EXPECT_THAT(eve->command("a", "AUTHENTICATE EXTERNAL ="), StartsWith("a NO [AUTHENTICATIONFAILED]"));
  EXPECT_THAT(eve->command("b", "LOGIN bob pw"), StartsWith("b OK"));
}

TEST_F(External, CertificateWithoutAUserNameOffersNothing) {
  const auto nameless = client("not a user name");
  EXPECT_THAT(greeting_, Not(HasSubstr("EXTERNAL")));
  EXPECT_THAT(nameless->command("a", "AUTHENTICATE EXTERNAL ="), StartsWith("a NO [CANNOT]"));
}

TEST_F(External, WithoutACertificateNothingIsOffered) {
  TlsClient client(server_->tls_port());
  ASSERT_TRUE(client.start_tls(certificates_.ca_path()));
  EXPECT_THAT(client.line(), Not(HasSubstr("EXTERNAL")));
  EXPECT_THAT(client.command("a", "AUTHENTICATE EXTERNAL ="), StartsWith("a NO [CANNOT]"));
  EXPECT_THAT(client.command("b", "LOGIN ann pw"), StartsWith("b OK"));
}

TEST_F(External, NotOfferedInTheClear) {
  Client client(*server_);
  EXPECT_THAT(client.greeting(), Not(HasSubstr("AUTH=")));
  EXPECT_THAT(client.command("AUTHENTICATE EXTERNAL =").tagged, StartsWith("NO"));
}

TEST_F(External, MalformedAndCancelledIsBad) {
  const auto ann = client("ann");
  EXPECT_THAT(ann->command("a", "AUTHENTICATE EXTERNAL !!!"), StartsWith("a BAD"));
  ann->send("b AUTHENTICATE EXTERNAL\r\n");
  EXPECT_EQ(ann->line(), "+ ");
  ann->send("*\r\n");
  EXPECT_THAT(ann->line(), StartsWith("b BAD"));
}

}  // namespace
}  // namespace imapd::session
