#include "tools/ctl/program.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "tools/client/units.h"
#include "tools/ctl/password.h"

namespace tools::ctl {
namespace {

constexpr const char* kServerDefault = "127.0.0.1:7143";

std::string server_of(const GlobalOptions& options) {
  if (!options.server.empty()) {
    return options.server;
  }
  if (!options.data_dir.empty()) {
    return client::grpc_address(client::read_endpoints(options.data_dir), options.tls);
  }
  const char* from_environment = std::getenv("CLAIMQ_SERVER");
  return from_environment != nullptr && *from_environment != '\0' ? from_environment : kServerDefault;
}

}  // namespace

client::Connection& Program::connection() {
  if (!connection_) {
    const std::string server = server_of(options_);
    client::Credentials credentials{.user = options_.user, .tls = options_.tls};
    credentials.token = own_token(options_.token_file);
    const bool by_certificate = !options_.tls.certificate.empty() && !password_is_given(options_.password_file);
    if (credentials.token.empty() && !by_certificate) {
      credentials.password = own_password(options_.user, options_.password_file);
    }
    connection_ = std::make_unique<client::Connection>(server, credentials);
  }
  return *connection_;
}

client::Style Program::style() const {
  const char* no_color = std::getenv("NO_COLOR");
  const bool wanted = no_color == nullptr || *no_color == '\0';
  return wanted && stdout_is_terminal() ? client::Style::kColoured : client::Style::kPlain;
}

void Program::print(const client::Table& table, const Json& json, const std::string& nothing) const {
  if (format() == Format::kJson) {
    write_out(json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
  } else {
    write_out(table.empty() ? nothing + "\n" : table.text(style()));
  }
}

void Program::print(const std::string& line, const Json& json) const {
  if (format() == Format::kJson) {
    write_out(json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
  } else {
    write_out(line + "\n");
  }
}

void write_out(std::string_view text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  if (!written) {
    throw client::Failure("standard output takes no more");
  }
}

bool stdout_is_terminal() { return isatty(STDOUT_FILENO) == 1; }
bool stderr_is_terminal() { return isatty(STDERR_FILENO) == 1; }

CLI::Validator duration_check() {
  return {[](std::string& text) {
            return client::parse_duration(text) ? std::string()
                                                : "'" + text + "' is no duration such as 500ms, 30s, 5m or 2h";
          },
          "DURATION"};
}

CLI::Validator size_check() {
  return {[](std::string& text) {
            return client::parse_size(text) ? std::string() : "'" + text + "' is no size such as 4096, 64k, 10M or 2G";
          },
          "SIZE"};
}

}  // namespace tools::ctl
