#include "tools/bench/server_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <thread>
#include <vector>

namespace tools::bench {
namespace {

using client::Failure;
using Steady = std::chrono::steady_clock;

constexpr std::chrono::seconds kStartTimeout(60);
constexpr std::chrono::seconds kStopTimeout(30);

std::string random_password() {
  std::array<unsigned char, 16> bytes{};
  if (getentropy(bytes.data(), bytes.size()) != 0) {
    throw Failure("the system gives no random bytes");
  }
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const unsigned char byte : bytes) {
    text += kDigits[byte >> 4U];
    text += kDigits[byte & 15U];
  }
  return text;
}

void write_private_file(const std::filesystem::path& path, const std::string& text) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  const bool written = file >= 0 && write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  if (file >= 0) {
    close(file);
  }
  if (!written) {
    throw Failure(path.string() + ": cannot be written");
  }
}

// True when the child ended in time.
bool ended_within(pid_t pid, std::chrono::milliseconds timeout) {
  const auto deadline = Steady::now() + timeout;
  while (waitpid(pid, nullptr, WNOHANG) == 0) {
    if (Steady::now() > deadline) {
      return false;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

}  // namespace

ServerProcess::ServerProcess(const SpawnOptions& options)
    : options_(options),
      data_(std::filesystem::path(options.folder) / "data"),
      password_file_(std::filesystem::path(options.folder) / "password"),
      log_(std::filesystem::path(options.folder) / "claimqd.log") {
  try {
    std::filesystem::create_directories(options.folder);
    if (!std::filesystem::exists(password_file_)) {
      if (!std::filesystem::is_empty(options.folder)) {
        throw Failure(options.folder + " is not empty and was not made by claimq-bench",
                      {.exit_code = client::ExitCode::kUsage});
      }
      write_private_file(password_file_, random_password() + "\n");
    }
  } catch (const std::filesystem::filesystem_error& error) {
    throw Failure(error.what());
  }
  endpoints_ = {.imap = "127.0.0.1:0", .grpc = "127.0.0.1:0"};
  start();
}

ServerProcess::~ServerProcess() {
  if (pid_ > 0) {
    kill(pid_, SIGTERM);
    if (!ended_within(pid_, kStopTimeout)) {
      kill(pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
    }
  }
}

client::Credentials ServerProcess::credentials() const {
  std::ifstream file(password_file_);
  client::Credentials credentials{.user = "admin", .password = {}};
  std::getline(file, credentials.password);
  return credentials;
}

void ServerProcess::start() {
  std::error_code ignored;
  std::filesystem::remove(data_ / "endpoints.json", ignored);
  std::vector<std::string> words = {options_.program,        "--data-dir",           data_.string(),
                                    "--imap-listen",         endpoints_.imap,        "--grpc-listen",
                                    endpoints_.grpc,         "--durability",         options_.durability,
                                    "--admin-password-file", password_file_.string()};
  std::vector<char*> arguments;
  for (std::string& word : words) {
    arguments.push_back(word.data());
  }
  arguments.push_back(nullptr);
  const int log = open(log_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  pid_ = fork();
  if (pid_ == 0) {
    // Only what is safe between fork and exec: other threads of this process may hold locks.
    dup2(log, STDOUT_FILENO);
    dup2(log, STDERR_FILENO);
    execv(arguments[0], arguments.data());
    _exit(127);
  }
  close(log);
  if (pid_ < 0) {
    throw Failure("cannot start " + options_.program);
  }
  wait_until_listening();
}

void ServerProcess::wait_until_listening() {
  const auto deadline = Steady::now() + kStartTimeout;
  while (Steady::now() < deadline) {
    if (waitpid(pid_, nullptr, WNOHANG) != 0) {
      pid_ = -1;
      throw Failure(options_.program + " ended at once; its log: " + log_.string());
    }
    if (std::filesystem::exists(data_ / "endpoints.json")) {
      try {
        endpoints_ = client::read_endpoints(data_.string());
        return;
      } catch (const Failure&) {
        // Half written: look again.
      }
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  throw Failure(options_.program + " did not listen in time; its log: " + log_.string());
}

void ServerProcess::restart_after_kill() {
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = -1;
  start();
}

std::chrono::nanoseconds ServerProcess::cpu_time() const {
  std::ifstream file("/proc/" + std::to_string(pid_) + "/stat");
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  // The name in parentheses may hold blanks; utime and stime are the 12th and 13th field after it (proc(5)).
  std::size_t at = text.rfind(')');
  std::int64_t ticks = 0;
  for (int field = 0; field < 13 && at != std::string::npos; ++field) {
    at = text.find(' ', at + 1);
    if (field >= 11 && at != std::string::npos) {
      const std::size_t value = text.find(' ', at + 1);
      ticks += std::stoll(text.substr(at + 1, value - at - 1));
    }
  }
  return std::chrono::nanoseconds(ticks * 1'000'000'000 / sysconf(_SC_CLK_TCK));
}

double ServerProcess::pss_mib() const {
  std::ifstream file("/proc/" + std::to_string(pid_) + "/smaps_rollup");
  std::string line;
  while (std::getline(file, line)) {
    if (line.starts_with("Pss:")) {
      return std::stod(line.substr(4)) / 1024.0;
    }
  }
  return 0.0;
}

double fdatasyncs_per_second(const std::filesystem::path& folder) {
  constexpr std::chrono::milliseconds kDuration(500);
  const std::filesystem::path path = folder / ".claimq-bench-probe";
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) {
    throw Failure(path.string() + ": cannot be written");
  }
  const std::array<char, 4096> block{};
  std::uint64_t count = 0;
  const auto started = Steady::now();
  bool healthy = true;
  while (healthy && Steady::now() - started < kDuration) {
    healthy = write(file, block.data(), block.size()) == static_cast<ssize_t>(block.size()) && fdatasync(file) == 0;
    ++count;
  }
  const std::chrono::duration<double> elapsed = Steady::now() - started;
  close(file);
  unlink(path.c_str());
  return static_cast<double>(count) / elapsed.count();
}

}  // namespace tools::bench
