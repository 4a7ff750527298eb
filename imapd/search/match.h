#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "imapd/base/clock.h"
#include "imapd/base/error.h"
#include "imapd/base/uid_set.h"
#include "imapd/search/search_key.h"
#include "imapd/store/message.h"

namespace imapd::search {

// What a key may ask for beyond the state of a message. Each is asked for only when the state alone does not decide, the body
// only when the header does not either. The views live as long as the object.
class Content {
 public:
  virtual ~Content() = default;
  // From the first byte to the empty line, with it.
  virtual Result<std::string_view> header() = 0;
  // The whole message.
  virtual Result<std::string_view> bytes() = 0;
};

struct Candidate {
  const store::MessageState& message;
  bool recent = false;  // As the asking session sees it (RFC 3501, section 2.3.2).
};

// The mod-sequence of one flag of a message: a flag that never changed has that of the append.
ModSeq flag_mod_seq(const store::MessageState& message, const Flag& flag);

// A search program made ready: needles are folded, numbers resolved.
//
// Operation    matches() decides in up to three passes: from the state alone, then with the header, then with the body. A key
//              that the state answers is therefore always asked before anything is loaded, wherever it stands.
// Concurrency  Immutable; may be used by several threads.
// Limits       Those of SearchKey. A body is held in memory as a whole while it is searched.
class Matcher {
 public:
  enum class Cost { kState, kHeader, kBody };
  // The UIDs that a set names: sequence numbers are those of the session that asks, `*` its last message.
  using Resolve = std::function<UidSet(const SearchNumbers&)>;

  // `now`: from when SearchAge counts back. `asker`: to whom annotations are shown; nobody in particular when it is left out.
  Matcher(const SearchKey& program, const Resolve& resolve, Timestamp now, store::Actor asker = {});
  Matcher(Matcher&&) noexcept;
  Matcher& operator=(Matcher&&) noexcept;
  ~Matcher();

  Result<bool> matches(const Candidate& candidate, Content& content) const;
  const store::Actor& asker() const { return asker_; }
  // The most that it may load.
  Cost cost() const;
  // Only messages in here can match; nullopt: any.
  const std::optional<UidSet>& bound() const { return bound_; }
  // Only messages without \Claimed can match.
  bool only_unclaimed() const { return only_unclaimed_; }

 private:
  struct Node;
  std::unique_ptr<Node> root_;
  store::Actor asker_;
  std::optional<UidSet> bound_;
  bool only_unclaimed_ = false;
};

}  // namespace imapd::search
