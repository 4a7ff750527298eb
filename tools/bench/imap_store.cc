// I3: conditional STORE round trips.
#include <atomic>
#include <barrier>
#include <memory>

#include "tools/bench/imap_connection.h"
#include "tools/bench/parallel.h"
#include "tools/bench/queue_load.h"
#include "tools/bench/workload.h"

namespace tools::bench {
namespace {

using Steady = std::chrono::steady_clock;

std::uint64_t mod_seq_in(const ImapReply& reply, std::uint32_t uid, std::uint64_t otherwise) {
  for (const std::string& line : reply.untagged) {
    const auto message = parse_fetch(line);
    if (message && message->uid == uid && message->mod_seq != 0) {
      otherwise = message->mod_seq;
    }
  }
  return otherwise;
}

std::string store_line(std::uint32_t uid, std::uint64_t mod_seq, bool add) {
  return "UID STORE " + std::to_string(uid) + " (UNCHANGEDSINCE " + std::to_string(mod_seq) + ") " + (add ? "+" : "-") +
         "FLAGS.SILENT (\\Flagged)";
}

std::vector<std::unique_ptr<ImapConnection>> selected(const Target& target, const BenchQueue& queue,
                                                      std::size_t count) {
  std::vector<std::unique_ptr<ImapConnection>> connections;
  for (std::size_t at = 0; at < count; ++at) {
    connections.push_back(std::make_unique<ImapConnection>(target.imap_server, target.credentials));
    connections.back()->select(queue.name());
  }
  return connections;
}

// Each connection flags and unflags a message of its own, always with the mod-sequence that the last STORE gave.
Result round_trips(const Target& target, const Load& load, std::size_t connections, std::uint64_t count) {
  BenchQueue queue(target, "I3");
  queue.fill(connections, load.size_bytes);
  const auto clients = selected(target, queue, connections);
  const std::uint64_t each = count / connections;
  std::vector<client::Histogram> latencies(connections);
  Result result{.workload = "I3",
                .what = "STORE, " + std::to_string(connections) + (connections == 1 ? " connection" : " connections"),
                .count = each * connections};
  const Stopwatch stopwatch(target);
  run_parallel(connections, [&](std::size_t at) {
    const auto uid = static_cast<std::uint32_t>(at + 1);
    std::uint64_t mod_seq = mod_seq_in(clients[at]->require("UID FETCH " + std::to_string(uid) + " (MODSEQ)"), uid, 0);
    for (std::uint64_t round = 0; round < each; ++round) {
      const auto started = Steady::now();
      const ImapReply reply = clients[at]->require(store_line(uid, mod_seq, round % 2 == 0));
      latencies[at].record(Steady::now() - started);
      if (reply.has_code("MODIFIED")) {
        throw client::Failure("a STORE with the latest mod-sequence was refused as MODIFIED");
      }
      mod_seq = mod_seq_in(reply, uid, mod_seq);
    }
  });
  stopwatch.stop(result);
  result.latency.emplace();
  for (const auto& latency : latencies) {
    result.latency->merge(latency);
  }
  return result;
}

// In each round all connections store on one message with the same mod-sequence: one of them must win.
Result rounds_on_one(const Target& target, const Load& load, std::uint64_t rounds) {
  constexpr std::size_t kConnections = 8;
  BenchQueue queue(target, "I3");
  queue.fill(1, load.size_bytes);
  const auto clients = selected(target, queue, kConnections);
  std::atomic<std::uint64_t> mod_seq = mod_seq_in(clients[0]->require("UID FETCH 1 (MODSEQ)"), 1, 0);
  std::atomic<std::uint64_t> next_mod_seq = 0;
  std::atomic<std::uint64_t> winners = 0;
  std::uint64_t several = 0;
  std::uint64_t none = 0;
  std::barrier all(kConnections, [&]() noexcept {
    several += winners > 1 ? 1U : 0U;
    none += winners == 0 ? 1U : 0U;
    winners = 0;
    mod_seq = std::max(mod_seq.load(), next_mod_seq.load());
  });
  Result result{.workload = "I3", .what = "rounds of 8 on one message", .count = rounds};
  const Stopwatch stopwatch(target);
  run_parallel(kConnections, [&](std::size_t at) {
    // Whoever fails leaves the barrier, or the others would wait for ever.
    try {
      for (std::uint64_t round = 0; round < rounds; ++round) {
        const ImapReply reply = clients[at]->require(store_line(1, mod_seq, round % 2 == 0));
        if (!reply.has_code("MODIFIED")) {
          ++winners;
          next_mod_seq = mod_seq_in(reply, 1, next_mod_seq);
        }
        all.arrive_and_wait();
      }
    } catch (...) {
      all.arrive_and_drop();
      throw;
    }
  });
  stopwatch.stop(result);
  result.figures.emplace_back("rounds with several winners", static_cast<double>(several));
  result.figures.emplace_back("rounds with none", static_cast<double>(none));
  if (several + none > 0) {
    result.broken_promise = "rounds did not have one winner each";
  }
  return result;
}

}  // namespace

Results run_i3(const Target& target, const Load& load) {
  return {round_trips(target, load, 1, load.messages_or(10'000)),
          round_trips(target, load, 8, load.messages_or(20'000)), rounds_on_one(target, load, load.messages_or(2'000))};
}

}  // namespace tools::bench
