// Whatever a client says before it is logged in leads to a challenge, to credentials or to an error, and never to a login. The first
// byte of the input chooses the mechanism; each line of the rest is a response, as it stands on the wire for the mechanisms that
// send their secret, decoded for SCRAM. A token is never taken without its signature, and what the keys' text says survives being
// written and read again.

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>

#include "imapd/auth/password.h"
#include "imapd/auth/sasl.h"
#include "imapd/auth/scram.h"
#include "imapd/auth/token_verifier.h"
#include "imapd/base/check.h"

namespace {

using namespace imapd::auth;

std::string_view take_line(std::string_view& rest) {
  const std::size_t end = rest.find('\n');
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return line;
}

const TokenVerifier& verifier() {
  static const std::unique_ptr<TokenVerifier> kVerifier = [] {
    const std::string path = (std::filesystem::temp_directory_path() / "claimq-fuzz-XXXXXX").string();
    std::string folder = path;
    CHECK(mkdtemp(folder.data()) != nullptr);
    std::ofstream(folder + "/key.secret") << random_bytes(32);
    auto opened = TokenVerifier::open({folder, "https://id.example.org", "", "sub"});
    CHECK(opened.has_value());
    std::filesystem::remove_all(folder);
    return std::move(*opened);
  }();
  return *kVerifier;
}

void check_credentials(const Credentials& credentials) {
  CHECK(!credentials.authcid.empty() && !credentials.password.empty());
  CHECK(credentials.authcid.find('\0') == std::string::npos && credentials.password.find('\0') == std::string::npos);
}

void check_bearer(const BearerCredentials& credentials) {
  CHECK(credentials.token.find_first_of(std::string_view("\0\x01", 2)) == std::string::npos);
  CHECK(credentials.authzid.find('\x01') == std::string::npos);
  CHECK(!verifier().verify(credentials.token, imapd::Timestamp(std::chrono::seconds(1'700'000'000))));
}

void run_exchange(Mechanism mechanism, std::string_view rest) {
  SaslExchange exchange(mechanism);
  const std::string_view first = take_line(rest);
  auto step = first.empty() ? exchange.start(std::nullopt) : exchange.start(first);
  for (int i = 0; i < 4; ++i) {
    if (const auto* challenge = std::get_if<SaslExchange::Challenge>(&step)) {
      CHECK(base64_decode(challenge->base64).has_value());
      step = exchange.respond(take_line(rest));
      continue;
    }
    if (const auto* credentials = std::get_if<Credentials>(&step)) check_credentials(*credentials);
    if (const auto* credentials = std::get_if<BearerCredentials>(&step)) check_bearer(*credentials);
    return;
  }
  CHECK(!std::holds_alternative<SaslExchange::Challenge>(step));
}

void run_scram(ScramServer::Binding binding, std::string_view exporter, std::string_view rest) {
  // Keys that no password fits.
  const auto find = [](const std::string& user) -> imapd::Result<ScramKeys> {
    CHECK(!user.empty());
    return ScramKeys{4096, "0123456789abcdef", std::string(kScramKeyBytes, 's'), std::string(kScramKeyBytes, 'k')};
  };
  ScramServer server(binding, exporter, find);
  for (int i = 0; i < 4; ++i) {
    const auto step = server.step(take_line(rest));
    CHECK(!std::holds_alternative<ScramServer::Verified>(step));
    if (std::holds_alternative<imapd::Error>(step)) return;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::string exporter(32, 'e');
  switch (data[0]) {
    case 'p': run_exchange(Mechanism::kPlain, rest); break;
    case 'l': run_exchange(Mechanism::kLogin, rest); break;
    case 'o': run_exchange(Mechanism::kOauthBearer, rest); break;
    case 'x': run_exchange(Mechanism::kXoauth2, rest); break;
    case 's': run_scram(ScramServer::Binding::kNone, "", rest); break;
    case 'b': run_scram(ScramServer::Binding::kNone, exporter, rest); break;
    case 'S': run_scram(ScramServer::Binding::kExporter, exporter, rest); break;
    case 'P': (void)parse_plain(rest); break;
    case 'O': {
      const auto parsed = parse_oauthbearer(rest);
      if (parsed) check_bearer(*parsed);
      break;
    }
    case 'j': CHECK(!verifier().verify(rest, imapd::Timestamp(std::chrono::seconds(1'700'000'000)))); break;
    case 'k':
      if (const auto keys = parse_scram_keys(rest)) CHECK(parse_scram_keys(to_text(*keys)) == keys);
      break;
    default:
      if (const auto decoded = base64_decode(rest)) CHECK(base64_encode(*decoded) == rest);
  }
  return 0;
}
