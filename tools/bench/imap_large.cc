// I4: what a client does in a very large mailbox.
#include <algorithm>

#include "tools/bench/imap_connection.h"
#include "tools/bench/parallel.h"
#include "tools/bench/queue_load.h"
#include "tools/bench/server_process.h"
#include "tools/bench/workload.h"

namespace tools::bench {
namespace {

using Steady = std::chrono::steady_clock;

constexpr std::size_t kMessageBytes = 256;
constexpr int kTurns = 5;
constexpr std::uint64_t kChanges = 10;

void expect_lines(std::string_view what, std::uint64_t found, std::uint64_t expected) {
  if (found != expected) {
    throw client::Failure(std::string(what) + " was answered by " + std::to_string(found) + " lines, not by " + std::to_string(expected));
  }
}

// `turn` is timed, `before` is not.
Result timed(const Target& target, std::string what, const std::function<void()>& before, const std::function<void()>& turn) {
  Result result{.workload = "I4", .what = std::move(what)};
  result.latency.emplace();
  for (int at = 0; at < kTurns; ++at) {
    before();
    Result one{.workload = {}, .what = {}, .count = 1};
    const Stopwatch stopwatch(target);
    const auto started = Steady::now();
    turn();
    result.latency->record(Steady::now() - started);
    stopwatch.stop(one);
    result.add(one);
  }
  return result;
}

std::uint64_t number_in(const ImapReply& reply, std::string_view name) {
  for (const std::string& line : reply.untagged) {
    if (const std::size_t at = line.find(name); at != std::string::npos) return std::stoull(line.substr(at + name.size()));
  }
  throw client::Failure("no " + std::string(name) + " in the answer");
}

}  // namespace

Results run_i4(const Target& target, const Load& load) {
  const std::uint64_t messages = load.messages_or(1'000'000);
  BenchQueue queue(target, "I4");
  queue.fill(messages, kMessageBytes);
  const std::string all = std::to_string(messages) + ": ";
  const std::string select = "SELECT " + queue.name();
  ImapConnection client(target.imap_server, target.credentials);
  ImapConnection other(target.imap_server, target.credentials);
  client.require("ENABLE QRESYNC");
  const auto nothing = [] {};
  const auto close = [&] { client.require("UNSELECT"); };

  Results results;
  client.require("SELECT INBOX");
  results.push_back(timed(target, all + "SELECT", close, [&] { client.require(select); }));
  if (target.process != nullptr) {
    close();
    const double without = target.process->pss_mib();
    client.require(select);
    const double selected = target.process->pss_mib();
    close();
    results.back().figures = {{"bytes a message while selected", (selected - without) * 1'048'576 / static_cast<double>(messages)},
                              {"bytes a message after", (target.process->pss_mib() - without) * 1'048'576 / static_cast<double>(messages)}};
    client.require(select);
  }

  results.push_back(timed(target, all + "FETCH 1:* (UID FLAGS MODSEQ)", nothing, [&] {
    expect_lines("FETCH", client.count_untagged("FETCH 1:* (UID FLAGS MODSEQ)"), messages);
  }));
  results.push_back(timed(target, all + "UID SEARCH UNKEYWORD $Claimed", nothing, [&] {
    expect_lines("SEARCH", client.count_untagged("UID SEARCH UNKEYWORD $Claimed"), 1);
  }));
  results.push_back(timed(target, all + "UID SEARCH RETURN (MIN COUNT) UNKEYWORD $Claimed", nothing, [&] {
    expect_lines("SEARCH", client.count_untagged("UID SEARCH RETURN (MIN COUNT) UNKEYWORD $Claimed"), 1);
  }));

  other.require(select);
  std::uint64_t known = 0;
  // Ten messages, far from each other.
  const auto each_tenth = [&](const std::function<void(const std::string&)>& visit) {
    for (std::uint64_t at = 0; at < kChanges; ++at) visit(std::to_string(1 + at * (messages / kChanges)));
  };
  bool flagged = false;
  results.push_back(timed(
      target, all + "FETCH CHANGEDSINCE, ten changes",
      [&] {
        known = number_in(client.require("STATUS " + queue.name() + " (HIGHESTMODSEQ)"), "HIGHESTMODSEQ ");
        flagged = !flagged;
        each_tenth([&](const std::string& number) {
          other.require("STORE " + number + (flagged ? " +" : " -") + "FLAGS.SILENT (\\Flagged)");
        });
        client.require("NOOP");
      },
      [&] {
        expect_lines("FETCH", client.count_untagged("UID FETCH 1:* (FLAGS) (CHANGEDSINCE " + std::to_string(known) + ")"), kChanges);
      }));

  std::uint64_t uid_validity = 0;
  ImapReply resynced;
  results.push_back(timed(
      target, all + "SELECT QRESYNC, ten vanished",
      [&] {
        const ImapReply status = client.require("STATUS " + queue.name() + " (HIGHESTMODSEQ UIDVALIDITY)");
        known = number_in(status, "HIGHESTMODSEQ ");
        uid_validity = number_in(status, "UIDVALIDITY ");
        client.require("UNSELECT");
        each_tenth([&](const std::string& number) { other.require("STORE " + number + " +FLAGS.SILENT (\\Deleted)"); });
        other.require("EXPUNGE");
      },
      [&] { resynced = client.require(select + " (QRESYNC (" + std::to_string(uid_validity) + " " + std::to_string(known) + "))"); }));
  if (std::none_of(resynced.untagged.begin(), resynced.untagged.end(),
                   [](const std::string& line) { return line.starts_with("VANISHED (EARLIER) "); })) {
    throw client::Failure("the QRESYNC reselect told of no vanished message");
  }
  return results;
}

}  // namespace tools::bench
