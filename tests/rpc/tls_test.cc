#include <fstream>
#include <mutex>

#include "imapd/auth/token_verifier.h"
#include "tests/rpc/rpc_fixture.h"
#include "tests/support/certificates.h"
#include "tests/support/token_issuer.h"

namespace rpc_test {
namespace {

std::string text_of(const std::string& path) {
  std::ifstream file(path);
  return std::string((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
}

// A second server on the same store, which listens with TLS too and takes clients' certificates.
class TlsTest : public RpcTest {
 protected:
  using Pair = support::Certificates::Pair;

  TlsTest() { show(authority_.issue_to(folder_.path() + "/first", "first", "DNS:localhost")); }
  ~TlsTest() override {
    if (tls_server_) tls_server_->stop(std::chrono::milliseconds(0));
  }

  enum class Clients { kWithCertificates, kWithout };
  void show(const Pair& pair, Clients clients = Clients::kWithCertificates) {
    const std::string client_ca = clients == Clients::kWithCertificates ? text_of(authority_.ca_path()) : "";
    auto identity = std::make_shared<const broker::rpc::TlsIdentity>(
        broker::rpc::TlsIdentity{text_of(pair.certificate), text_of(pair.key), client_ca});
    const std::lock_guard lock(mutex_);
    identity_ = std::move(identity);
  }
  void serve() { serve(*authenticator_); }
  void serve(imapd::auth::Authenticator& authenticator) {
    broker::rpc::ServerOptions options;
    options.tls = broker::rpc::TlsListen{{"127.0.0.1", 0}, [this] {
                                           const std::lock_guard lock(mutex_);
                                           return identity_;
                                         }};
    tls_queues_ = std::make_unique<broker::queue::Queues>(*store_, clock_);
    tls_server_ = broker::rpc::Server::start(options, {*store_, *tls_queues_, authenticator, health_, clock_}).value();
  }
  std::shared_ptr<grpc::Channel> connect(const std::string& ca, const Pair* own = nullptr) {
    grpc::SslCredentialsOptions options;
    options.pem_root_certs = ca;
    if (own != nullptr) {
      options.pem_cert_chain = text_of(own->certificate);
      options.pem_private_key = text_of(own->key);
    }
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    arguments.SetSslTargetNameOverride("localhost");
    return grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(tls_server_->tls_port()), grpc::SslCredentials(options), arguments);
  }
  std::shared_ptr<grpc::Channel> connect(const Pair* own = nullptr) { return connect(text_of(authority_.ca_path()), own); }

  // Of GetServerInfo.
  static Answer info(const std::shared_ptr<grpc::Channel>& channel, const std::vector<std::string>& authorizations) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + kPatience);
    for (const std::string& value : authorizations) context.AddMetadata("authorization", value);
    v1::GetServerInfoResponse response;
    return answer(v1::AdminService::NewStub(channel)->GetServerInfo(&context, {}, &response));
  }
  static StatusCode code(const std::shared_ptr<grpc::Channel>& channel, const std::vector<std::string>& authorizations) {
    return info(channel, authorizations).status.error_code();
  }

