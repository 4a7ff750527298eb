#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "imapd/base/error.h"
#include "imapd/base/limits.h"
#include "imapd/ops/log.h"

namespace imapd::ops {

enum class Durability { kSync, kRelaxed };
// Under which names FETCH and SEARCH show the claimed flag.
enum class ClaimedAs { kBoth, kBackslash, kKeyword };

// An address to listen on.
struct Endpoint {
  std::string host;  // IPv6 addresses without brackets.
  std::uint16_t port = 0;  // 0: any free port.
  bool is_loopback() const;
  std::string to_string() const;  // `127.0.0.1:1143`, `[::1]:1143`.
  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};
// `host:port`, `[ipv6]:port`.
Result<Endpoint> parse_endpoint(std::string_view text);

// Everything an operator may set. A fresh Config holds the defaults of the table in config.cc.
struct Config {
  Config();

  std::string data_dir;
  Durability durability;
  std::string admin_password_file;
  LogLevel log_level;
  std::size_t threads;
  std::size_t message_bytes_max;
  std::size_t drain_seconds;
  std::string tls_certificate;
  std::string tls_key;
  std::string tls_client_ca;
  bool has_tls() const { return !tls_certificate.empty(); }
  std::string token_keys;
  std::string token_issuer;
  std::string token_audience;
  std::string token_user_claim;
  bool takes_tokens() const { return !token_keys.empty(); }
  Endpoint imap_listen;
  Endpoint imap_tls_listen;  // An empty host: there is none.
  ClaimedAs imap_claimed_as;
  std::size_t imap_connections_max;
  std::size_t imap_connections_per_user_max;
  std::size_t imap_connections_per_address_max;
  Endpoint grpc_listen;
  Endpoint grpc_tls_listen;  // An empty host: there is none.
};

// One row for each option: how `--help`, the documents and the parser know it.
struct OptionInfo {
  std::string_view name;           // `imap.listen`: key `listen` of table `[imap]`.
  std::string_view default_value;  // As a user would write it, without quotes.
  std::string_view range;          // `sync | relaxed`, `1 .. 1000`, `host:port`.
  std::string_view text;           // One line.
};
std::span<const OptionInfo> option_infos();

// Sets one option from text, as a command line gives it. kInvalidArgument names the option, what it takes and what was given.
Result<void> set_option(Config& config, std::string_view name, std::string_view value);

// Applies a TOML text over `config`. Every error is kInvalidArgument and begins with `name:line: `. Unknown options, a value of
// the wrong type and one out of range are errors; `config` is then unspecified.
Result<void> apply_toml(Config& config, std::string_view toml, std::string_view name);
// The same from a file of at most kConfigFileBytesMax. kNotFound, kIo.
inline constexpr std::size_t kConfigFileBytesMax = 1024 * 1024;
Result<void> apply_toml_file(Config& config, const std::string& path);

// What must hold between options once all are set: there is a data_dir; certificate and key come together, and whatever stands on
// TLS has them; whoever takes tokens says whose; gRPC's port without TLS, and IMAP without them, listen on loopback addresses: a
// password would cross the network in the clear.
Result<void> validate(const Config& config);

}  // namespace imapd::ops
