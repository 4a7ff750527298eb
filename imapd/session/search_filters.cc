#include "imapd/session/search_filters.h"

#include <algorithm>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "imapd/base/limits.h"
#include "imapd/session/uid_only.h"
#include "imapd/store/metadata.h"
#include "imapd/wire/search_text.h"

namespace imapd::session {
namespace {

constexpr std::string_view kPrivateValues = "/private/filters/values/";
constexpr std::string_view kSharedValues = "/shared/filters/values/";

// Entries are kept in lower case; names are compared without case, as all of IMAP's words are.
std::string lower(std::string name) {
  for (char& c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return name;
}

Reply undefined(const std::string& name) { return no("There is no such filter", "UNDEFINED-FILTER " + name); }
Reply too_large() { return no("The search is too large with its filters", wire::code::kLimit); }

class Expander {
 public:
  Expander(const Session& session, const store::Store& store, bool& names_mod_seq)
      : session_(session), store_(store), names_mod_seq_(names_mod_seq) {}

  // nullopt: done.
  std::optional<Reply> expand(wire::SearchKey& key, int depth) {
    if (depth > limits::kParenthesisDepthMax || keys_left_-- == 0) return too_large();
    if (const auto* filter = std::get_if<wire::SearchFilter>(&key.key)) return replace(key, filter->name, depth);
    return std::visit([this, depth](auto& each) { return expand_below(each, depth); }, key.key);
  }

 private:
  template <class Key>
  std::optional<Reply> expand_below(Key& key, int depth) {
    if constexpr (requires { key.keys; }) {
      for (wire::SearchKey& each : key.keys) {
        if (auto refusal = expand(each, depth + 1)) return refusal;
      }
    }
    return std::nullopt;
  }

  // `key` is the filter of this name, and goes.
  std::optional<Reply> replace(wire::SearchKey& key, const std::string& name, int depth) {
    const std::string entry = lower(name);
    // RFC 5466, section 3.1: a loop counts as a filter that is not there.
    if (std::ranges::find(open_, entry) != open_.end()) return undefined(name);
    const auto value = value_of(entry);
    if (!value) return refused(value.error());
    if (!*value) return undefined(name);
    if ((*value)->size() > bytes_left_) return too_large();
    bytes_left_ -= (*value)->size();
    auto parsed = wire::parse_search_text(**value);
    if (!parsed) return undefined(name);
    names_mod_seq_ = names_mod_seq_ || parsed->names_mod_seq;
    key = std::move(parsed->program);
    open_.push_back(entry);
    auto refusal = expand(key, depth + 1);
    open_.pop_back();
    return refusal;
  }

  Result<std::optional<std::string>> value_of(const std::string& entry) const {
    TRY_ASSIGN(own, store_.metadata(store::kServerMetadata, session_.user(), std::string(kPrivateValues) + entry));
    if (own) return own;
    return store_.metadata(store::kServerMetadata, std::string(), std::string(kSharedValues) + entry);
  }

  const Session& session_;
  const store::Store& store_;
  bool& names_mod_seq_;
  std::size_t keys_left_ = limits::kSearchKeysMax;
  std::size_t bytes_left_ = limits::kFilterBytesMax;
  std::vector<std::string> open_;  // Those within which we are.
};

}  // namespace

// Recursion is as deep as the parser let keys be nested.
bool names_filters(const wire::SearchKey& program) {
  return std::visit(
      [](const auto& key) {
        if constexpr (std::is_same_v<std::decay_t<decltype(key)>, wire::SearchFilter>) {
          return true;
        } else if constexpr (requires { key.keys; }) {
          return std::ranges::any_of(key.keys, names_filters);
        } else {
          return false;
        }
      },
      program.key);
}

std::optional<Reply> put_filters(Session& session, wire::SearchKey& program, bool& names_mod_seq) {
  if (!names_filters(program)) return std::nullopt;
  if (auto refusal = Expander(session, session.store(), names_mod_seq).expand(program, 0)) return refusal;
  if (session.uid_only() && names_message_numbers(program)) {
    return bad("Message numbers are not used any more", wire::code::kUidRequired);
  }
  return std::nullopt;
}

std::optional<Reply> charset_refusal(const Session& session, const std::optional<std::string>& charset,
                                     const wire::SearchKey& program) {
  if (!charset) return std::nullopt;
  // RFC 6855, section 3: everything is UTF-8 then.
  if (session.enabled(Feature::kUtf8)) return bad("Strings are UTF-8: no charset may be named");
  if (*charset == "UTF-8" || *charset == "US-ASCII") return std::nullopt;
  // RFC 5466, section 3.1: filters are UTF-8, and another charset beside them is an error of the client.
  if (names_filters(program)) return bad("Filters are UTF-8", wire::code::kBadCharset);
  return no("Only US-ASCII and UTF-8 are searched", wire::code::kBadCharset);
}

std::optional<std::string> fault_of_filter(std::string_view entry, std::string_view value) {
  const bool own = entry.starts_with(kPrivateValues);
  if (!own && !entry.starts_with(kSharedValues)) return std::nullopt;
  const std::string_view name = entry.substr(own ? kPrivateValues.size() : kSharedValues.size());
  if (!wire::is_filter_name(name)) return "This is no name of a filter";
  const auto parsed = wire::parse_search_text(value);
  if (!parsed) return "No search program: " + parsed.error().message;
  return std::nullopt;
}

}  // namespace imapd::session
