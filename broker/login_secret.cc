#include "broker/login_secret.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <iterator>

#include "imapd/auth/password.h"

namespace broker {

using imapd::Code;
using imapd::make_error;

namespace {

constexpr std::size_t kSecretBytes = 32;

bool write_all(int file, const std::string& bytes) {
  const auto written = ::write(file, bytes.data(), bytes.size());
  return written == static_cast<ssize_t>(bytes.size()) && ::fsync(file) == 0;
}

}  // namespace

imapd::Result<std::string> login_secret(const std::string& data_dir) {
  const std::string path = data_dir + "/login.secret";
  std::ifstream present(path, std::ios::binary);
  if (present) {
    std::string secret(std::istreambuf_iterator<char>(present), {});
    if (secret.size() == kSecretBytes) return secret;
  }
  // In one step: a crash leaves no half of it.
  const std::string draft = path + ".new";
  const int file = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (file < 0) return make_error(Code::kIo, "cannot write " + draft);
  std::string secret = imapd::auth::random_bytes(kSecretBytes);
  const bool written = write_all(file, secret);
  ::close(file);
  if (!written || std::rename(draft.c_str(), path.c_str()) != 0) return make_error(Code::kIo, "cannot write " + path);
  return secret;
}

}  // namespace broker
