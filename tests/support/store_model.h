#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "imapd/store/store.h"

namespace support {

// A store in the plainest form: mailboxes as maps, every verb as the RFCs and the claim's rules say. It predicts outcomes and
// states, but for mod-sequences: of those it knows only which messages get new ones. learn() reads them from the store.
//
// The claim's rules are those of tests/store/store_fixture.h (ShortRules): leases as asked or by policy, back-off of 1 s, death at
// the third failure, in `<mailbox>/Dead`.
class StoreModel {
 public:
  using Actor = imapd::store::Actor;
  using ModSeq = imapd::ModSeq;
  using Uid = imapd::Uid;

  struct Message {
    imapd::FlagSet flags;
    std::string body;
    std::uint32_t priority = 4;
    std::uint32_t deliveries = 0;
    std::uint32_t failures = 0;
    std::optional<imapd::store::Claim> claim;  // claim->token is known after learn().
    ModSeq mod_seq;
    ModSeq append_mod_seq;
    std::map<std::string, ModSeq> flag_mod_seqs;  // Lower case.
    // Changed since the last learn().
    bool fresh = true;
    bool fresh_append = true;
    bool fresh_token = false;
    std::set<std::string> fresh_flags;
  };
  struct Mailbox {
    imapd::store::MailboxKind kind = imapd::store::MailboxKind::kQueue;
    bool selectable = true;
    imapd::store::Policy policy;
    std::uint32_t uid_next = 1;
    std::map<std::uint32_t, Message> messages;
    // Known after learn(), as of then.
    imapd::MailboxId id;
    imapd::UidValidity uid_validity;
    ModSeq highest;
    std::vector<ModSeq> moments;                                // highest, each time that learn() saw it change.
    std::vector<std::pair<ModSeq, std::uint32_t>> vanished;     // The moment at which it was gone, and what.
    std::vector<std::uint32_t> fresh_vanished;
  };
  using Path = imapd::store::MailboxPath;

  // --- verbs: false or nullopt means refused with the code in `refusal` ---
  bool create(const imapd::store::CreateMailbox& request);
  bool remove(const Path& path);
  bool rename(const Path& from, const Path& to);
  bool update(const Path& path, const imapd::store::Policy& policy);
  std::optional<std::vector<std::uint32_t>> append(const Path& path, const imapd::store::Append& request, imapd::Timestamp now);
  struct Stored {
    std::vector<Uid> stored;
    std::vector<std::pair<Uid, imapd::store::Refusal>> refused;
  };
  Stored store_flags(const Path& path, const imapd::store::StoreFlags& request, imapd::Timestamp now);
  std::optional<std::vector<Uid>> claim_ready(const Path& path, const imapd::store::ClaimReady& request, imapd::Timestamp now);
  std::vector<imapd::store::SettleOutcome::Result> settle(const Path& path, const imapd::store::Settle& request,
                                                          imapd::Timestamp now);
  imapd::UidSet expunge(const Path& path, const imapd::store::Expunge& request);
  struct Copied {
    std::vector<std::pair<Uid, Uid>> uids;
    std::vector<Uid> refused;
  };
  std::optional<Copied> copy(const Path& from, const Path& to, const imapd::store::CopyMessages& request, imapd::Timestamp now);
  void expire_due(imapd::Timestamp now);
  bool put_user(const imapd::store::PutUser& request);
  bool remove_user(const std::string& name);
  void subscribe(const imapd::store::Subscribe& request);
  // A reopened store: running leases get time.
  void restart(imapd::Timestamp now);

  // --- against a store ---
  // Empty, or the first difference. Messages that are fresh must have new mod-sequences, all others those that are known.
  std::string difference(imapd::store::Store& store) const;
  // The same without mailbox numbers and mod-sequences: for stores that have lost some.
  std::string content_difference(imapd::store::Store& store) const;
  // Takes the numbers of the store for those of the fresh. Call when difference() is empty.
  void learn(imapd::store::Store& store);

  std::map<Path, Mailbox> mailboxes;
  std::map<std::string, std::string> users;
  std::set<std::pair<std::string, std::string>> subscriptions;
  std::set<std::string> live_holders;
  std::optional<imapd::Code> refusal;

 private:
  enum class Compare { kAll, kContent };
  std::string compare(imapd::store::Store& store, Compare what) const;
  Mailbox& make(const imapd::store::CreateMailbox& request);
  void make_levels_above(const imapd::store::CreateMailbox& request);
  bool has_children(const Path& path) const;
  bool may_settle(const Actor& actor, const imapd::store::Claim& claim) const;
  bool has_room(const Mailbox& mailbox, std::uint64_t messages, std::uint64_t bytes);
  std::optional<imapd::store::Refusal> store_one(const Path& path, std::uint32_t uid, const imapd::store::StoreFlags& request,
                                                 imapd::Timestamp now);
  void apply_claim(Message& message, const Actor& actor, imapd::Millis lease, imapd::Timestamp now);
  static void schedule(Message& message, imapd::Timestamp due);
  void give_back(Message& message, std::optional<imapd::Millis> delay, imapd::Timestamp now);
  void fail(const Path& path, std::uint32_t uid, const std::string& reason, std::optional<imapd::Millis> delay,
            imapd::Timestamp now);
  void die(const Path& path, std::uint32_t uid, const std::string& reason);
  std::uint32_t transfer(Mailbox& from, std::uint32_t uid, Mailbox& to, imapd::store::CopyMessages::Mode mode);
  bool refuse(imapd::Code code) {
    refusal = code;
    return false;
  }
};

}  // namespace support
