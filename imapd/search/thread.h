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
// Operation    add() each message in the order of the mailbox, then step() until it says that nothing is left, then text().
// Limits       Identifiers and subjects take at most limits::kThreadBytesMax; then add() fails with kResourceExhausted. Of one
//              message limits::kReferencesMax references count. Looking for loops takes at most limits::kThreadStepsMax steps in
//              all; past that, a link that might close one is not made. Nothing recurses, however deep a thread is.
// Concurrency  One thread at a time.
class Threader {
 public:
  explicit Threader(ThreadAlgorithm algorithm, std::size_t bytes_max = limits::kThreadBytesMax);
  // `number` is what stands for it in the answer.
  Result<void> add(std::uint32_t number, const store::MessageState& message, Content& content);
  // A piece of the work, of some ten milliseconds. False: all is done.
  bool step();
  // `(166)(167)(174 (175)(176))`; "" for no messages.
  const std::string& text() const { return text_; }

 private:
  using Index = std::uint32_t;
  static constexpr Index kNone = UINT32_MAX;

  // First the messages, in their order; step() adds the dummies that stay.
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

  // What is done one after another; kOrder twice, once for each of the two that go by it.
  enum class Phase {
    kPrune,
    kForgetIds,
    kOrder,
    kGroup,
    kHeads,
    kMerge,
    kFollow,
    kForgetSubjects,
    kCount,
    kPlace,
    kWrite,
    kDone,
  };
  // By what siblings are sorted: the message that stands for an entry.
  struct Place {
    std::int64_t sent;
    Index by;
    Index entry;
    friend auto operator<=>(const Place&, const Place&) = default;
  };

  void go_to(Phase phase);
  // Does `act` for the next ones of `count`. False: that was the last.
  template <class Act>
  bool next_piece(std::size_t count, Act act);
  // Each does a piece. False: nothing of it is left.
  bool order_some();
  template <class Table>
  bool forget_some(Table& table);
  bool write_some();
  // Each is for one message, or entry.
  void group(Index entry);
  void prune(Index node);
  void find_head(Index entry);
  void merge_into_head(Index entry);
  void merge(Index current, Index& in_table);
  void place(Index entry);
  Index make_dummy();
  void adopt(Index parent, Index child);
  Index subject_of(Index entry) const { return entries_[sorted_by(entry)].subject; }
  Index sorted_by(Index entry) const { return entries_[entry].number == 0 ? entries_[entry].first : entry; }
  Place place_of(Index entry) const { return {entries_[sorted_by(entry)].sent, sorted_by(entry), entry}; }
  std::size_t child_count(Index entry) const { return child_begin_[entry + 1] - child_begin_[entry]; }
  template <class Lists>
  void open_lists(Lists begin, Lists end);

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
  // What the present phase works with.
  Phase phase_;
  std::size_t done_ = 0;            // Of it.
  std::size_t run_ = 0;             // Runs of so many places are in order; 0: not begun.
  std::vector<Place> order_;        // All entries that are there.
  std::vector<Index> dummy_of_;     // By the uppermost dummy: the only message so far, or the entry that stays.
  std::vector<Index> above_;        // Of one node.
  std::vector<Index> heads_;        // By subject.
  std::vector<Index> next_child_;   // Where the next child of an entry goes.
  std::vector<Index> open_;         // Lists yet to be written, the next one last; kNone ends the list around it.
  std::string text_;
};

}  // namespace imapd::search
