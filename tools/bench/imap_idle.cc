// I5: many sessions in IDLE on one queue that gets messages.
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "tools/bench/imap_connection.h"
#include "tools/bench/parallel.h"
#include "tools/bench/queue_load.h"
#include "tools/bench/server_process.h"
#include "tools/bench/workload.h"

namespace tools::bench {
namespace {

using Steady = std::chrono::steady_clock;

constexpr std::size_t kSessions = 1'000;
constexpr std::size_t kMessageBytes = 256;
constexpr std::chrono::seconds kPatience(60);

void allow_open_files(std::size_t count) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur >= count) return;
  limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, count);
  setrlimit(RLIMIT_NOFILE, &limit);
}

// Sessions of one queue in IDLE, read by the thread that calls.
class Crowd {
 public:
  Crowd(const Target& target, const std::string& queue, std::size_t count) : epoll_(epoll_create1(EPOLL_CLOEXEC)) {
    if (epoll_ < 0) throw client::Failure("epoll_create1 failed");
    for (std::size_t at = 0; at < count; ++at) {
      members_.push_back(Member{std::make_unique<ImapConnection>(target.imap_server, target.credentials)});
      members_.back().connection->select(queue);
      epoll_event event{};
      event.events = EPOLLIN;
      event.data.u64 = at;
      epoll_ctl(epoll_, EPOLL_CTL_ADD, members_.back().connection->idle(), &event);
    }
  }
  ~Crowd() { close(epoll_); }
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;

  std::size_t size() const { return members_.size(); }
  // EXISTS lines that came until now.
  std::uint64_t lines() const { return lines_; }
  // Reads until every member has been told of `exists` messages. `arrived` is called for each member's last line.
  template <class Arrived>
  void wait_for(std::uint64_t exists, Arrived&& arrived) {
    std::size_t missing = 0;
    for (const Member& member : members_) missing += member.exists < exists ? 1 : 0;
    std::array<epoll_event, 64> events;
    const auto deadline = Steady::now() + kPatience;
    while (missing > 0) {
      const int ready = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 1'000);
      if (Steady::now() > deadline) throw client::Failure(std::to_string(missing) + " idle sessions were not woken");
      for (int i = 0; i < ready; ++i) {
        Member& member = members_[events[static_cast<std::size_t>(i)].data.u64];
        const bool was_missing = member.exists < exists;
        read(member);
        if (!was_missing || member.exists < exists) continue;
        arrived();
        --missing;
      }
    }
  }

 private:
  struct Member {
    std::unique_ptr<ImapConnection> connection;
    std::string pending = {};
    std::uint64_t exists = 0;
  };

  void read(Member& member) {
    std::array<char, 16384> block;
    const ssize_t size = recv(member.connection->socket(), block.data(), block.size(), MSG_DONTWAIT);
    if (size == 0) throw client::Failure("the server ended an idle session");
    if (size < 0) return;
    member.pending.append(block.data(), static_cast<std::size_t>(size));
    std::size_t begin = 0;
    for (std::size_t end; (end = member.pending.find("\r\n", begin)) != std::string::npos; begin = end + 2) {
      std::string_view line = std::string_view(member.pending).substr(begin, end - begin);
      if (!line.starts_with("* ") || !line.ends_with(" EXISTS")) continue;
      line.remove_prefix(2);
      std::from_chars(line.data(), line.data() + line.size(), member.exists);
      ++lines_;
    }
    member.pending.erase(0, begin);
  }

  int epoll_;
  std::vector<Member> members_;
  std::uint64_t lines_ = 0;
};

Result appended(const Target& target, std::string what, std::uint64_t count, const std::function<void(Result&)>& run) {
  Result result{.workload = "I5", .what = std::move(what), .count = count};
  result.latency.emplace();
  const Stopwatch stopwatch(target);
  run(result);
  stopwatch.stop(result);
  if (result.server_cpu) {
    const double milliseconds = std::chrono::duration<double, std::milli>(*result.server_cpu).count();
    result.figures.emplace_back("server CPU ms per message", milliseconds / static_cast<double>(count));
  }
  return result;
}

}  // namespace

Results run_i5(const Target& target, const Load& load) {
  const std::uint64_t messages = load.messages_or(500);
  const std::size_t sessions = load.quick ? kSessions / 10 : kSessions;
  const std::string message = mail(kMessageBytes);
  allow_open_files(kSessions + 100);
  BenchQueue queue(target, "I5");
  ImapConnection writer(target.imap_server, target.credentials);
  std::uint64_t exists = 0;
  const auto append = [&] {
    writer.append(queue.name(), message);
    ++exists;
  };
  append();

  Results results;
  results.push_back(appended(target, "APPEND, nobody idle", messages, [&](Result& result) {
    for (std::uint64_t at = 0; at < messages; ++at) {
      const auto started = Steady::now();
      append();
      result.latency->record(Steady::now() - started);
    }
  }));

  const double before = target.process != nullptr ? target.process->pss_mib() : 0;
  Crowd crowd(target, queue.name(), sessions);
  const std::string idle = std::to_string(crowd.size()) + " idle: ";
  const double memory = target.process != nullptr ? target.process->pss_mib() - before : 0;

  results.push_back(appended(target, idle + "from OK of APPEND to each session's line, one at a time", messages, [&](Result& result) {
    for (std::uint64_t at = 0; at < messages; ++at) {
      append();
      const auto committed = Steady::now();
      crowd.wait_for(exists, [&] { result.latency->record(Steady::now() - committed); });
    }
  }));
  if (target.process != nullptr) {
    results.back().figures.emplace_back("KiB of memory each", memory * 1024.0 / static_cast<double>(crowd.size()));
  }

  const std::uint64_t lines = crowd.lines();
  results.push_back(appended(target, idle + "APPEND without a pause", messages, [&](Result& result) {
    for (std::uint64_t at = 0; at < messages; ++at) {
      const auto started = Steady::now();
      append();
      result.latency->record(Steady::now() - started);
    }
    crowd.wait_for(exists, [] {});
  }));
  results.back().figures.emplace_back("lines per session and message", static_cast<double>(crowd.lines() - lines) /
                                                                           static_cast<double>(messages * crowd.size()));
  return results;
}

}  // namespace tools::bench
