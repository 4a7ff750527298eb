#include "imapd/ops/config.h"

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <optional>

#include "imapd/base/check.h"

namespace imapd::ops {
namespace {

// How a row of the table stores its value. An Error's message says only what is wrong with the value.
using Setter = Result<void> (*)(Config&, std::string_view value);

enum class Kind { kText, kNumber };

struct Option {
  OptionInfo info;
  Kind kind;
  Setter set;
};

Error wrong(std::string message) { return make_error(Code::kInvalidArgument, std::move(message)); }

Result<std::size_t> parse_number(std::string_view text, std::size_t min, std::size_t max) {
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error == std::errc::invalid_argument || end != text.data() + text.size()) {
    return wrong("must be a whole number, is '" + std::string(text) + "'");
  }
  if (error != std::errc() || number < min || number > max) {
    return wrong("must be from " + std::to_string(min) + " to " + std::to_string(max) + ", is " + std::string(text));
  }
  return number;
}

template <std::size_t Config::*Field, std::size_t min, std::size_t max>
Result<void> set_number(Config& config, std::string_view value) {
  TRY_ASSIGN(number, parse_number(value, min, max));
  config.*Field = number;
  return {};
}

template <std::string Config::*Field>
Result<void> set_text(Config& config, std::string_view value) {
  if (value.find('\0') != std::string_view::npos) return wrong("must not hold a NUL");
  config.*Field = std::string(value);
  return {};
}

template <Endpoint Config::*Field>
Result<void> set_endpoint(Config& config, std::string_view value) {
  TRY_ASSIGN(endpoint, parse_endpoint(value));
  config.*Field = std::move(endpoint);
  return {};
}

// As set_endpoint; empty: nowhere.
template <Endpoint Config::*Field>
Result<void> set_endpoint_or_none(Config& config, std::string_view value) {
  if (!value.empty()) return set_endpoint<Field>(config, value);
  config.*Field = Endpoint();
  return {};
}

template <class Value>
struct Choice {
  std::string_view name;
  Value value;
};

template <class Value, std::size_t n>
Result<Value> choose(const std::array<Choice<Value>, n>& choices, std::string_view name) {
  std::string names;
  for (const Choice<Value>& choice : choices) {
    if (choice.name == name) return choice.value;
    if (!names.empty()) names += ", ";
    names += choice.name;
  }
  return wrong("must be one of " + names + ", is '" + std::string(name) + "'");
}

Result<void> set_durability(Config& config, std::string_view value) {
  constexpr std::array<Choice<Durability>, 2> kChoices = {{{"sync", Durability::kSync}, {"relaxed", Durability::kRelaxed}}};
  TRY_ASSIGN(durability, choose(kChoices, value));
  config.durability = durability;
  return {};
}

Result<void> set_claimed_as(Config& config, std::string_view value) {
  constexpr std::array<Choice<ClaimedAs>, 3> kChoices = {
      {{"both", ClaimedAs::kBoth}, {"backslash", ClaimedAs::kBackslash}, {"keyword", ClaimedAs::kKeyword}}};
  TRY_ASSIGN(claimed_as, choose(kChoices, value));
  config.imap_claimed_as = claimed_as;
  return {};
}

Result<void> set_level(Config& config, std::string_view value) {
  constexpr std::array<Choice<LogLevel>, 4> kChoices = {{{"debug", LogLevel::kDebug},
                                                         {"info", LogLevel::kInfo},
                                                         {"warning", LogLevel::kWarning},
                                                         {"error", LogLevel::kError}}};
  TRY_ASSIGN(level, choose(kChoices, value));
  config.log_level = level;
  return {};
}

static_assert(limits::kMessageBytesMax == 67'108'864, "the range of message_bytes_max below says so");

constexpr auto kOptions = std::to_array<Option>({
    {{"data_dir", "", "path", "Folder of the store; made when it is missing. Required."},
     Kind::kText,
     set_text<&Config::data_dir>},
    {{"durability", "sync", "sync | relaxed",
      "When a write is answered: synced, or handed to the log that is synced every 50 ms or so."},
     Kind::kText,
     set_durability},
    {{"admin_password_file", "", "path",
      "File whose first line becomes the password of admin at first start, instead of a generated one."},
     Kind::kText,
     set_text<&Config::admin_password_file>},
    {{"log_level", "info", "debug | info | warning | error", "Lines below this level are not written."},
     Kind::kText,
     set_level},
    {{"threads", "0", "0 .. 256", "Threads that serve connections; 0: one for each processor."},
     Kind::kNumber,
     set_number<&Config::threads, 0, 256>},
    {{"message_bytes_max", "67108864", "1024 .. 67108864", "Largest message taken; APPENDLIMIT over IMAP."},
     Kind::kNumber,
     set_number<&Config::message_bytes_max, 1024, limits::kMessageBytesMax>},
    {{"drain_seconds", "10", "0 .. 300", "After SIGTERM, how long work in hand may take to end."},
     Kind::kNumber,
     set_number<&Config::drain_seconds, 0, 300>},
    {{"tls.certificate", "", "path",
      "PEM file of the server's certificate and its chain. With it IMAP offers STARTTLS."},
     Kind::kText,
     set_text<&Config::tls_certificate>},
    {{"tls.key", "", "path", "PEM file of the certificate's key."}, Kind::kText, set_text<&Config::tls_key>},
    {{"tls.client_ca", "", "path",
      "PEM file of who signs clients' certificates. A client with one is the user whom it names; without one it logs in otherwise."},
     Kind::kText,
     set_text<&Config::tls_client_ca>},
    {{"token.keys", "", "path",
      "Folder or file of the keys of JSON Web Tokens that open accounts: ID.pem a public key, ID.secret the secret of HS256."},
     Kind::kText,
     set_text<&Config::token_keys>},
    {{"token.issuer", "", "text", "The iss that tokens must have."}, Kind::kText, set_text<&Config::token_issuer>},
    {{"token.audience", "", "text", "What must be in a token's aud. Empty: anything."},
     Kind::kText,
     set_text<&Config::token_audience>},
    {{"token.user_claim", "sub", "text", "The claim of a token that names the user."},
     Kind::kText,
     set_text<&Config::token_user_claim>},
    {{"imap.listen", "127.0.0.1:1143", "host:port", "Where IMAP is served; port 0: any free one."},
     Kind::kText,
     set_endpoint<&Config::imap_listen>},
    {{"imap.tls_listen", "", "host:port", "Where IMAP is served over TLS from the first byte (993 by custom). Empty: nowhere."},
     Kind::kText,
     set_endpoint_or_none<&Config::imap_tls_listen>},
    {{"imap.claimed_as", "both", "both | backslash | keyword",
      "Whether clients see a claim as \\Claimed, as $Claimed, or as both."},
     Kind::kText,
     set_claimed_as},
    {{"imap.connections_max", "10000", "1 .. 1000000", "Open IMAP connections; one more is told BYE."},
     Kind::kNumber,
     set_number<&Config::imap_connections_max, 1, 1'000'000>},
    {{"imap.connections_per_user_max", "10000", "1 .. 1000000", "Open IMAP connections of one user; one more cannot log in."},
     Kind::kNumber,
     set_number<&Config::imap_connections_per_user_max, 1, 1'000'000>},
    {{"imap.connections_per_address_max", "1000", "1 .. 1000000", "Open IMAP connections from one address, loopback aside; one more is told BYE."},
     Kind::kNumber,
     set_number<&Config::imap_connections_per_address_max, 1, 1'000'000>},
    {{"grpc.listen", "127.0.0.1:7143", "host:port", "Where gRPC is served without TLS: a loopback address; port 0: any free one."},
     Kind::kText,
     set_endpoint<&Config::grpc_listen>},
    {{"grpc.tls_listen", "", "host:port", "Where gRPC is served over TLS. Empty: nowhere."},
     Kind::kText,
     set_endpoint_or_none<&Config::grpc_tls_listen>},
});

const Option* find_option(std::string_view name) {
  const auto at =
      std::find_if(kOptions.begin(), kOptions.end(), [name](const Option& option) { return option.info.name == name; });
  return at == kOptions.end() ? nullptr : &*at;
}

Error unknown_option(std::string_view name) { return wrong("unknown option '" + std::string(name) + "'"); }

Result<void> set_known(Config& config, const Option& option, std::string_view value) {
  auto done = option.set(config, value);
  if (!done) return wrong(std::string(option.info.name) + ": " + done.error().message);
  return {};
}

// The value as text for Option::set.
Result<std::string> text_of(const toml::node& node, const Option& option) {
  if (option.kind == Kind::kNumber) {
    if (const auto number = node.value_exact<std::int64_t>()) return std::to_string(*number);
    return wrong(std::string(option.info.name) + ": must be a whole number");
  }
  if (auto text = node.value_exact<std::string>()) return std::move(*text);
  return wrong(std::string(option.info.name) + ": must be a string");
}

Error at_line(std::string_view file, const toml::source_region& region, const std::string& message) {
  return wrong(std::string(file) + ":" + std::to_string(region.begin.line) + ": " + message);
}

Result<void> apply_table(Config& config, const toml::table& table, const std::string& prefix, std::string_view file) {
  for (const auto& [key, node] : table) {
    const std::string name = prefix + std::string(key.str());
    if (const Option* option = find_option(name)) {
      auto text = text_of(node, *option);
      if (!text) return at_line(file, node.source(), text.error().message);
      auto done = set_known(config, *option, *text);
      if (!done) return at_line(file, node.source(), done.error().message);
    } else if (prefix.empty() && node.is_table()) {
      TRY(apply_table(config, *node.as_table(), name + ".", file));
    } else {
      return at_line(file, key.source(), unknown_option(name).message);
    }
  }
  return {};
}

bool is_loopback_v4(std::string_view host) {
  constexpr std::string_view kPrefix = "127.";
  if (!host.starts_with(kPrefix)) return false;
  // A name such as 127.example.net is no address.
  return std::all_of(host.begin(), host.end(), [](char c) { return c == '.' || (c >= '0' && c <= '9'); });
}

}  // namespace

