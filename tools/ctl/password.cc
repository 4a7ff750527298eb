#include "tools/ctl/password.h"

#include <sys/random.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string_view>

#include "tools/client/failure.h"

namespace tools::ctl {
namespace {

using client::ExitCode;
using client::Failure;

std::string first_line(std::istream& input, const std::string& name) {
  std::string line;
  std::getline(input, line);
  if (!line.empty() && line.back() == '\r') {
    line.pop_back();
  }
  if (line.empty()) {
    throw Failure(name + " holds nothing in its first line", {.exit_code = ExitCode::kUsage});
  }
  return line;
}

std::string from_file(const std::string& path) {
  if (path == "-") {
    return first_line(std::cin, "standard input");
  }
  std::ifstream file(path);
  if (!file.is_open()) {
    throw Failure("cannot read the file " + path, {.exit_code = ExitCode::kUsage});
  }
  return first_line(file, path);
}

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// Turns off the terminal's echo while it lives.
class HiddenInput {
 public:
  HiddenInput() {
    tcgetattr(STDIN_FILENO, &before_);
    termios hidden = before_;
    hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
  }
  ~HiddenInput() { tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_); }
  HiddenInput(const HiddenInput&) = delete;
  HiddenInput& operator=(const HiddenInput&) = delete;

 private:
  termios before_{};
};

std::string asked_for(const std::string& user) {
  std::cerr << "Password of " << user << ": " << std::flush;
  std::string password;
  {
    const HiddenInput hidden;
    std::getline(std::cin, password);
  }
  std::cerr << "\n";
  return password;
}

std::string generated() {
  // Without the letters and digits that are taken for one another.
  constexpr std::string_view kAlphabet = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
  constexpr std::size_t kLength = 24;
  std::string password;
  while (password.size() < kLength) {
    std::array<unsigned char, 64> random{};
    if (getentropy(random.data(), random.size()) != 0) {
      throw Failure("the system gives no random bytes");
    }
    for (const unsigned char byte : random) {
      // Bytes beyond the last whole multiple are dropped: each character must be equally likely.
      const std::size_t fair = 256 / kAlphabet.size() * kAlphabet.size();
      if (byte < fair && password.size() < kLength) {
        password += kAlphabet[byte % kAlphabet.size()];
      }
    }
  }
  return password;
}

}  // namespace

std::string own_password(const std::string& user, const std::string& file) {
  if (!file.empty()) {
    return from_file(file);
  }
  if (const std::string password = environment("CLAIMQ_PASSWORD"); !password.empty()) {
    return password;
  }
  if (const std::string path = environment("CLAIMQ_PASSWORD_FILE"); !path.empty()) {
    return from_file(path);
  }
  if (isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1) {
    return asked_for(user);
  }
  throw Failure("no password for " + user + ": use --password-file, CLAIMQ_PASSWORD or CLAIMQ_PASSWORD_FILE",
                {.exit_code = ExitCode::kUsage});
}

bool password_is_given(const std::string& file) {
  return !file.empty() || !environment("CLAIMQ_PASSWORD").empty() || !environment("CLAIMQ_PASSWORD_FILE").empty();
}

std::string own_token(const std::string& file) {
  if (!file.empty()) {
    return from_file(file);
  }
  if (const std::string token = environment("CLAIMQ_TOKEN"); !token.empty()) {
    return token;
  }
  const std::string path = environment("CLAIMQ_TOKEN_FILE");
  return path.empty() ? std::string() : from_file(path);
}

NewPassword new_password(const std::string& file) {
  if (file.empty()) {
    return {.text = generated(), .origin = Origin::kGenerated};
  }
  return {.text = from_file(file), .origin = Origin::kGiven};
}

}  // namespace tools::ctl
