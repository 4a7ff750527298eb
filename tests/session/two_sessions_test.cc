// Random commands of two and three sessions on one mailbox, each answer held against what the client knows (client_model.h) and
// against the store. A failure prints its seed; CLAIMQ_SEED=n replays it, CLAIMQ_STEPS=n makes as many steps (20,000 without).
#include <gtest/gtest.h>

#include <cstdlib>
#include <deque>
#include <map>
#include <random>

#include "imapd/wire/response.h"
#include "tests/session/client_model.h"
#include "tests/session/conversation.h"
#include "tests/session/random_commands.h"

namespace imapd::session {
namespace {

constexpr int kStepsPerRound = 250;

struct Truth {
  struct Message {
    FlagNames flags;
    std::uint64_t mod_seq = 0;
  };
  std::map<std::uint32_t, Message> messages;
};

// A client, its model, and what it kept of the mailbox when it closed it.
struct Player {
  Player(Server& server, int number_given) : client(server, "ann"), number(number_given) {}
  Client client;
  int number;
  ClientModel model;
  Habits habits;
  std::map<std::uint32_t, FlagNames> cache;
  std::uint64_t cache_mod_seq = 0;
};

class TwoSessions : public testing::Test {
 protected:
  void run(std::uint64_t seed, int steps) {
    SCOPED_TRACE("replay: CLAIMQ_SEED=" + std::to_string(seed) + " session_test --gtest_filter=TwoSessions.Replay");
    random_.seed(seed);
    transcript_.clear();
    queue_ = server_.make_queue("q" + std::to_string(seed));
    other_ = server_.make_queue("other" + std::to_string(seed));
    std::deque<Player> players;
    for (int number = 1; number <= 2 + pick(2); ++number) join(players.emplace_back(server_, number));
    for (int step = 0; step < steps && !failed_; ++step) turn(players);
    if (!failed_) return;
    std::string text;
    for (const std::string& line : transcript_) text += line + "\n";
    ADD_FAILURE() << "the last lines were:\n" << text;
  }

  int pick(int count) { return static_cast<int>(random_() % static_cast<unsigned>(count)); }
  bool failed_ = false;

 private:
  void fail(const Player& player, const std::string& what) {
    if (std::exchange(failed_, true)) return;
    transcript_.push_back(std::to_string(player.number) + " !! " + what);
    ADD_FAILURE() << "client " << player.number << ": " << what;
  }
  void note(const Player& player, const char* direction, const std::string& line) {
    transcript_.push_back(std::to_string(player.number) + direction + line);
    if (transcript_.size() > 80) transcript_.pop_front();
  }

  // --- the conversation ---
  void join(Player& player) {
    Habits& habits = player.habits;
    habits.mailbox = queue_.path.name;
    habits.other = other_.path.name;
    habits.condstore = pick(2) == 0;
    habits.qresync = pick(3) == 0;
    const bool uids_only = pick(4) == 0;
    habits.condstore = habits.condstore || habits.qresync;
    if (habits.condstore) player.client.command(habits.qresync ? "ENABLE QRESYNC" : "ENABLE CONDSTORE");
    if (uids_only) player.client.command("ENABLE UIDONLY");
    if (habits.qresync) player.model.set_names(ClientModel::Names::kVanished);
    if (uids_only) player.model.set_names(ClientModel::Names::kUidsOnly);
    note(player, uids_only ? " joins, UIDONLY, " : " joins, ", habits.qresync ? "QRESYNC" : habits.condstore ? "CONDSTORE" : "plain");
  }
  std::string start(Player& player, const Step& step) {
    note(player, " C: ", step.text);
    return player.client.start(step.text);
  }
  // A line with its literals.
  std::string read(Player& player) {
    std::string line = player.client.line();
    while (line.ends_with('}')) {
      const auto open = line.rfind('{');
      if (open == std::string::npos) break;
      const std::size_t count = std::strtoul(line.c_str() + open + 1, nullptr, 10);
      line += player.client.bytes(count);
      line += player.client.line();
    }
    note(player, " S: ", line);
    return line;
  }
  void finish(Player& player, const Step& step, const std::string& tag, bool alone) {
    const std::uint64_t known = player.model.highest_mod_seq();
    const auto numbers = static_cast<std::uint32_t>(player.model.entries().size());  // What `*` is, whatever comes meanwhile.
    player.model.begin({step.uses_numbers(), step.kind == Step::Kind::kSelect});
    while (!failed_) {
      std::string line = read(player);
      if (line.starts_with("+ ")) continue;
      if (line.starts_with(tag + " ")) {
        if (const auto code = line.find("OK [HIGHESTMODSEQ "); code != std::string::npos) take(player, "* " + line.substr(code));
        tagged(player, step, line.substr(tag.size() + 1), {alone, numbers});
        break;
      }
      take(player, line);
      if (step.kind == Step::Kind::kStatus) check_status(player, line);
    }
    if (player.model.highest_mod_seq() != known && !failed_) check_highest(player, player.model.highest_mod_seq());
  }
  void take(Player& player, const std::string& line) {
    if (const std::string wrong = player.model.take(line); !wrong.empty()) fail(player, wrong + ", by: " + line);
  }

