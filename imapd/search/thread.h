#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "imapd/base/error.h"
#include "imapd/base/limits.h"
#include "imapd/search/match.h"
#include "imapd/store/message.h"
#include "imapd/wire/command.h"

namespace imapd::search {

using wire::ThreadAlgorithm;

// Threads of the messages added, by RFC 5256, section 3. Subjects compare by i;unicode-casemap.
//
// Operation    add() each message in the order of the mailbox, then finish(), then text().
// Limits       Identifiers and subjects take at most limits::kThreadBytesMax; then add() fails with kResourceExhausted. Of one
//              message limits::kReferencesMax references count. Looking for loops takes at most limits::kThreadStepsMax steps in
//              all; past that, a link that might close one is not made. Nothing recurses, however deep a thread is.
// Concurrency  One thread at a time. finish() takes about a microsecond for each message.
class Threader {
 public:
  explicit Threader(ThreadAlgorithm algorithm, std::size_t bytes_max = limits::kThreadBytesMax);
  // `number` is what stands for it in the answer.
  Result<void> add(std::uint32_t number, const store::MessageState& message, Content& content);
  void finish();
  // `(166)(167)(174 (175)(176))`; "" for no messages.
  std::string text() const;

 private:
  using Index = std::uint32_t;
  static constexpr Index kNone = UINT32_MAX;

  // First the messages, in their order; finish() adds the dummies that stay.
  struct Entry {
    std::uint32_t number = 0;  // 0: a dummy.
    bool reply = false;
    Index subject = kNone;  // kNone: empty.
    std::int64_t sent = 0;
    Index parent = kNone;
    Index first = kNone;  // Of a dummy: the message that it is sorted by.
    bool gone = false;    // A dummy whose children went to another one.
  };
  // A Message-ID that was named: of a message here, or a dummy.
  struct Node {
    Index parent = kNone;
    Index children = 0;
    Index entry = kNone;
  };

  Index intern(std::unordered_map<std::string, Index>& table, std::string text);
  Index node_of(std::string id);
  void link(Index parent, Index child);
  bool may_close_loop(Index parent, Index child);
  void add_references(Index entry, std::string_view header);
  void group_by_subject();
  void prune_dummies();
  void merge_by_subject();
  void merge(Index current, Index& in_table);
  Index make_dummy();
  void adopt(Index parent, Index child);
  Index subject_of(Index entry) const { return entries_[sorted_by(entry)].subject; }
  Index sorted_by(Index entry) const { return entries_[entry].number == 0 ? entries_[entry].first : entry; }
  bool earlier(Index a, Index b) const;
  std::vector<Index> in_order() const;
  void order_children();
  std::size_t child_count(Index entry) const { return child_begin_[entry + 1] - child_begin_[entry]; }

  ThreadAlgorithm algorithm_;
  std::size_t bytes_left_;
  std::size_t steps_left_ = limits::kThreadStepsMax;
  std::vector<Entry> entries_;
  std::unordered_map<std::string, Index> subjects_;
  std::unordered_map<std::string, Index> ids_;
  std::vector<Node> nodes_;
  // The finished tree: children of entry e are children_[child_begin_[e], child_begin_[e + 1]).
  std::vector<Index> roots_;
  std::vector<Index> child_begin_;
  std::vector<Index> children_;
};

}  // namespace imapd::search