  support::TempDir folder_;
  support::Certificates authority_{folder_.path()};
  std::mutex mutex_;
  std::shared_ptr<const broker::rpc::TlsIdentity> identity_;
  std::unique_ptr<broker::queue::Queues> tls_queues_;
  std::unique_ptr<broker::rpc::Server> tls_server_;
};

TEST_F(TlsTest, ClientsFindTheCertificateOfTheMoment) {
  serve();
  const auto before = connect();
  EXPECT_EQ(code(before, {basic("bob", "secret")}), StatusCode::OK);
  // Another authority's: who knows only the old one refuses it.
  support::TempDir other_folder;
  support::Certificates other(other_folder.path());
  show(other.issue("second", "DNS:localhost"));
  EXPECT_EQ(code(connect(), {basic("bob", "secret")}), StatusCode::UNAVAILABLE);
  EXPECT_EQ(code(connect(text_of(other.ca_path())), {basic("bob", "secret")}), StatusCode::OK);
  EXPECT_EQ(code(before, {basic("bob", "secret")}), StatusCode::OK);
}

TEST_F(TlsTest, WithoutAnAuthorityNoClientIsKnownByItsCertificate) {
  show(authority_.issue("plain", "DNS:localhost"), Clients::kWithout);
  serve();
  const auto alice = authority_.issue("alice", "DNS:worker");
  EXPECT_EQ(code(connect(&alice), {}), StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(code(connect(), {basic("bob", "secret")}), StatusCode::OK);
}

TEST_F(TlsTest, WithoutTlsThereAreOnlyLoopbackAddresses) {
  broker::rpc::ServerOptions options;
  options.listen.host = "0.0.0.0";
  broker::queue::Queues queues(*store_, clock_);
  const auto server = broker::rpc::Server::start(options, {*store_, queues, *authenticator_, health_, clock_});
  ASSERT_FALSE(server);
  EXPECT_THAT(server.error().message, testing::StartsWith("grpc.listen: has no TLS"));
}

TEST_F(TlsTest, APortInUseIsNamed) {
  serve();
  broker::rpc::ServerOptions options;
  options.tls = broker::rpc::TlsListen{{"127.0.0.1", tls_server_->tls_port()}, [this] { return identity_; }};
  broker::queue::Queues queues(*store_, clock_);
  const auto second = broker::rpc::Server::start(options, {*store_, queues, *authenticator_, health_, clock_});
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().message, testing::StartsWith("grpc.tls_listen: cannot listen on "));
}

TEST_F(TlsTest, AClientsCertificateIsItsUser) {
  serve();
  const auto alice = authority_.issue("alice", "DNS:worker");
  const auto channel = connect(&alice);
  EXPECT_EQ(code(channel, {}), StatusCode::OK);
  // An authorization goes before it, also a wrong one.
  EXPECT_EQ(code(channel, {basic("bob", "secret")}), StatusCode::OK);
  EXPECT_EQ(code(channel, {basic("bob", "wrong")}), StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(code(channel, {basic("bob", "secret"), basic("bob", "secret")}), StatusCode::UNAUTHENTICATED);
  // It is alice, not an administrator.
  grpc::ClientContext context;
  v1::CreateUserResponse response;
  EXPECT_EQ(answer(v1::AdminService::NewStub(channel)->CreateUser(&context, {}, &response)).reason, "NO_RIGHT");
}

TEST_F(TlsTest, ACertificateOfNobodyOpensNothing) {
  serve();
  const auto stranger = authority_.issue("stranger", "email:stranger@example.org");
  EXPECT_EQ(code(connect(&stranger), {}), StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(code(connect(&stranger), {basic("bob", "secret")}), StatusCode::OK);
  EXPECT_EQ(code(connect(), {}), StatusCode::UNAUTHENTICATED);
  // Signed by someone whom we do not know: there is no connection at all.
  support::TempDir other_folder;
  support::Certificates other(other_folder.path());
  const auto forged = other.issue("alice", "DNS:worker");
  EXPECT_EQ(code(connect(&forged), {}), StatusCode::UNAVAILABLE);
}

TEST_F(TlsTest, ATokenIsItsUser) {
  support::TokenIssuer issuer;
  issuer.write_secret("k");
  const auto tokens = imapd::auth::TokenVerifier::open({issuer.folder(), "issuer", "", "sub"}).value();
  imapd::auth::Authenticator authenticator(*users_, tokens.get());
  serve(authenticator);
  const auto now = std::chrono::duration_cast<std::chrono::seconds>(clock_.now().time_since_epoch()).count();
  const auto bearer = [now](const std::string& user, int seconds) {
    const std::string claims = R"({"iss":"issuer","sub":")" + user + R"(","exp":)" + std::to_string(now + seconds) + "}";
    return "Bearer " + support::TokenIssuer::sign_hs256(claims, support::TokenIssuer::kSecret, "");
  };
  EXPECT_EQ(code(connect(), {bearer("alice", 300)}), StatusCode::OK);
  EXPECT_EQ(code(connect(), {bearer("alice", -300)}), StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(code(connect(), {bearer("nobody", 300)}), StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(code(connect(), {"Bearer"}), StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(code(connect(), {basic("alice", "secret")}), StatusCode::OK);
  // Where no tokens are taken.
  EXPECT_EQ(code(channel_, {bearer("alice", 300)}), StatusCode::UNAUTHENTICATED);
}

TEST_F(TlsTest, ARemovedUsersCertificateOpensNothing) {
  serve();
  const auto alice = authority_.issue("alice", "DNS:worker");
  const auto channel = connect(&alice);
  EXPECT_EQ(code(channel, {}), StatusCode::OK);
  imapd::store::RemoveUser remove;
  remove.name = "alice";
  ASSERT_TRUE(support::await(*store_, &imapd::store::Store::remove_user, std::move(remove)));
  EXPECT_EQ(code(channel, {}), StatusCode::UNAUTHENTICATED);
}

}  // namespace
}  // namespace rpc_test
