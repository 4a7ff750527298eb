// I2: eight connections claim the same queue by conditional STORE, all from its head.
#include <algorithm>
#include <memory>

#include "tools/bench/imap_connection.h"
#include "tools/bench/parallel.h"
#include "tools/bench/queue_load.h"
#include "tools/bench/workload.h"

namespace tools::bench {
namespace {

using Steady = std::chrono::steady_clock;

constexpr std::size_t kConnections = 8;
constexpr std::uint32_t kWindowUids = 64;

// One consumer of the race.
class Claimant {
 public:
  Claimant(const Target& target, const std::string& queue) : connection_(target.imap_server, target.credentials) {
    connection_.select(queue);
  }

  // find=window: FETCH flags and mod-sequences of the next 64 UIDs, try those that are not claimed, the oldest first.
  void claim_by_window(std::uint32_t last_uid) {
    for (std::uint32_t first = 1; first <= last_uid; first += kWindowUids) {
      const std::string range = std::to_string(first) + ":" + std::to_string(first + kWindowUids - 1);
      const ImapReply reply = connection_.require("UID FETCH " + range + " (FLAGS MODSEQ)");
      for (const std::string& line : reply.untagged) {
        const auto message = parse_fetch(line);
        if (message && !message->claimed) {
          claim(*message);
        }
      }
    }
  }

  // find=search: ask for the first that is not claimed, look at it, try it.
  void claim_by_search() {
    for (;;) {
      const ImapReply found = connection_.require("UID SEARCH RETURN (MIN) UNKEYWORD $Claimed");
      std::uint32_t uid = 0;
      for (const std::string& line : found.untagged) {
        const std::size_t at = line.find("MIN ");
        uid = line.starts_with("ESEARCH") && at != std::string::npos
                  ? static_cast<std::uint32_t>(std::stoul(line.substr(at + 4)))
                  : uid;
      }
      if (uid == 0) {
        return;
      }
      const ImapReply looked = connection_.require("UID FETCH " + std::to_string(uid) + " (FLAGS MODSEQ)");
      for (const std::string& line : looked.untagged) {
        const auto message = parse_fetch(line);
        if (message && message->uid == uid && !message->claimed) {
          claim(*message);
        }
      }
    }
  }

  [[nodiscard]] const std::vector<std::uint32_t>& won() const { return won_; }
  [[nodiscard]] std::uint64_t lost() const { return lost_; }
  [[nodiscard]] const client::Histogram& latency() const { return latency_; }

 private:
  void claim(const FetchedMessage& message) {
    const auto started = Steady::now();
    const ImapReply reply = connection_.command("UID STORE " + std::to_string(message.uid) + " (UNCHANGEDSINCE " +
                                                std::to_string(message.mod_seq) + ") +FLAGS.SILENT (\\Claimed)");
    latency_.record(Steady::now() - started);
    if (reply.has_code("MODIFIED")) {
      ++lost_;
    } else if (reply.ok()) {
      won_.push_back(message.uid);
    } else {
      throw client::Failure("the claim was answered " + reply.tagged);
    }
  }

  ImapConnection connection_;
  std::vector<std::uint32_t> won_;
  std::uint64_t lost_ = 0;
  client::Histogram latency_;
};

enum class Find { kWindow, kSearch };

Result race(const Target& target, const Load& load, Find find, std::uint64_t count) {
  BenchQueue queue(target, "I2");
  queue.fill(count, load.size_bytes);
  std::vector<std::unique_ptr<Claimant>> claimants;
  for (std::size_t at = 0; at < kConnections; ++at) {
    claimants.push_back(std::make_unique<Claimant>(target, queue.name()));
  }
  Result result{.workload = "I2",
                .what = find == Find::kWindow ? "8 claim, find=window" : "8 claim, find=search",
                .count = count};
  const Stopwatch stopwatch(target);
  run_parallel(kConnections, [&](std::size_t at) {
    if (find == Find::kWindow) {
      claimants[at]->claim_by_window(static_cast<std::uint32_t>(count));
    } else {
      claimants[at]->claim_by_search();
    }
  });
  stopwatch.stop(result);
  std::vector<std::uint32_t> won;
  std::uint64_t lost = 0;
  result.latency.emplace();
  for (const auto& claimant : claimants) {
    won.insert(won.end(), claimant->won().begin(), claimant->won().end());
    lost += claimant->lost();
    result.latency->merge(claimant->latency());
  }
  std::sort(won.begin(), won.end());
  const auto distinct = static_cast<std::uint64_t>(std::unique(won.begin(), won.end()) - won.begin());
  result.count = distinct;
  result.figures.emplace_back("lost races", static_cast<double>(lost));
  result.figures.emplace_back("won twice", static_cast<double>(won.size() - distinct));
  result.figures.emplace_back("never won", static_cast<double>(count - distinct));
  if (won.size() != distinct) {
    result.broken_promise = "messages were won twice";
  } else if (distinct != count) {
    result.broken_promise = "messages were never won";
  }
  return result;
}

}  // namespace

Results run_i2(const Target& target, const Load& load) {
  return {race(target, load, Find::kWindow, load.messages_or(20'000)),
          race(target, load, Find::kSearch, load.messages_or(2'000))};
}

}  // namespace tools::bench
