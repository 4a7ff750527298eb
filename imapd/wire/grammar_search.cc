#include "imapd/wire/grammar_search.h"

#include <array>
#include <utility>

#include "imapd/wire/grammar_annotation.h"
#include "imapd/wire/grammar_atoms.h"
#include "imapd/wire/grammar_flags.h"
#include "imapd/wire/grammar_result_options.h"
#include "imapd/wire/grammar_sets.h"
#include "imapd/wire/object_id.h"

namespace imapd::wire {
namespace {

// Bounds what a search may cost before any of it is run.
struct Budget {
  std::size_t keys_left = limits::kSearchKeysMax;
  bool names_mod_seq = false;
};

Result<SearchKey> parse_search_key(Cursor& cursor, Budget& budget, int depth);

SearchKey has_flag(SystemFlag flag, bool set) { return {SearchFlag{.flag = flag, .set = set}}; }

// "ALL" / "ANSWERED" / "DELETED" / "DRAFT" / "FLAGGED" / "NEW" / "OLD" / "RECENT" / "SEEN" / "UNANSWERED" / "UNDELETED" /
// "UNDRAFT" / "UNFLAGGED" / "UNSEEN"
std::optional<SearchKey> simple_search_key(std::string_view word) {
  static constexpr std::array<std::pair<std::string_view, SystemFlag>, 5> kFlags = {{{"ANSWERED", SystemFlag::kAnswered},
                                                                                     {"DELETED", SystemFlag::kDeleted},
                                                                                     {"DRAFT", SystemFlag::kDraft},
                                                                                     {"FLAGGED", SystemFlag::kFlagged},
                                                                                     {"SEEN", SystemFlag::kSeen}}};
  for (const auto& [name, flag] : kFlags) {
    if (word == name) return has_flag(flag, true);
    if (word.starts_with("UN") && word.substr(2) == name) return has_flag(flag, false);
  }
  if (word == "ALL" || word == "SAVEDATESUPPORTED") return SearchKey{SearchAll{}};  // RFC 8514: by all mailboxes.
  if (word == "RECENT") return SearchKey{SearchRecent{.set = true}};
  if (word == "OLD") return SearchKey{SearchRecent{.set = false}};
  if (word == "NEW") {
    SearchAnd both;
    both.keys.push_back({SearchRecent{.set = true}});
    both.keys.push_back(has_flag(SystemFlag::kSeen, false));
    return SearchKey{std::move(both)};
  }
  return std::nullopt;
}

Result<std::string> parse_search_string(Cursor& cursor, std::string_view what) {
  return parse_astring(cursor, what, Quoted8Bit::kAccepted);
}

// "BCC" SP astring / "BODY" SP astring / "CC" SP astring / "FROM" SP astring / "SUBJECT" SP astring / "TEXT" SP astring /
// "TO" SP astring / "HEADER" SP header-fld-name SP astring
Result<std::optional<SearchKey>> parse_text_key(Cursor& cursor, const std::string& word) {
  if (word == "HEADER") {
    TRY(cursor.expect(' ', "after HEADER"));
    TRY_ASSIGN(field, parse_search_string(cursor, "header field name"));
    TRY(cursor.expect(' ', "after the header field name"));
    TRY_ASSIGN(value, parse_search_string(cursor, "HEADER"));
    return std::optional(SearchKey{SearchHeader{.field = std::move(field), .value = std::move(value)}});
  }
  const bool is_field = word == "BCC" || word == "CC" || word == "FROM" || word == "SUBJECT" || word == "TO";
  if (!is_field && word != "BODY" && word != "TEXT") return std::optional<SearchKey>();
  TRY(cursor.expect(' ', "after " + word));
  TRY_ASSIGN(value, parse_search_string(cursor, word));
  if (word == "BODY") return std::optional(SearchKey{SearchBody{std::move(value)}});
  if (word == "TEXT") return std::optional(SearchKey{SearchText{std::move(value)}});
  return std::optional(SearchKey{SearchHeader{.field = word, .value = std::move(value)}});
}

// "BEFORE" SP date / "ON" SP date / "SINCE" SP date / "SENTBEFORE" SP date / "SENTON" SP date / "SENTSINCE" SP date /
// "SAVEDBEFORE" SP date / "SAVEDON" SP date / "SAVEDSINCE" SP date (RFC 8514)
Result<std::optional<SearchKey>> parse_date_key(Cursor& cursor, const std::string& word) {
  SearchDate key{};
  const bool sent = word.starts_with("SENT");
  const bool saved = word.starts_with("SAVED");
  key.source = sent ? SearchDate::Source::kSent : saved ? SearchDate::Source::kSaved : SearchDate::Source::kInternal;
  const std::string_view relation = std::string_view(word).substr(sent ? 4 : saved ? 5 : 0);
  if (relation == "BEFORE") {
    key.relation = SearchDate::Relation::kBefore;
  } else if (relation == "ON") {
    key.relation = SearchDate::Relation::kOn;
  } else if (relation == "SINCE") {
    key.relation = SearchDate::Relation::kSince;
  } else {
    return std::optional<SearchKey>();
  }
  TRY(cursor.expect(' ', "after " + word));
  TRY_ASSIGN(date, parse_date_argument(cursor));
  key.date = date;
  return std::optional(SearchKey{key});
}

// search-modsequence = "MODSEQ" [search-modseq-ext] SP mod-sequence-valzer
// search-modseq-ext = SP entry-name SP entry-type-req
// entry-type-req = "priv" / "shared" / "all"
Result<SearchKey> parse_mod_seq_key(Cursor& cursor, Budget& budget) {
  SearchModSeq key;
  TRY(cursor.expect(' ', "after MODSEQ"));
  if (cursor.peek() == '"') {
    TRY_ASSIGN(entry_name, parse_quoted(cursor, "metadata entry", Quoted8Bit::kRefused));
    TRY_ASSIGN(flag, parse_flag_entry_name(entry_name));
    key.flag = std::move(flag);
    TRY(cursor.expect(' ', "after the metadata entry"));
    const std::string type = parse_keyword(cursor);
    if (type == "PRIV") {
      key.entry_type = SearchModSeq::EntryType::kPrivate;
    } else if (type == "SHARED") {
      key.entry_type = SearchModSeq::EntryType::kShared;
    } else if (type != "ALL") {
      return syntax_error("metadata entry type must be priv, shared or all");
    }
    TRY(cursor.expect(' ', "after the metadata entry type"));
  }
  TRY_ASSIGN(at_least, parse_mod_sequence_valzer(cursor, "MODSEQ"));
  key.at_least = at_least;
  budget.names_mod_seq = true;
  return SearchKey{std::move(key)};
}

// "KEYWORD" SP flag-keyword / "UNKEYWORD" SP flag-keyword / "LARGER" SP number64 / "SMALLER" SP number64 / "UID" SP sequence-set /
// search-modsequence / "OLDER" SP nz-number / "YOUNGER" SP nz-number (RFC 5032) / "FILTER" SP filter-name (RFC 5466) /
// "ANNOTATION" SP entry-match SP att-search SP value (RFC 5257)
Result<std::optional<SearchKey>> parse_argument_key(Cursor& cursor, const std::string& word, Budget& budget) {
  if (word == "KEYWORD" || word == "UNKEYWORD") {
    TRY(cursor.expect(' ', "after " + word));
    TRY_ASSIGN(flag, parse_flag_keyword(cursor));
    return std::optional(SearchKey{SearchFlag{.flag = std::move(flag), .set = word == "KEYWORD"}});
  }
  if (word == "LARGER" || word == "SMALLER") {
    TRY(cursor.expect(' ', "after " + word));
    TRY_ASSIGN(octets, parse_number64(cursor, word));
    const auto relation = word == "LARGER" ? SearchSize::Relation::kLarger : SearchSize::Relation::kSmaller;
    return std::optional(SearchKey{SearchSize{.relation = relation, .octets = octets}});
  }
  if (word == "OLDER" || word == "YOUNGER") {
    TRY(cursor.expect(' ', "after " + word));
    TRY_ASSIGN(seconds, parse_nz_number(cursor, word));
    const auto relation = word == "OLDER" ? SearchAge::Relation::kOlder : SearchAge::Relation::kYounger;
    return std::optional(SearchKey{SearchAge{.relation = relation, .seconds = seconds}});
  }
  if (word == "EMAILID" || word == "THREADID") {
    TRY(cursor.expect(' ', "after " + word));
    TRY_ASSIGN(object_id, parse_atom(cursor, word));
    if (!is_object_id(object_id)) return syntax_error(word + " must be an object identifier");
    const auto email_id = word == "EMAILID" ? parse_email_object_id(object_id) : std::nullopt;
    return std::optional(SearchKey{SearchEmailId{email_id}});
  }
  if (word == "ANNOTATION") {
    TRY_ASSIGN(annotation, parse_search_annotation(cursor));
    return std::optional(SearchKey{std::move(annotation)});
  }
  if (word == "FILTER") {
    TRY(cursor.expect(' ', "after FILTER"));
    TRY_ASSIGN(name, parse_atom(cursor, "filter name"));
    if (!is_filter_name(name)) return syntax_error("a filter name has no '/'");
    return std::optional(SearchKey{SearchFilter{std::move(name)}});
  }
  if (word == "UID") {
    TRY(cursor.expect(' ', "after UID"));
    TRY_ASSIGN(set, parse_sequence_set(cursor));
    return std::optional(SearchKey{SearchNumbers{.set = std::move(set), .uid = true}});
  }
  if (word == "MODSEQ") {
    TRY_ASSIGN(key, parse_mod_seq_key(cursor, budget));
    return std::optional(std::move(key));
  }
  return std::optional<SearchKey>();
}

// search-key *(SP search-key)
Result<SearchAnd> parse_search_keys(Cursor& cursor, Budget& budget, int depth) {
  SearchAnd all;
  do {
    TRY_ASSIGN(key, parse_search_key(cursor, budget, depth));
    all.keys.push_back(std::move(key));
  } while (cursor.skip(' '));
  return all;
}

// "NOT" SP search-key, the word already taken. A chain of them is counted, not nested.
Result<SearchKey> parse_not(Cursor& cursor, Budget& budget, int depth) {
  bool negated = true;
  for (;;) {
    TRY(cursor.expect(' ', "after NOT"));
    Cursor ahead = cursor;
    if (parse_keyword(ahead) != "NOT") break;
    cursor = ahead;
    negated = !negated;
  }
  TRY_ASSIGN(key, parse_search_key(cursor, budget, depth + 1));
  if (!negated) return key;
  SearchNot inverse;
  inverse.keys.push_back(std::move(key));
  return SearchKey{std::move(inverse)};
}

// "OR" SP search-key SP search-key, the word already taken. Clients chain hundreds (`OR a OR b OR c d`): the right side is read
// in a loop, so only what nests on the left counts as depth.
Result<SearchKey> parse_or(Cursor& cursor, Budget& budget, int depth) {
  SearchOr any;
  for (;;) {
    TRY(cursor.expect(' ', "after OR"));
    TRY_ASSIGN(left, parse_search_key(cursor, budget, depth + 1));
    any.keys.push_back(std::move(left));
    TRY(cursor.expect(' ', "between the two keys of OR"));
    Cursor ahead = cursor;
    if (parse_keyword(ahead) != "OR") break;
    cursor = ahead;
  }
  TRY_ASSIGN(right, parse_search_key(cursor, budget, depth + 1));
  any.keys.push_back(std::move(right));
  return SearchKey{std::move(any)};
}

// search-key = ... / sequence-set / "NOT" SP search-key / "OR" SP search-key SP search-key / "(" search-key *(SP search-key) ")"
Result<SearchKey> parse_search_key(Cursor& cursor, Budget& budget, int depth) {
  if (depth > limits::kParenthesisDepthMax) return syntax_error("search keys are nested too deep");
  if (budget.keys_left-- == 0) return syntax_error("too many search keys");
  if (cursor.skip('(')) {
    TRY_ASSIGN(all, parse_search_keys(cursor, budget, depth + 1));
    TRY(cursor.expect(')', "after search keys"));
    if (all.keys.size() == 1) return std::move(all.keys.front());
    return SearchKey{std::move(all)};
  }
  if (cursor.peek() == '*' || cursor.peek() == '$' || (cursor.peek() >= '0' && cursor.peek() <= '9')) {
    TRY_ASSIGN(set, parse_sequence_set(cursor));
    return SearchKey{SearchNumbers{.set = std::move(set), .uid = false}};
  }
  const std::string word = parse_keyword(cursor);
  if (word == "NOT") return parse_not(cursor, budget, depth);
  if (word == "OR") return parse_or(cursor, budget, depth);
  if (auto key = simple_search_key(word)) return *std::move(key);
  TRY_ASSIGN(text_key, parse_text_key(cursor, word));
  if (text_key) return *std::move(text_key);
  TRY_ASSIGN(date_key, parse_date_key(cursor, word));
  if (date_key) return *std::move(date_key);
  TRY_ASSIGN(argument_key, parse_argument_key(cursor, word, budget));
  if (argument_key) return *std::move(argument_key);
  return unknown_word("search key", word);
}

}  // namespace

// search = "SEARCH" [search-return-opts] SP search-program
// search-program = ["CHARSET" SP charset SP] search-key *(SP search-key)
Result<Search> parse_search(Cursor& cursor, Numbering numbering) {
  Search search;
  search.uid = numbering == Numbering::kUid;
  Cursor ahead = cursor;
  if (parse_keyword(ahead) == "RETURN") {
    cursor = ahead;
    TRY_ASSIGN(options, parse_result_options(cursor));
    search.returns = options;
    TRY(cursor.expect(' ', "after the RETURN options"));
  }
  ahead = cursor;
  if (parse_keyword(ahead) == "CHARSET") {
    cursor = ahead;
    TRY(cursor.expect(' ', "after CHARSET"));
    TRY_ASSIGN(charset, parse_astring(cursor, "charset"));
    search.charset = to_upper(charset);
    TRY(cursor.expect(' ', "after the charset"));
  }
  TRY_ASSIGN(searched, parse_search_program(cursor));
  search.program = std::move(searched.program);
  search.names_mod_seq = searched.names_mod_seq;
  return search;
}

Result<SearchProgram> parse_search_program(Cursor& cursor) {
  Budget budget;
  TRY_ASSIGN(all, parse_search_keys(cursor, budget, 0));
  return SearchProgram{SearchKey{std::move(all)}, budget.names_mod_seq};
}

}  // namespace imapd::wire