  void turn(std::deque<Player>& players) {
    Player& player = players[static_cast<std::size_t>(pick(static_cast<int>(players.size())))];
    Player& second = players[static_cast<std::size_t>(pick(static_cast<int>(players.size())))];
    const Step step = random_step(random_, player.model, player.habits);
    const int how = pick(10);
    if (how == 0 && &second != &player) {  // Both at once.
      const Step other = random_step(random_, second.model, second.habits);
      const std::string tag = start(player, step);
      const std::string other_tag = start(second, other);
      finish(player, step, tag, false);
      finish(second, other, other_tag, false);
    } else if (how == 1 && step.uses_numbers()) {  // Two of one client, the second before the first is answered.
      const Step next = random_step(random_, player.model, player.habits);
      if (next.kind == Step::Kind::kSelect) return;
      const std::string tag = start(player, step);
      const std::string next_tag = start(player, next);
      finish(player, step, tag, false);
      finish(player, next, next_tag, false);
    } else if (how == 2 && &second != &player && player.model.selected()) {  // One idles while another does something.
      Step idle;
      idle.text = "IDLE";
      idle.kind = Step::Kind::kSync;
      const std::string tag = start(player, idle);
      const Step other = random_step(random_, second.model, second.habits);
      finish(second, other, start(second, other), false);
      player.client.send("DONE\r\n");
      finish(player, idle, tag, true);
    } else {
      finish(player, step, start(player, step), true);
    }
  }

  // --- the checks ---
  Truth truth() {
    Truth truth;
    const store::Snapshot snapshot = server_.store().snapshot();
    const auto uids = snapshot.uids(queue_.id);
    const auto read = snapshot.for_each(queue_.id, *uids, [&truth](const store::MessageState& message) {
      std::string flags;
      wire::append_flags(flags, message.flags, wire::ClaimedAs::kBoth);
      truth.messages[message.uid.value()] = {parse_flag_names(flags), message.mod_seq.value()};
      return true;
    });
    EXPECT_TRUE(read);
    return truth;
  }

