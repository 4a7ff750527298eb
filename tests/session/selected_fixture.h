#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <string>
#include <vector>

#include "imapd/wire/response.h"
#include "tests/session/conversation.h"

namespace imapd::session {

// Runs first and then forms the matcher, which may ask the store what is there now.
#define EXPECT_LINES(run, ...)                    \
  if (const auto lines_answered = (run); false) { \
  } else                                          \
    EXPECT_THAT(lines_answered, __VA_ARGS__)

using Lines = std::vector<std::string>;

// One client, command by command.
class Talker {
 public:
  Talker(Server& server, const std::string& user) : client_(server, user) {}
  // The untagged lines and then the tagged one, without its tag.
  Lines run(const std::string& command) {
    last_tag_ = client_.start(command);
    Client::Answer answer = client_.finish(last_tag_);
    Lines lines = std::move(answer.untagged);
    lines.push_back(std::move(answer.tagged));
    return lines;
  }
  const std::string& last_tag() const { return last_tag_; }
  Client& client() { return client_; }

 private:
  Client client_;
  std::string last_tag_;
};

// A server with the queue "q", on which nobody but `admin` is an administrator. UIDs begin at 1.
class SelectedTest : public testing::Test {
 protected:
  static constexpr const char* kRights = "lrswipkxte";

  // Appends `count` messages. They are recent for nobody, as if a session had been told of them before.
  void fill(std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i) append("Subject: message\r\n\r\nbody\r\n");
  }
  void append(const std::string& message, FlagSet flags = {}) {
    server_.append(queue_, message, std::move(flags));
    server_.store().recent_from(queue_.id, store::Store::Recent::kTake);
  }

  Talker& connect(const std::string& user = "ann") { return talkers_.emplace_back(server_, user); }
  Talker& selected_client(const std::string& user = "ann") {
    Talker& talker = connect(user);
    EXPECT_TRUE(talker.run("SELECT q").back().starts_with("OK [READ-WRITE]"));
    return talker;
  }
  Talker& condstore_client(const std::string& user = "ann") {
    Talker& talker = connect(user);
    EXPECT_TRUE(talker.run("SELECT q (CONDSTORE)").back().starts_with("OK [READ-WRITE]"));
    return talker;
  }

  // --- behind the clients' backs ---
  void store_flags(std::uint32_t uid, FlagSet flags, store::FlagChange::Mode mode = store::FlagChange::Mode::kAdd) {
    store::StoreFlags request;
    request.mailbox = queue_.id;
    request.uids = UidSet::of(Uid(uid));
    request.change.mode = mode;
    request.change.flags = std::move(flags);
    request.actor = administrator();
    const auto stored = support::await(server_.store(), &store::Store::store_flags, std::move(request));
    ASSERT_TRUE(stored && stored->refused.empty());
  }
  void expunge(const std::vector<std::uint32_t>& uids) {
    store::Expunge request;
    request.mailbox = queue_.id;
    request.uids = UidSet();
    for (const std::uint32_t uid : uids) {
      store_flags(uid, FlagSet{SystemFlag::kDeleted});
      request.uids->add(Uid(uid));
    }
    request.actor = administrator();
    const auto expunged = support::await(server_.store(), &store::Store::expunge, std::move(request));
    ASSERT_TRUE(expunged && expunged->expunged.size() == uids.size());
  }

  // --- what the store has ---
  store::MessageState message(std::uint32_t uid) {
    const store::Snapshot snapshot = server_.store().snapshot();
    auto found = snapshot.message(queue_.id, Uid(uid));
    EXPECT_TRUE(found && *found) << "UID " << uid;
    return found && *found ? **found : store::MessageState();
  }
  bool exists(std::uint32_t uid) {
    const store::Snapshot snapshot = server_.store().snapshot();
    const auto found = snapshot.message(queue_.id, Uid(uid));
    return found && found->has_value();
  }
  FlagSet flags(std::uint32_t uid) { return message(uid).flags; }
  std::string mod_seq(std::uint32_t uid) { return std::to_string(message(uid).mod_seq.value()); }
  std::string highest() { return std::to_string(server_.store().mailbox(queue_.id)->highest_mod_seq.value()); }

  // --- the lines that show it to a client with CONDSTORE ---
  std::string shown(std::uint32_t number, std::uint32_t uid) {
    std::string line = "* " + std::to_string(number) + " FETCH (UID " + std::to_string(uid) + " FLAGS ";
    wire::append_flags(line, flags(uid), wire::ClaimedAs::kBoth);
    return line + " MODSEQ (" + mod_seq(uid) + "))";
  }
  std::string silent(std::uint32_t number, std::uint32_t uid) {
    return "* " + std::to_string(number) + " FETCH (UID " + std::to_string(uid) + " MODSEQ (" + mod_seq(uid) + "))";
  }

  static store::Actor administrator() {
    store::Actor actor;
    actor.user = "admin";
    actor.holder = "behind";
    actor.rank = store::Actor::Rank::kAdministrator;
    return actor;
  }

  Server server_;
  store::MailboxInfo queue_ = server_.make_queue("q", {{"anyone", kRights}});
  std::deque<Talker> talkers_;
};

}  // namespace imapd::session
