#include "imapd/search/thread.h"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <utility>

#include "imapd/mime/text.h"
#include "imapd/search/header_keys.h"

namespace imapd::search {
namespace {

// What a hash table takes for one more string beside its bytes, and a node.
constexpr std::size_t kTableEntryBytes = 96;
// Messages, or entries, of one step.
constexpr std::size_t kPiece = 8192;

std::vector<std::string> references_in(std::string_view header) {
  if (const auto references = mime::header_field(header, "references")) {
    auto ids = message_ids(*references, limits::kReferencesMax);
    if (!ids.empty()) return ids;
  }
  const auto in_reply_to = mime::header_field(header, "in-reply-to");
  return in_reply_to ? message_ids(*in_reply_to, 1) : std::vector<std::string>();
}

}  // namespace

Threader::Threader(ThreadAlgorithm algorithm, std::size_t bytes_max)
    : algorithm_(algorithm),
      bytes_left_(bytes_max),
      phase_(algorithm == ThreadAlgorithm::kReferences ? Phase::kPrune : Phase::kOrder) {}

Result<void> Threader::add(std::uint32_t number, const store::MessageState& message, Content& content) {
  TRY_ASSIGN(header, content.header());
  Entry entry;
  entry.number = number;
  entry.sent = sent_or_arrived(message, header).time_since_epoch().count();
  BaseSubject subject = base_subject_of(header);
  entry.reply = subject.reply_or_forward;
  if (!subject.text.empty()) entry.subject = intern(subjects_, mime::fold_case(subject.text));
  entries_.push_back(entry);
  if (algorithm_ == ThreadAlgorithm::kReferences) add_references(static_cast<Index>(entries_.size() - 1), header);
  const std::size_t own = sizeof(Entry) + sizeof(Place) + 5 * sizeof(Index);
  if (bytes_left_ < own) return make_error(Code::kResourceExhausted, "Too many messages to thread");
  bytes_left_ -= own;
  return {};
}

Threader::Index Threader::intern(std::unordered_map<std::string, Index>& table, std::string text) {
  const std::size_t cost = text.size() + kTableEntryBytes;
  const auto [at, added] = table.try_emplace(std::move(text), static_cast<Index>(table.size()));
  if (added) bytes_left_ -= std::min(bytes_left_, cost);
  return at->second;
}

Threader::Index Threader::node_of(std::string id) {
  const Index node = intern(ids_, std::move(id));
  if (node == nodes_.size()) nodes_.emplace_back();
  return node;
}

// Is `child` an ancestor of `parent`? Only what has children can be one.
bool Threader::may_close_loop(Index parent, Index child) {
  if (parent == child) return true;
  if (nodes_[child].children == 0) return false;
  for (Index at = nodes_[parent].parent; at != kNone; at = nodes_[at].parent) {
    if (at == child || steps_left_ == 0) return true;
    --steps_left_;
  }
  return false;
}

void Threader::link(Index parent, Index child) {
  if (may_close_loop(parent, child)) return;
  nodes_[child].parent = parent;
  ++nodes_[parent].children;
}

// Step 1. A reference that is not known yet becomes a dummy, which its message fills in when it comes.
void Threader::add_references(Index entry, std::string_view header) {
  Index last = kNone;
  for (std::string& id : references_in(header)) {
    const Index node = node_of(std::move(id));
    if (last != kNone && nodes_[node].parent == kNone) link(last, node);
    last = node;
  }
  std::vector<std::string> own;
  if (const auto value = mime::header_field(header, "message-id")) own = message_ids(*value, 1);
  // No identifier has an empty text or a NUL, so this one is unique.
  const auto unique = [entry] { return std::string(1, '\0') + std::to_string(entry); };
  Index node = node_of(own.empty() ? unique() : std::move(own.front()));
  if (nodes_[node].entry != kNone) node = node_of(unique());
  nodes_[node].entry = entry;
  if (nodes_[node].parent == last && last != kNone) return;
  if (nodes_[node].parent != kNone) {
    --nodes_[nodes_[node].parent].children;
    nodes_[node].parent = kNone;
  }
  if (last != kNone) link(last, node);
}

void Threader::go_to(Phase phase) {
  phase_ = phase;
  done_ = 0;
}

template <class Act>
bool Threader::next_piece(std::size_t count, Act act) {
  const std::size_t end = std::min(count, done_ + kPiece);
  while (done_ < end) act(done_++);
  return done_ < count;
}

// Runs are sorted, then merged two by two, as often as it takes.
bool Threader::order_some() {
  const auto at = [this](std::size_t offset) {
    return order_.begin() + static_cast<std::ptrdiff_t>(std::min(offset, order_.size()));
  };
  if (run_ == 0) {
    if (done_ == 0) {
      order_.clear();
      for (Index entry = 0; entry < entries_.size(); ++entry) {
        if (!entries_[entry].gone) order_.push_back(place_of(entry));
      }
    }
    std::sort(at(done_), at(done_ + kPiece));
    done_ += kPiece;
    if (done_ < order_.size()) return true;
    run_ = kPiece;
  } else {
    std::inplace_merge(at(done_), at(done_ + run_), at(done_ + 2 * run_));
    done_ += 2 * run_;
    if (done_ < order_.size()) return true;
    run_ *= 2;
  }
  done_ = 0;
  if (run_ < order_.size()) return true;
  run_ = 0;
  return false;
}

template <class Table>
bool Threader::forget_some(Table& table) {
  for (std::size_t i = 0; i < kPiece && !table.empty(); ++i) table.erase(table.begin());
  return !table.empty();
}

bool Threader::step() {
  const auto entry_at = [this](std::size_t i) { return order_[i].entry; };
  const bool references = algorithm_ == ThreadAlgorithm::kReferences;
  switch (phase_) {
    case Phase::kPrune:
      if (done_ == 0) dummy_of_.assign(nodes_.size(), kNone);
      if (!next_piece(nodes_.size(), [this](std::size_t i) { prune(static_cast<Index>(i)); })) go_to(Phase::kForgetIds);
      return true;
    case Phase::kForgetIds:
      if (forget_some(ids_)) return true;
      nodes_.clear();
      go_to(Phase::kOrder);
      return true;
    case Phase::kOrder: {
      if (order_some()) return true;
      const bool grouped = !heads_.empty();
      if (!grouped) heads_.assign(subjects_.size() + 1, kNone);
      go_to(grouped ? Phase::kForgetSubjects : references ? Phase::kHeads : Phase::kGroup);
      return true;
    }
    case Phase::kGroup:
      if (!next_piece(order_.size(), [&](std::size_t i) { group(entry_at(i)); })) go_to(Phase::kOrder);
      return true;
    case Phase::kHeads:
      if (!next_piece(order_.size(), [&](std::size_t i) { find_head(entry_at(i)); })) go_to(Phase::kMerge);
      return true;
    case Phase::kMerge:
      if (next_piece(roots_.size(), [this](std::size_t i) { merge_into_head(roots_[i]); })) return true;
      roots_.clear();
      go_to(Phase::kFollow);
      return true;
    case Phase::kFollow:
      // Children of a dummy that gave them away follow it here, all at once.
      if (next_piece(entries_.size(), [this](std::size_t i) {
            Entry& entry = entries_[i];
            if (entry.parent != kNone && entries_[entry.parent].gone) entry.parent = entries_[entry.parent].parent;
          })) {
        return true;
      }
      go_to(Phase::kOrder);
      return true;
    case Phase::kForgetSubjects:
      if (!forget_some(subjects_)) go_to(Phase::kCount);
      return true;
    case Phase::kCount:
      if (done_ == 0) child_begin_.assign(entries_.size() + 1, 0);
      if (next_piece(order_.size(), [&](std::size_t i) {
            const Index parent = entries_[entry_at(i)].parent;
            if (parent != kNone) ++child_begin_[parent + 1];
          })) {
        return true;
      }
      std::partial_sum(child_begin_.begin(), child_begin_.end(), child_begin_.begin());
      children_.resize(child_begin_.back());
      next_child_.assign(child_begin_.begin(), child_begin_.end() - 1);
      go_to(Phase::kPlace);
      return true;
    case Phase::kPlace:
      if (next_piece(order_.size(), [&](std::size_t i) { place(entry_at(i)); })) return true;
      open_lists(roots_.begin(), roots_.end());
      go_to(Phase::kWrite);
      return true;
    case Phase::kWrite:
      if (!write_some()) go_to(Phase::kDone);
      return true;
    case Phase::kDone:
      return false;
  }
  return false;
}

// ORDEREDSUBJECT: messages without a subject have the same one too.
void Threader::group(Index entry) {
  Index& head = heads_[entries_[entry].subject == kNone ? subjects_.size() : entries_[entry].subject];
  if (head == kNone) {
    head = entry;
  } else {
    entries_[entry].parent = head;
  }
}

// Steps 2 and 3. A message goes under the nearest message above it. Where only dummies are above, the uppermost of them stays if
// it holds two messages or more.
void Threader::prune(Index node) {
  const Index entry = nodes_[node].entry;
  if (entry == kNone) return;
  Index at = nodes_[node].parent;
  above_.clear();
  while (at != kNone && nodes_[at].entry == kNone && nodes_[at].parent != kNone) {
    above_.push_back(at);
    at = nodes_[at].parent;
  }
  for (const Index dummy : above_) nodes_[dummy].parent = at;  // The next one is there at once.
  if (at == kNone) return;
  if (nodes_[at].entry != kNone) {
    entries_[entry].parent = nodes_[at].entry;
  } else if (dummy_of_[at] == kNone) {
    dummy_of_[at] = entry;
  } else {
    if (entries_[dummy_of_[at]].number != 0) {
      const Index only = std::exchange(dummy_of_[at], make_dummy());
      adopt(dummy_of_[at], only);
    }
    adopt(dummy_of_[at], entry);
  }
}

Threader::Index Threader::make_dummy() {
  entries_.emplace_back();
  return static_cast<Index>(entries_.size() - 1);
}

void Threader::adopt(Index parent, Index child) {
  entries_[child].parent = parent;
  if (entries_[parent].number != 0) return;
  Index& first = entries_[parent].first;
  if (first == kNone || place_of(child) < place_of(first)) first = sorted_by(child);
}

// Step 4: the first of those that are at the top now. kMerge changes what is at the top, but no head's.
void Threader::find_head(Index entry) {
  if (entries_[entry].parent != kNone) return;
  roots_.push_back(entry);
  if (subject_of(entry) == kNone) return;
  Index& head = heads_[subject_of(entry)];
  if (head == kNone) {
    head = entry;
  } else if (entries_[head].number != 0 && (entries_[entry].number == 0 || (entries_[head].reply && !entries_[entry].reply))) {
    head = entry;
  }
}

// Step 5.
void Threader::merge_into_head(Index entry) {
  const Index subject = subject_of(entry);
  if (subject != kNone && heads_[subject] != entry) merge(entry, heads_[subject]);
}

void Threader::merge(Index current, Index& in_table) {
  const bool current_is_dummy = entries_[current].number == 0;
  if (entries_[in_table].number == 0) {
    adopt(in_table, current);
    entries_[current].gone = current_is_dummy;
  } else if (entries_[current].reply && !entries_[in_table].reply) {
    adopt(in_table, current);
  } else {
    const Index dummy = make_dummy();
    adopt(dummy, in_table);
    adopt(dummy, current);
    in_table = dummy;
  }
}

// Step 6: what is in order as a whole is in order among siblings.
void Threader::place(Index entry) {
  const Index parent = entries_[entry].parent;
  if (parent == kNone) {
    roots_.push_back(entry);
  } else {
    children_[next_child_[parent]++] = entry;
  }
}

template <class Lists>
void Threader::open_lists(Lists begin, Lists end) {
  open_.insert(open_.end(), std::reverse_iterator(end), std::reverse_iterator(begin));
}

bool Threader::write_some() {
  for (std::size_t i = 0; i < kPiece && !open_.empty(); ++i) {
    Index entry = open_.back();
    open_.pop_back();
    if (entry == kNone) {
      text_ += ')';
      continue;
    }
    text_ += '(';
    if (entries_[entry].number != 0) text_ += std::to_string(entries_[entry].number);
    while (entries_[entry].number != 0 && child_count(entry) == 1) {
      entry = children_[child_begin_[entry]];
      text_ += ' ' + std::to_string(entries_[entry].number);
    }
    if (child_count(entry) != 0 && entries_[entry].number != 0) text_ += ' ';
    open_.push_back(kNone);
    open_lists(children_.begin() + child_begin_[entry], children_.begin() + child_begin_[entry + 1]);
  }
  return !open_.empty();
}

}  // namespace imapd::search