bool Endpoint::is_loopback() const { return host == "localhost" || host == "::1" || is_loopback_v4(host); }

std::string Endpoint::to_string() const {
  const bool is_v6 = host.find(':') != std::string::npos;
  return (is_v6 ? '[' + host + ']' : host) + ':' + std::to_string(port);
}

Result<Endpoint> parse_endpoint(std::string_view text) {
  const std::string shape = "must be host:port or [ipv6]:port, is '" + std::string(text) + "'";
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return wrong(shape);
  std::string_view host = text.substr(0, colon);
  const bool bracketed = host.size() >= 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  const bool has_colon = host.find(':') != std::string_view::npos;
  constexpr std::string_view kHostBytes = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:%";
  if (host.empty() || bracketed != has_colon || host.find_first_not_of(kHostBytes) != std::string_view::npos) {
    return wrong(shape);
  }
  auto port = parse_number(text.substr(colon + 1), 0, 65'535);
  if (!port) return wrong("port " + port.error().message);
  return Endpoint{std::string(host), static_cast<std::uint16_t>(*port)};
}

Config::Config() {
  for (const Option& option : kOptions) CHECK(option.set(*this, option.info.default_value).has_value());
}

std::span<const OptionInfo> option_infos() {
  static const auto kInfos = [] {
    std::array<OptionInfo, kOptions.size()> infos;
    std::transform(kOptions.begin(), kOptions.end(), infos.begin(), [](const Option& option) { return option.info; });
    return infos;
  }();
  return kInfos;
}

Result<void> set_option(Config& config, std::string_view name, std::string_view value) {
  const Option* option = find_option(name);
  if (option == nullptr) return unknown_option(name);
  return set_known(config, *option, value);
}

Result<void> apply_toml(Config& config, std::string_view toml, std::string_view name) {
  const toml::parse_result parsed = toml::parse(toml, name);
  if (!parsed) return at_line(name, parsed.error().source(), std::string(parsed.error().description()));
  return apply_table(config, parsed.table(), "", name);
}

Result<void> apply_toml_file(Config& config, const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return make_error(Code::kNotFound, path + ": cannot be opened");
  std::string text(kConfigFileBytesMax + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad() || (file.fail() && !file.eof())) return make_error(Code::kIo, path + ": cannot be read");
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kConfigFileBytesMax) {
    return wrong(path + ":1: larger than " + std::to_string(kConfigFileBytesMax) + " bytes");
  }
  return apply_toml(config, text, path);
}

