#include "imapd/search/sort.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "imapd/base/limits.h"
#include "imapd/mime/address.h"
#include "imapd/mime/text.h"
#include "imapd/search/annotation.h"
#include "imapd/search/header_keys.h"

namespace imapd::search {
namespace {

// Sorted in one go; the runs are merged pair by pair.
constexpr std::size_t kRun = 8192;

std::int64_t milliseconds(Timestamp time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

void append_number(std::string& to, std::int64_t number) {
  const std::uint64_t bits = static_cast<std::uint64_t>(number) ^ (std::uint64_t{1} << 63);  // Negative ones first.
  for (int shift = 56; shift >= 0; shift -= 8) to += static_cast<char>(bits >> shift & 0xff);
}

// Ends in NUL, which stands in no value of a header: the shorter of two comes first whatever follows.
void append_text(std::string& to, std::string_view text) {
  std::string folded = mime::fold_case(text);
  if (folded.size() > limits::kSortValueBytesMax) folded.resize(limits::kSortValueBytesMax);
  std::ranges::replace(folded, '\0', ' ');
  to += folded;
  to += '\0';
}

// As ENVELOPE shows it: of a group, its name.
std::optional<mime::Address> first_address(std::string_view header, std::string_view field) {
  const auto value = mime::header_field(header, field);
  if (!value) return std::nullopt;
  std::vector<mime::Address> addresses = mime::parse_addresses(*value);
  if (addresses.empty()) return std::nullopt;
  return std::move(addresses.front());
}

std::string mailbox_of(std::string_view header, std::string_view field) {
  const auto address = first_address(header, field);
  return address ? address->mailbox.value_or("") : "";
}

// RFC 5957, section 3.
std::string display_of(std::string_view header, std::string_view field) {
  const auto address = first_address(header, field);
  if (!address) return "";
  if (address->name) {
    std::string name = mime::decode_header(*address->name);
    if (!name.empty()) return name;
  }
  std::string shown = address->mailbox.value_or("");
  if (address->mailbox && address->host) shown += '@' + *address->host;
  return shown;
}

// NIL is in order what the empty string is.
std::string annotation_of(const wire::SortAnnotation& annotation, const store::MessageState& message, const store::Actor& asker) {
  if (annotation.scope == wire::AnnotationScope::kPrivate) return "";
  return annotation_value(message, annotation.entry, asker).value_or("");
}

}  // namespace

Sorter::Sorter(std::vector<SortCriterion> criteria, std::size_t bytes_max, store::Actor asker)
    : criteria_(std::move(criteria)), bytes_max_(bytes_max), asker_(std::move(asker)) {}

Matcher::Cost Sorter::cost() const {
  const auto of_state = [](const SortCriterion& criterion) {
    return criterion.key == SortKey::kArrival || criterion.key == SortKey::kSize || criterion.key == SortKey::kAnnotation;
  };
  return std::ranges::all_of(criteria_, of_state) ? Matcher::Cost::kState : Matcher::Cost::kHeader;
}

Result<void> Sorter::add(const store::MessageState& message, Content& content) {
  std::string_view header;
  if (cost() != Matcher::Cost::kState) {
    TRY_ASSIGN(read, content.header());
    header = read;
  }
  const std::size_t begin = bytes_.size();
  for (const SortCriterion& criterion : criteria_) {
    const std::size_t at = bytes_.size();
    append_value(criterion, message, header);
    if (!criterion.reverse) continue;
    for (std::size_t i = at; i < bytes_.size(); ++i) bytes_[i] = static_cast<char>(~bytes_[i]);
  }
  pieces_.push_back({begin, bytes_.size() - begin});
  order_.push_back(static_cast<std::uint32_t>(order_.size()));
  if (bytes_.size() + pieces_.size() * (sizeof(Piece) + sizeof(std::uint32_t)) > bytes_max_) {
    return make_error(Code::kResourceExhausted, "Too many messages to sort");
  }
  return {};
}

void Sorter::append_value(const SortCriterion& criterion, const store::MessageState& message, std::string_view header) {
  switch (criterion.key) {
    case SortKey::kArrival:
      return append_number(bytes_, milliseconds(message.internal_date.time));
    case SortKey::kSize:
      return append_number(bytes_, static_cast<std::int64_t>(message.size()));
    case SortKey::kDate:
      return append_number(bytes_, sent_or_arrived(message, header).time_since_epoch().count());
    case SortKey::kCc:
      return append_text(bytes_, mailbox_of(header, "cc"));
    case SortKey::kFrom:
      return append_text(bytes_, mailbox_of(header, "from"));
    case SortKey::kTo:
      return append_text(bytes_, mailbox_of(header, "to"));
    case SortKey::kSubject:
      return append_text(bytes_, base_subject_of(header).text);
    case SortKey::kDisplayFrom:
      return append_text(bytes_, display_of(header, "from"));
    case SortKey::kDisplayTo:
      return append_text(bytes_, display_of(header, "to"));
    case SortKey::kAnnotation:
      return append_text(bytes_, annotation_of(criterion.annotation, message, asker_));
  }
}

bool Sorter::less(std::uint32_t a, std::uint32_t b) const {
  const std::string_view bytes(bytes_);
  const int compared = bytes.substr(pieces_[a].at, pieces_[a].size).compare(bytes.substr(pieces_[b].at, pieces_[b].size));
  return compared != 0 ? compared < 0 : a < b;
}

bool Sorter::step() {
  const auto by_value = [this](std::uint32_t a, std::uint32_t b) { return less(a, b); };
  const auto at = [this](std::size_t offset) {
    return order_.begin() + static_cast<std::ptrdiff_t>(std::min(offset, order_.size()));
  };
  if (run_ >= order_.size()) return false;
  if (run_ == 0) {
    std::sort(at(sorted_), at(sorted_ + kRun), by_value);
    sorted_ += kRun;
    if (sorted_ < order_.size()) return true;
    run_ = kRun;
  } else {
    std::inplace_merge(at(sorted_), at(sorted_ + run_), at(sorted_ + 2 * run_), by_value);
    sorted_ += 2 * run_;
    if (sorted_ < order_.size()) return true;
    run_ *= 2;
  }
  sorted_ = 0;
  return run_ < order_.size();
}

}  // namespace imapd::search