  struct Circumstances {
    bool alone;  // Nobody else changes the mailbox now.
    std::uint32_t numbers;  // So many messages there were when the command was begun.
  };
  void tagged(Player& player, const Step& step, const std::string& answer, const Circumstances& at) {
    const bool alone = at.alone;
    const bool is_ok = answer.starts_with("OK");
    const bool expected = is_ok || answer.starts_with("NO [INUSE]") || answer.starts_with("NO [EXPUNGEISSUED]") ||
                          answer.starts_with("NO [READ-ONLY]") || answer.starts_with("NO [MODIFIED");
    if (!expected) return fail(player, "unexpected answer to " + step.text + ": " + answer);
    switch (step.kind) {
      case Step::Kind::kClose:
        keep(player);
        player.model.close();
        break;
      case Step::Kind::kSelect:
        if (alone && step.resynchronizes) check_resynchronized(player);
        player.cache.clear();
        break;
      case Step::Kind::kStore:
        believe(player, step, answer, at.numbers);
        if (alone && is_ok && !step.silent) check_told(player, step, at.numbers);
        break;
      case Step::Kind::kFetch:
        if (alone && is_ok && step.asks_for_flags) check_told(player, step, at.numbers);
        break;
      case Step::Kind::kSearch:
        if (alone) check_found(player, step);
        break;
      case Step::Kind::kSync:
        if (alone && player.model.selected()) check_equal(player);
        break;
      case Step::Kind::kStatus:
      case Step::Kind::kOther:
        break;
    }
  }

  // What a client takes for granted after a STORE of which not all was told.
  static void believe(Player& player, const Step& step, const std::string& answer, std::uint32_t numbers) {
    UidList modified;
    if (const auto code = answer.find("[MODIFIED "); code != std::string::npos) {
      modified = parse_number_set(std::string_view(answer).substr(code + 10, answer.find(']', code) - code - 10));
    }
    for (ClientModel::Entry* entry : named(player, step, numbers)) {
      if (entry->told || !entry->flags) continue;
      const auto number = static_cast<std::uint32_t>(entry - player.model.entries().data() + 1);
      if (std::ranges::binary_search(modified, step.by_uid ? entry->uid : number)) continue;
      if (answer.starts_with("OK") && step.silent) {
        step.change(*entry->flags);
      } else {
        entry->flags.reset();
      }
    }
  }
  static std::vector<ClientModel::Entry*> named(Player& player, const Step& step, std::uint32_t numbers) {
    std::vector<ClientModel::Entry*> entries;
    std::vector<ClientModel::Entry>& all = player.model.entries();
    const auto largest = step.by_uid ? (all.empty() ? 0 : all.back().uid) : numbers;
    const UidList set = parse_number_set(step.set, largest);
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (std::ranges::binary_search(set, step.by_uid ? all[i].uid : static_cast<std::uint32_t>(i + 1))) entries.push_back(&all[i]);
    }
    return entries;
  }

  void keep(Player& player) {
    player.cache.clear();
    for (const ClientModel::Entry& entry : player.model.entries()) {
      if (entry.uid != 0 && entry.flags) player.cache[entry.uid] = *entry.flags;
    }
    player.cache_mod_seq = player.model.highest_mod_seq();
    player.habits.known_mod_seq = player.cache_mod_seq;
    player.habits.known_uid_validity = player.model.uid_validity();
  }

  // RFC 7162, section 3.2.5: with what SELECT told, the client's copy is as the mailbox.
  void check_resynchronized(Player& player) {
    const Truth now = truth();
    for (const auto& [uid, flags] : player.cache) {
      const auto there = now.messages.find(uid);
      const bool vanished = std::ranges::binary_search(player.model.vanished_earlier(), uid);
      if (vanished != (there == now.messages.end())) return fail(player, "VANISHED (EARLIER) is wrong for UID " + std::to_string(uid));
      if (vanished) continue;
      const ClientModel::Entry* entry = player.model.find(uid);
      const FlagNames& known = entry != nullptr && entry->flags ? *entry->flags : flags;
      if (known != there->second.flags) return fail(player, "QRESYNC did not tell the flags of UID " + std::to_string(uid));
    }
  }

  // Each message that the command named and that is still there was told of.
  void check_told(Player& player, const Step& step, std::uint32_t numbers) {
    const Truth now = truth();
    for (const ClientModel::Entry* entry : named(player, step, numbers)) {
      if (entry->told || !now.messages.contains(entry->uid)) continue;
      return fail(player, "not told of UID " + std::to_string(entry->uid) + " by the answer to " + step.text);
    }
  }

