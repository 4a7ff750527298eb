#pragma once

#include <optional>
#include <string>
#include <variant>

#include "imapd/store/mailbox.h"
#include "imapd/store/message.h"

namespace imapd::store {

// The store knows what a claim is; when one may be had and what follows its end is asked here. broker/queue implements it for
// queues; PlainRules below is for personal mailboxes (and for tests of the store alone).
//
// Concurrency  Called on the committer thread inside a decision: implementations neither block nor call the store.
class ClaimRules {
 public:
  enum class Refusal { kBlocked };  // Paused queue, group: trying again at once cannot cure it.
  struct Grant {
    std::optional<Millis> lease;  // nullopt: no deadline.
  };
  struct ReadyNow {};
  struct Scheduled {
    Timestamp due;
  };
  struct DeadLetter {
    MailboxPath to;      // Created when missing. Same owner as the queue.
    std::string trace;   // Header lines with CRLF that go in front of the message.
    std::string reason;  // "rejected", "failures", ...
  };
  using Aftermath = std::variant<ReadyNow, Scheduled, DeadLetter>;

  virtual ~ClaimRules() = default;
  // `asked`: the lease that the claimant wants; nullopt: the policy's default. `message` is ready.
  virtual std::variant<Grant, Refusal> may_claim(const MailboxInfo& mailbox, const MessageState& message,
                                                 std::optional<Millis> asked) = 0;
  // `message.failures` already counts this failure. `delay` overrides the back-off when the worker asked for one.
  virtual Aftermath after_failure(const MailboxInfo& mailbox, const MessageState& message, const std::string& reason,
                                  std::optional<Millis> delay, Timestamp now) = 0;
  virtual Aftermath after_release(const MailboxInfo& mailbox, const MessageState& message, std::optional<Millis> delay,
                                  Timestamp now) = 0;
  virtual DeadLetter after_reject(const MailboxInfo& mailbox, const MessageState& message, const std::string& reason,
                                  Timestamp now) = 0;
};

// Claims without lease; nothing follows their end.
class PlainRules final : public ClaimRules {
 public:
  std::variant<Grant, Refusal> may_claim(const MailboxInfo&, const MessageState&, std::optional<Millis>) override {
    return Grant{std::nullopt};
  }
  Aftermath after_failure(const MailboxInfo&, const MessageState&, const std::string&, std::optional<Millis>,
                          Timestamp) override {
    return ReadyNow{};
  }
  Aftermath after_release(const MailboxInfo&, const MessageState&, std::optional<Millis>, Timestamp) override {
    return ReadyNow{};
  }
  DeadLetter after_reject(const MailboxInfo& mailbox, const MessageState&, const std::string& reason, Timestamp) override {
    return DeadLetter{{mailbox.path.owner, mailbox.path.name + "/Dead"}, {}, reason};
  }
};

}  // namespace imapd::store
