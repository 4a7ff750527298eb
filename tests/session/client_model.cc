#include "tests/session/client_model.h"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace imapd::session {
namespace {

std::uint64_t number_at(std::string_view text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// What stands behind `name` in a list of items; empty: it is not there. The items of the test never hold such a name themselves.
std::string_view item(std::string_view items, std::string_view name) {
  for (std::size_t at = items.find(name); at != std::string_view::npos; at = items.find(name, at + 1)) {
    if (at == 0 || items[at - 1] == '(' || items[at - 1] == ' ') return items.substr(at + name.size());
  }
  return {};
}

bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

std::string wrong(std::string_view what, std::uint64_t number) { return std::string(what) + " " + std::to_string(number); }

}  // namespace

FlagNames parse_flag_names(std::string_view list) {
  FlagNames names;
  std::string name;
  for (const char letter : list.substr(0, list.find(')') + 1)) {
    if (letter == '(') continue;
    if (letter != ' ' && letter != ')') {
      name += static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
      continue;
    }
    if (!name.empty() && name != "\\recent") names.insert(name);
    name.clear();
  }
  return names;
}

UidList parse_number_set(std::string_view set, std::uint32_t largest) {
  std::set<std::uint32_t> numbers;
  while (!set.empty()) {
    const std::string_view part = set.substr(0, set.find(','));
    set.remove_prefix(std::min(set.size(), part.size() + 1));
    const auto value = [largest](std::string_view text) {
      return text == "*" ? largest : static_cast<std::uint32_t>(number_at(text));
    };
    const auto colon = part.find(':');
    std::uint32_t first = value(part.substr(0, colon));
    std::uint32_t last = colon == std::string_view::npos ? first : value(part.substr(colon + 1));
    if (first > last) std::swap(first, last);
    for (std::uint32_t number = first; number <= last; ++number) numbers.insert(number);
  }
  return {numbers.begin(), numbers.end()};
}

void ClientModel::begin(const Command& command) {
  command_ = command;
  found_.clear();
  vanished_earlier_.clear();
  for (Entry& entry : entries_) entry.told = false;
}

ClientModel::Entry* ClientModel::find(std::uint32_t uid) {
  const auto found = std::ranges::find(entries_, uid, &Entry::uid);
  return found == entries_.end() ? nullptr : &*found;
}

ClientModel::Entry* ClientModel::place_of(std::uint32_t uid) {
  if (Entry* known = find(uid)) return known;
  // Those without a UID between two that have one are alike. Without message numbers all are.
  if (names_ == Names::kUidsOnly) return find(0);
  auto next = std::ranges::find_if(entries_, [uid](const Entry& entry) { return entry.uid > uid; });
  if (next == entries_.begin() || std::prev(next)->uid != 0) return nullptr;
  return &*std::prev(next);
}

std::string ClientModel::take(std::string_view line) {
  if (!take_prefix(line, "* ")) return "neither untagged nor tagged";
  if (take_prefix(line, "OK [CLOSED]")) {
    close();
    return {};
  }
  if (take_prefix(line, "OK [HIGHESTMODSEQ ")) {
    const std::uint64_t told = number_at(line);
    if (told < highest_mod_seq_ && !command_.opens) return wrong("HIGHESTMODSEQ falls to", told);
    highest_mod_seq_ = told;
    return {};
  }
  if (take_prefix(line, "OK [UIDVALIDITY ")) {
    uid_validity_ = static_cast<std::uint32_t>(number_at(line));
    return {};
  }
  if (take_prefix(line, "SEARCH")) return search(line);
  if (take_prefix(line, "ESEARCH")) return esearch(line);
  if (take_prefix(line, "VANISHED (EARLIER) ")) {
    for (const std::uint32_t uid : parse_number_set(line)) {
      if (find(uid) != nullptr) return wrong("VANISHED (EARLIER) names what is in the mailbox: UID", uid);
      vanished_earlier_.push_back(uid);
    }
    return {};
  }
  if (take_prefix(line, "VANISHED ")) return vanished(line);
  if (line.empty() || std::isdigit(static_cast<unsigned char>(line.front())) == 0) return {};
  const auto number = static_cast<std::uint32_t>(number_at(line));
  line.remove_prefix(line.find(' ') + 1);
  if (line == "EXISTS") return exists(number);
  if (line == "RECENT") return number > entries_.size() ? wrong("RECENT is more than EXISTS:", number) : std::string();
  if (line == "EXPUNGE") return expunge(number);
  if (take_prefix(line, "FETCH ")) return fetch(number, line);
  if (take_prefix(line, "UIDFETCH ")) return uid_fetch(number, line);
  return "unknown line";
}

std::string ClientModel::exists(std::uint32_t count) {
  if (command_.opens && !selected_) {
    entries_.clear();
    highest_mod_seq_ = 0;
    selected_ = true;
  }
  if (!selected_) return "EXISTS though no mailbox is selected";
  if (count < entries_.size()) return wrong("EXISTS falls to", count);
  entries_.resize(count);
  return {};
}

std::string ClientModel::expunge(std::uint32_t number) {
  if (names_ != Names::kNumbers) return "EXPUNGE instead of VANISHED";
  if (command_.forbids_expunge) return "EXPUNGE while message numbers are used";
  if (number == 0 || number > entries_.size()) return wrong("EXPUNGE of a message number that is not there:", number);
  entries_.erase(entries_.begin() + (number - 1));
  return {};
}

std::string ClientModel::vanished(std::string_view set) {
  if (names_ == Names::kNumbers) return "VANISHED instead of EXPUNGE";
  if (command_.forbids_expunge) return "VANISHED while message numbers are used";
  for (const std::uint32_t uid : parse_number_set(set)) {
    Entry* entry = place_of(uid);
    if (entry == nullptr) return wrong("VANISHED of what the client was never told of: UID", uid);
    // Which of those without a UID it was is not told: what is known of them is no longer known whose it is.
    const Entry* const first = entries_.data();
    for (Entry* each = entry; entry->uid == 0 && each >= first && each->uid == 0; --each) *each = Entry();
    entries_.erase(entries_.begin() + (entry - entries_.data()));
  }
  return {};
}

std::string ClientModel::fetch(std::uint32_t number, std::string_view items) {
  if (names_ == Names::kUidsOnly) return "FETCH with a message number after UIDONLY";
  if (number == 0 || number > entries_.size()) return wrong("FETCH of a message number that is not there:", number);
  Entry& entry = entries_[number - 1];
  if (const std::string_view told = item(items, "UID "); !told.empty()) {
    const auto uid = static_cast<std::uint32_t>(number_at(told));
    if (entry.uid != 0 && entry.uid != uid) {
      return wrong("the message number has the UID", entry.uid) + " in the client's list, and in this answer another";
    }
    if (entry.uid == 0 && find(uid) != nullptr) return wrong("another message number has already the UID", uid);
    entry.uid = uid;
    const auto has_uid = [](const Entry& each) { return each.uid != 0; };
    std::uint32_t before = 0;
    for (const Entry& each : entries_) {
      if (!has_uid(each)) continue;
      if (each.uid <= before) return wrong("UIDs do not ascend at UID", each.uid);
      before = each.uid;
    }
  }
  return apply(entry, items);
}

std::string ClientModel::uid_fetch(std::uint32_t uid, std::string_view items) {
  if (names_ != Names::kUidsOnly) return "UIDFETCH without UIDONLY";
  Entry* entry = place_of(uid);
  if (entry == nullptr) return wrong("UIDFETCH of what the client was never told of: UID", uid);
  entry->uid = uid;
  const std::string error = apply(*entry, items);
  // In the order of UIDs, those without one last.
  std::ranges::stable_sort(entries_, {}, [](const Entry& each) { return each.uid - 1; });
  return error;
}

std::string ClientModel::apply(Entry& entry, std::string_view items) {
  if (const std::string_view told = item(items, "MODSEQ ("); !told.empty()) {
    const std::uint64_t mod_seq = number_at(told);
    if (mod_seq < entry.mod_seq) return wrong("MODSEQ of the message falls to", mod_seq);
    entry.mod_seq = mod_seq;
    entry.has_mod_seq = true;
  }
  if (const std::string_view told = item(items, "FLAGS ("); !told.empty()) {
    entry.has_mod_seq = !item(items, "MODSEQ (").empty();
    entry.flags = parse_flag_names(told);
    entry.told = true;
  }
  return {};
}

std::string ClientModel::search(std::string_view rest) {
  while (take_prefix(rest, " ")) {
    if (rest.starts_with('(')) break;
    found_.push_back(static_cast<std::uint32_t>(number_at(rest)));
    rest.remove_prefix(std::min(rest.find(' '), rest.size()));
  }
  std::ranges::sort(found_);
  return {};
}

std::string ClientModel::esearch(std::string_view rest) {
  const std::string_view all = item(rest, "ALL ");
  if (!all.empty()) found_ = parse_number_set(all.substr(0, all.find(' ')));
  return {};
}

}  // namespace imapd::session
