// A claimqd of this run's own.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <string>

#include "tools/client/connection.h"

namespace tools::bench {

struct SpawnOptions {
  std::string program;
  // Made if absent. Holds data/, the password and the server's log. A folder that holds anything else is refused.
  std::string folder;
  std::string durability;
};

// Operation    Starts on free loopback ports and waits until it listens; the destructor ends it by SIGTERM, then by SIGKILL.
//              Throws client::Failure when the server ends or does not listen in time, naming its log.
// Concurrency  None.
class ServerProcess {
 public:
  explicit ServerProcess(const SpawnOptions& options);
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  [[nodiscard]] const client::Endpoints& endpoints() const { return endpoints_; }
  [[nodiscard]] client::Credentials credentials() const;
  // Of the process that runs now, in user and system mode.
  [[nodiscard]] std::chrono::nanoseconds cpu_time() const;
  [[nodiscard]] double pss_mib() const;

  // SIGKILL, and the same server again: the same addresses.
  void restart_after_kill();

 private:
  void start();
  void wait_until_listening();

  SpawnOptions options_;
  std::filesystem::path data_;
  std::filesystem::path password_file_;
  std::filesystem::path log_;
  client::Endpoints endpoints_;
  pid_t pid_ = -1;
};

// Forced writes a second of the disk that holds `folder`: 4 KiB appended and fdatasync, for about half a second.
double fdatasyncs_per_second(const std::filesystem::path& folder);

}  // namespace tools::bench
