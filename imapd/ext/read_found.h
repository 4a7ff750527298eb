#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

#include "imapd/base/callback.h"
#include "imapd/base/error.h"
#include "imapd/search/match.h"
#include "imapd/search/stored_content.h"
#include "imapd/session/search_result.h"
#include "imapd/session/search_run.h"
#include "imapd/session/session.h"
#include "imapd/store/snapshot.h"

namespace imapd::ext {

// Goes through the messages that find_messages() found, a turn's worth at a time, with their state and content. What it is made
// of outlives it.
class FoundReader {
 public:
  using Visit = UniqueFunction<Result<void>(const session::FoundMessage&, const store::MessageState&, search::Content&)>;

  FoundReader(session::Session& session, const store::Snapshot& snapshot, std::span<const session::FoundMessage> found,
              search::Matcher::Cost cost)
      : mailbox_(session.view().mailbox()), snapshot_(snapshot), left_(found), all_(found.size()), per_turn_(session::messages_per_turn(cost)) {}

  bool left() const { return !left_.empty(); }
  std::size_t read_count() const { return all_ - left_.size(); }
  // The next ones, in their order, which is ascending. All of them exist in the snapshot, as they were found in it.
  Result<void> read(Visit visit) {
    const auto turn = left_.first(std::min(per_turn_, left_.size()));
    left_ = left_.subspan(turn.size());
    UidSet uids;
    for (const session::FoundMessage& each : turn) uids.add(each.uid);
    Result<void> result;
    auto each = turn.begin();
    TRY(snapshot_.for_each(mailbox_, uids, [&](const store::MessageState& message) {
      search::StoredContent content(snapshot_, message.body);
      result = visit(*each++, message, content);
      return result.has_value();
    }));
    return result;
  }

 private:
  MailboxId mailbox_;
  const store::Snapshot& snapshot_;
  std::span<const session::FoundMessage> left_;
  std::size_t all_;
  std::size_t per_turn_;
};

}  // namespace imapd::ext
