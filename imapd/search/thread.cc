#include "imapd/search/thread.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "imapd/mime/text.h"
#include "imapd/search/header_keys.h"

namespace imapd::search {
namespace {

// What a hash table takes for one more string beside its bytes, and a node.
constexpr std::size_t kTableEntryBytes = 96;

std::vector<std::string> references_in(std::string_view header) {
  if (const auto references = mime::header_field(header, "references")) {
    auto ids = message_ids(*references, limits::kReferencesMax);
    if (!ids.empty()) return ids;
  }
  const auto in_reply_to = mime::header_field(header, "in-reply-to");
  return in_reply_to ? message_ids(*in_reply_to, 1) : std::vector<std::string>();
}

}  // namespace

Threader::Threader(ThreadAlgorithm algorithm, std::size_t bytes_max) : algorithm_(algorithm), bytes_left_(bytes_max) {}

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
  const std::size_t own = sizeof(Entry) + 4 * sizeof(Index);
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

bool Threader::earlier(Index a, Index b) const {
  a = sorted_by(a);
  b = sorted_by(b);
  return std::pair(entries_[a].sent, a) < std::pair(entries_[b].sent, b);
}

std::vector<Threader::Index> Threader::in_order() const {
  std::vector<Index> order(entries_.size());
  std::iota(order.begin(), order.end(), Index{0});
  std::erase_if(order, [this](Index entry) { return entries_[entry].gone; });
  std::ranges::sort(order, [this](Index a, Index b) { return earlier(a, b); });
  return order;
}

// ORDEREDSUBJECT: messages without a subject have the same one too.
void Threader::group_by_subject() {
  std::vector<Index> first(subjects_.size() + 1, kNone);
  for (const Index entry : in_order()) {
    Index& head = first[entries_[entry].subject == kNone ? subjects_.size() : entries_[entry].subject];
    if (head == kNone) {
      head = entry;
    } else {
      entries_[entry].parent = head;
    }
  }
}

// Steps 2 and 3. A message goes under the nearest message above it. Where only dummies are above, the uppermost of them stays if
// it holds two messages or more.
void Threader::prune_dummies() {
  std::vector<Index> dummy_of(nodes_.size(), kNone);  // By the uppermost dummy: the only message so far, or the entry that stays.
  std::vector<Index> above;
  for (Index node = 0; node < nodes_.size(); ++node) {
    const Index entry = nodes_[node].entry;
    if (entry == kNone) continue;
    Index at = nodes_[node].parent;
    above.clear();
    while (at != kNone && nodes_[at].entry == kNone && nodes_[at].parent != kNone) {
      above.push_back(at);
      at = nodes_[at].parent;
    }
    for (const Index dummy : above) nodes_[dummy].parent = at;  // The next one is there at once.
    if (at == kNone) continue;
    if (nodes_[at].entry != kNone) {
      entries_[entry].parent = nodes_[at].entry;
    } else if (dummy_of[at] == kNone) {
      dummy_of[at] = entry;
    } else {
      if (entries_[dummy_of[at]].number != 0) {
        const Index only = std::exchange(dummy_of[at], make_dummy());
        adopt(dummy_of[at], only);
      }
      adopt(dummy_of[at], entry);
    }
  }
  ids_.clear();
  nodes_.clear();
}

Threader::Index Threader::make_dummy() {
  entries_.emplace_back();
  return static_cast<Index>(entries_.size() - 1);
}

void Threader::adopt(Index parent, Index child) {
  entries_[child].parent = parent;
  if (entries_[parent].number != 0) return;
  Index& first = entries_[parent].first;
  if (first == kNone || earlier(child, first)) first = sorted_by(child);
}

// Steps 4 and 5.
void Threader::merge_by_subject() {
  std::vector<Index> roots = in_order();
  std::erase_if(roots, [this](Index entry) { return entries_[entry].parent != kNone; });
  std::vector<Index> table(subjects_.size(), kNone);
  for (const Index current : roots) {
    if (subject_of(current) == kNone) continue;
    Index& in_table = table[subject_of(current)];
    if (in_table == kNone) {
      in_table = current;
    } else if (entries_[in_table].number != 0 &&
               (entries_[current].number == 0 || (entries_[in_table].reply && !entries_[current].reply))) {
      in_table = current;
    }
  }
  for (const Index current : roots) {
    const Index subject = subject_of(current);
    if (subject == kNone || table[subject] == current) continue;
    merge(current, table[subject]);
  }
  // Children of a dummy that gave them away follow it here, all at once.
  for (Entry& entry : entries_) {
    if (entry.parent != kNone && entries_[entry.parent].gone) entry.parent = entries_[entry.parent].parent;
  }
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
void Threader::order_children() {
  const std::vector<Index> order = in_order();
  child_begin_.assign(entries_.size() + 1, 0);
  for (const Index entry : order) {
    if (entries_[entry].parent == kNone) {
      roots_.push_back(entry);
    } else {
      ++child_begin_[entries_[entry].parent + 1];
    }
  }
  std::partial_sum(child_begin_.begin(), child_begin_.end(), child_begin_.begin());
  children_.resize(child_begin_.back());
  std::vector<Index> next(child_begin_.begin(), child_begin_.end() - 1);
  for (const Index entry : order) {
    if (entries_[entry].parent != kNone) children_[next[entries_[entry].parent]++] = entry;
  }
}

void Threader::finish() {
  if (algorithm_ == ThreadAlgorithm::kOrderedSubject) {
    group_by_subject();
  } else {
    prune_dummies();
    merge_by_subject();
  }
  order_children();
}

std::string Threader::text() const {
  std::string text;
  std::vector<Index> open;  // Lists yet to be written, the next one last; kNone ends the list around it.
  const auto push_lists = [&open](auto begin, auto end) { open.insert(open.end(), std::reverse_iterator(end), std::reverse_iterator(begin)); };
  push_lists(roots_.begin(), roots_.end());
  while (!open.empty()) {
    Index entry = open.back();
    open.pop_back();
    if (entry == kNone) {
      text += ')';
      continue;
    }
    text += '(';
    if (entries_[entry].number != 0) text += std::to_string(entries_[entry].number);
    while (entries_[entry].number != 0 && child_count(entry) == 1) {
      entry = children_[child_begin_[entry]];
      text += ' ' + std::to_string(entries_[entry].number);
    }
    if (child_count(entry) != 0 && entries_[entry].number != 0) text += ' ';
    open.push_back(kNone);
    push_lists(children_.begin() + child_begin_[entry], children_.begin() + child_begin_[entry + 1]);
  }
  return text;
}

}  // namespace imapd::search
