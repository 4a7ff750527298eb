#include "imapd/search/annotation.h"

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "imapd/wire/mailbox_pattern.h"

namespace imapd::search {
namespace {

// A string of IMAP holds no NUL.
std::string holder_of(const store::Claim& claim) {
  std::string holder = claim.user.empty() ? claim.holder : claim.holder + " (" + claim.user + ')';
  std::ranges::replace(holder, '\0', ' ');
  return holder;
}

std::string utc_text(Timestamp time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
                static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()),
                static_cast<int>(clock.subseconds().count()));
  return text.data();
}

bool may_have_token(const store::Claim& claim, const store::Actor& asker) {
  if (asker.rank == store::Actor::Rank::kAdministrator) return true;
  return claim.door == asker.door && claim.user == asker.user && claim.holder == asker.holder;
}

}  // namespace

std::optional<std::string> annotation_value(const store::MessageState& message, std::string_view entry, const store::Actor& asker) {
  if (entry == kAnnotationEntries[3]) return std::to_string(message.deliveries);
  if (entry == kAnnotationEntries[4]) return std::to_string(message.failures);
  if (!message.claim) return std::nullopt;
  const store::Claim& claim = *message.claim;
  if (entry == kAnnotationEntries[0]) return holder_of(claim);
  if (entry == kAnnotationEntries[1] && may_have_token(claim, asker)) return std::to_string(claim.token.value());
  if (entry == kAnnotationEntries[2] && claim.deadline) return utc_text(*claim.deadline);
  return std::nullopt;
}

bool annotation_entry_matches(std::string_view pattern, std::string_view entry) {
  if (!wire::is_annotation_pattern(pattern)) return pattern == entry;
  return wire::matches_mailbox_pattern(pattern, entry);
}

AnnotationTest::AnnotationTest(const SearchAnnotation& key)
    : entry_(key.entry), of_shared_(key.scope != wire::AnnotationScope::kPrivate) {
  if (key.value) needle_.emplace(*key.value);
}

bool AnnotationTest::holds(const store::MessageState& message, const store::Actor& asker) const {
  if (!of_shared_) return !needle_;
  for (const std::string_view entry : kAnnotationEntries) {
    if (!annotation_entry_matches(entry_, entry)) continue;
    const auto value = annotation_value(message, entry, asker);
    if (!value) continue;
    if (!needle_) return false;
    if (needle_->is_in(*value)) return true;
  }
  return !needle_;
}

}  // namespace imapd::search