Result<void> validate(const Config& config) {
  if (config.data_dir.empty()) return wrong("data_dir: must be set");
  if (config.tls_certificate.empty() != config.tls_key.empty()) return wrong("tls.certificate and tls.key: set both or none");
  if (!config.has_tls() && !config.tls_client_ca.empty()) return wrong("tls.client_ca: needs tls.certificate and tls.key");
  if (!config.has_tls() && !config.imap_tls_listen.host.empty()) {
    return wrong("imap.tls_listen: needs tls.certificate and tls.key");
  }
  if (!config.has_tls() && !config.imap_listen.is_loopback()) {
    return wrong("imap.listen: must be a loopback address (127.0.0.1, ::1, localhost) as there is no TLS (tls.certificate), is " +
                 config.imap_listen.to_string());
  }
  if (!config.has_tls() && !config.grpc_tls_listen.host.empty()) {
    return wrong("grpc.tls_listen: needs tls.certificate and tls.key");
  }
  if (config.takes_tokens() && (config.token_issuer.empty() || config.token_user_claim.empty())) {
    return wrong("token.keys: needs token.issuer and token.user_claim");
  }
  if (!config.takes_tokens() && !(config.token_issuer.empty() && config.token_audience.empty())) {
    return wrong("token.issuer and token.audience: need token.keys");
  }
  if (!config.grpc_listen.is_loopback()) {
    return wrong("grpc.listen: must be a loopback address (127.0.0.1, ::1, localhost) as it has no TLS (grpc.tls_listen has), is " +
                 config.grpc_listen.to_string());
  }
  return {};
}

}  // namespace imapd::ops
