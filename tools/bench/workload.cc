#include "tools/bench/workload.h"

namespace tools::bench {

void Result::add(const Result& turn) {
  count += turn.count;
  elapsed += turn.elapsed;
  if (turn.latency) {
    latency = latency ? latency : client::Histogram();
    latency->merge(*turn.latency);
  }
  if (turn.server_cpu) {
    server_cpu = server_cpu.value_or(std::chrono::nanoseconds(0)) + *turn.server_cpu;
  }
}

const std::vector<Workload>& workloads() {
  static const std::vector<Workload> all = {
      {"W1", Door::kGrpc, "one producer; each message is confirmed before the next is sent", run_w1},
      {"W2", Door::kGrpc, "eight producers with 256 messages outstanding each: four Enqueue calls of 64 in flight",
       run_w2},
      {"W3a", Door::kGrpc, "eight workers: claim one, ack it", run_w3a},
      {"W3b", Door::kGrpc, "eight workers: claim 32, ack them", run_w3b},
      {"W4", Door::kGrpc,
       "open loop, 2,000 messages/s for --seconds: from the intended time of sending to the worker (Work stream)",
       run_w4},
      {"W5", Door::kGrpc,
       "claim rate with 10,000 and with 1,000,000 messages of 256 B waiting, in turns; with --spawn also memory and "
       "restart",
       run_w5},
      {"I1", Door::kImap, "APPEND by 1 and by 8 connections", run_i1},
      {"I2", Door::kImap, "8 connections claim by conditional STORE, all from the head; find = window, search", run_i2},
      {"I3", Door::kImap, "conditional STORE round trips of 1 and 8 connections, and rounds of 8 on one message",
       run_i3},
      {"I4", Door::kImap,
       "a mailbox of 1,000,000 messages of 256 B: SELECT, FETCH of all flags, SEARCH, CHANGEDSINCE, QRESYNC; with --spawn "
       "also memory",
       run_i4},
      {"I5", Door::kImap, "1,000 sessions in IDLE on one queue: how soon each is told of a message, and what that costs", run_i5},
  };
  return all;
}

}  // namespace tools::bench
