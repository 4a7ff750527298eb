#include "imapd/ext/annotate.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

#include "imapd/search/annotation.h"
#include "imapd/wire/response.h"

namespace imapd::ext {
namespace {

bool is_ours(std::string_view entry) { return std::ranges::find(search::kAnnotationEntries, entry) != search::kAnnotationEntries.end(); }

void append_attribute(std::string& to, wire::AnnotationAttribute attribute, const std::optional<std::string>& shared) {
  switch (attribute) {
    case wire::AnnotationAttribute::kValuePrivate:
      to += "value.priv NIL";
      return;
    case wire::AnnotationAttribute::kValueShared:
      to += "value.shared ";
      wire::append_nstring(to, shared);
      return;
    case wire::AnnotationAttribute::kSizePrivate:
      to += "size.priv \"0\"";
      return;
    case wire::AnnotationAttribute::kSizeShared:
      to += "size.shared \"" + std::to_string(shared ? shared->size() : 0) + '"';
      return;
  }
}

// The entries to show, each once.
class Shown {
 public:
  Shown(const store::MessageState& message, const store::Actor& asker) : message_(message), asker_(asker) {}

  void add(std::string_view entry, const std::optional<std::string>& value, const wire::FetchAnnotation& item) {
    if (std::ranges::find(entries_, entry) != entries_.end()) return;
    entries_.push_back(entry);
    list_ += list_.empty() ? '(' : ' ';
    wire::append_astring(list_, entry);
    char before = '(';
    list_ += ' ';
    for (const wire::AnnotationAttribute attribute : item.attributes) {
      list_ += before;
      append_attribute(list_, attribute, value);
      before = ' ';
    }
    list_ += ')';
  }

  void add_matching(std::string_view pattern, const wire::FetchAnnotation& item) {
    for (const std::string_view entry : search::kAnnotationEntries) {
      if (!search::annotation_entry_matches(pattern, entry)) continue;
      const auto value = search::annotation_value(message_, entry, asker_);
      if (value) add(entry, value, item);
    }
  }

  std::string take() {
    if (!list_.empty()) list_ += ')';
    return std::move(list_);
  }

 private:
  const store::MessageState& message_;
  const store::Actor& asker_;
  std::vector<std::string_view> entries_;
  std::string list_;
};

}  // namespace

std::string annotation_list(const wire::FetchAnnotation& item, const store::MessageState& message, const store::Actor& asker) {
  Shown shown(message, asker);
  for (const std::string& entry : item.entries) {
    if (wire::is_annotation_pattern(entry)) {
      shown.add_matching(entry, item);
    } else {
      shown.add(entry, search::annotation_value(message, entry, asker), item);
    }
  }
  return shown.take();
}

std::string changed_annotations() {
  std::string list;
  for (const std::string_view entry : search::kAnnotationEntries) {
    list += list.empty() ? '(' : ' ';
    list += entry;
  }
  return list + ')';
}

session::Reply annotation_refusal(std::span<const wire::SetAnnotation> sets) {
  const auto is_private = [](const wire::SetAnnotation& set) {
    return std::ranges::find(set.scopes, wire::AnnotationScope::kPrivate) != set.scopes.end();
  };
  if (std::ranges::any_of(sets, is_private)) return session::no("There are no private annotations", wire::code::kCannot);
  if (std::ranges::any_of(sets, is_ours, &wire::SetAnnotation::entry)) {
    return session::no("These annotations are for reading only", wire::code::kCannot);
  }
  return session::no("A message has no room for other annotations", wire::code::kAnnotateTooMany);
}

}  // namespace imapd::ext