  void check_found(Player& player, const Step& step) {
    const Truth now = truth();
    const auto& entries = player.model.entries();
    const UidList& found = player.model.found();
    if (!step.by_uid && !found.empty() && found.back() > entries.size()) return fail(player, "SEARCH found more than there is");
    for (std::size_t i = 0; i < entries.size(); ++i) {
      const auto there = now.messages.find(entries[i].uid);
      if (there == now.messages.end()) continue;
      const bool is_found = std::ranges::binary_search(found, step.by_uid ? entries[i].uid : static_cast<std::uint32_t>(i + 1));
      const bool fits = step.flag.empty() || there->second.flags.contains(step.flag);
      if (is_found != fits) return fail(player, "wrong result for UID " + std::to_string(entries[i].uid) + ": " + step.text);
    }
  }

  // After NOOP the client knows all.
  void check_equal(Player& player) {
    const Truth now = truth();
    const auto& entries = player.model.entries();
    if (entries.size() != now.messages.size()) return fail(player, "has another number of messages than the mailbox");
    auto there = now.messages.begin();
    for (const ClientModel::Entry& entry : entries) {
      const auto message = player.model.names() == ClientModel::Names::kUidsOnly ? now.messages.find(entry.uid) : there;
      ++there;
      if (entry.uid == 0) continue;
      const std::string name = "UID " + std::to_string(entry.uid);
      if (message == now.messages.end() || message->first != entry.uid) return fail(player, "has another list: " + name);
      if (entry.flags && *entry.flags != message->second.flags) return fail(player, "has not been told the flags of " + name);
      if (entry.mod_seq > message->second.mod_seq) return fail(player, "was told a MODSEQ to come, of " + name);
      const bool follows = player.habits.condstore && entry.flags && entry.has_mod_seq;
      if (follows && entry.mod_seq != message->second.mod_seq) return fail(player, "has not been told the MODSEQ of " + name);
    }
  }

  void check_status(Player& player, const std::string& line) {
    const auto at = line.find("HIGHESTMODSEQ ");
    if (line.starts_with("* STATUS") && at != std::string::npos && player.model.selected()) {
      check_highest(player, std::strtoull(line.c_str() + at + 14, nullptr, 10));
    }
  }
  // Nothing up to it is left to be told (I5).
  void check_highest(Player& player, std::uint64_t highest) {
    const Truth now = truth();
    const auto later = server_.store().snapshot().vanished_since(queue_.id, ModSeq(highest));
    ASSERT_TRUE(later);
    for (const ClientModel::Entry& entry : player.model.entries()) {
      if (entry.uid == 0) continue;
      const auto there = now.messages.find(entry.uid);
      const std::string name = "UID " + std::to_string(entry.uid);
      if (there == now.messages.end()) {
        if (!later->uids.contains(Uid(entry.uid))) return fail(player, "HIGHESTMODSEQ runs ahead of an EXPUNGE: " + name);
      } else if (there->second.mod_seq <= highest && entry.flags && *entry.flags != there->second.flags) {
        return fail(player, "HIGHESTMODSEQ runs ahead of flags: " + name);
      }
    }
  }

  Server server_;
  store::MailboxInfo queue_;
  store::MailboxInfo other_;
  std::mt19937_64 random_;
  std::deque<std::string> transcript_;
};

TEST_F(TwoSessions, WhatEachIsToldIsSoundAndComplete) {
  const char* asked = std::getenv("CLAIMQ_STEPS");
  const int steps = asked == nullptr ? 20'000 : std::atoi(asked);
  for (int round = 1; round <= steps / kStepsPerRound && !failed_; ++round) run(static_cast<std::uint64_t>(round), kStepsPerRound);
}

TEST_F(TwoSessions, Replay) {
  const char* seed = std::getenv("CLAIMQ_SEED");
  if (seed == nullptr) GTEST_SKIP() << "CLAIMQ_SEED is not set";
  run(std::strtoull(seed, nullptr, 10), kStepsPerRound);
}

}  // namespace
}  // namespace imapd::session
