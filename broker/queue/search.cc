#include "broker/queue/search.h"

#include <type_traits>
#include <utility>

#include "broker/queue/queue.h"
#include "imapd/base/limits.h"
#include "imapd/search/search_key.h"
#include "imapd/search/stored_content.h"
#include "imapd/wire/search_text.h"

namespace broker::queue {

using imapd::Code;
using imapd::make_error;
using imapd::Result;
using imapd::UidSet;
using imapd::search::Matcher;
using imapd::search::SearchKey;
using imapd::search::SearchNumbers;

namespace {

// Each decodes the message anew: more of them are a load, not a question.
constexpr std::uint64_t kReadingKeysMax = 16;

// The name of the first key in it that only an IMAP session can answer; empty: none.
std::string needs_session(const SearchKey& program) {
  return std::visit(
      [](const auto& key) -> std::string {
        using Key = std::decay_t<decltype(key)>;
        if constexpr (std::is_same_v<Key, imapd::search::SearchRecent>) return "RECENT, OLD and NEW";
        if constexpr (std::is_same_v<Key, imapd::search::SearchFilter>) return "filters";
        if constexpr (std::is_same_v<Key, SearchNumbers>) {
          if (key.set.has_saved()) return "$";
          if (!key.uid) return "message numbers";
        }
        if constexpr (requires { key.keys; }) {
          for (const SearchKey& inner : key.keys) {
            if (std::string found = needs_session(inner); !found.empty()) return found;
          }
        }
        return {};
      },
      program.key);
}

// BODY and TEXT keys.
std::uint64_t reading_keys(const SearchKey& program) {
  return std::visit(
      [](const auto& key) -> std::uint64_t {
        using Key = std::decay_t<decltype(key)>;
        if constexpr (std::is_same_v<Key, imapd::search::SearchBody> || std::is_same_v<Key, imapd::search::SearchText>) return 1;
        std::uint64_t count = 0;
        if constexpr (requires { key.keys; }) {
          for (const SearchKey& inner : key.keys) count += reading_keys(inner);
        }
        return count;
      },
      program.key);
}

Result<SearchKey> parse_keys(const std::string& text) {
  auto parsed = imapd::wire::parse_search_text(text);
  if (!parsed) return make_error(Code::kInvalidArgument, "no search: " + parsed.error().message);
  const std::string refused = needs_session(parsed->program);
  if (!refused.empty()) return make_error(Code::kInvalidArgument, "no search: " + refused + " mean something in an IMAP session only");
  if (reading_keys(parsed->program) > kReadingKeysMax) {
    return make_error(Code::kInvalidArgument, "no search: more than " + std::to_string(kReadingKeysMax) + " keys BODY and TEXT");
  }
  return std::move(parsed->program);
}

}  // namespace

Result<void> Queues::validate_search(const std::string& text) {
  if (text.empty()) return {};
  auto keys = parse_keys(text);
  if (!keys) return std::move(keys.error());
  return {};
}

Result<QueueSearch> QueueSearch::parse(const std::string& text, const imapd::store::MailboxInfo& queue, imapd::Timestamp now) {
  QueueSearch search;
  if (text.empty()) return search;
  TRY_ASSIGN(program, parse_keys(text));
  search.reading_keys_ = reading_keys(program);
  const imapd::Uid last(queue.uid_next.value() - 1);
  const Matcher::Resolve resolve = [last](const SearchNumbers& numbers) {
    return numbers.set.resolve_uids(last);
  };
  search.matcher_.emplace(program, resolve, now);
  return search;
}

Result<bool> QueueSearch::matches(const imapd::store::Snapshot& snapshot, const imapd::store::MessageState& message) {
  if (!matcher_) return true;
  read_bytes_ += reading_keys_ * message.size();
  imapd::search::StoredContent content(snapshot, message.body);
  return matcher_->matches(imapd::search::Candidate{message}, content);
}

std::size_t QueueSearch::examined_max() const {
  using imapd::limits::kPeekScanMax;
  if (!matcher_) return kPeekScanMax;
  switch (matcher_->cost()) {
    case Matcher::Cost::kState: return kPeekScanMax;
    case Matcher::Cost::kHeader: return kPeekScanMax / 10;
    case Matcher::Cost::kBody: return kPeekScanMax / 100;
  }
  return kPeekScanMax;
}

}  // namespace broker::queue
