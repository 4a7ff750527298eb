#include "imapd/wire/grammar_multisearch.h"

#include <array>
#include <string_view>
#include <utility>

#include "imapd/wire/grammar_atoms.h"
#include "imapd/wire/grammar_mailbox.h"
#include "imapd/wire/grammar_search.h"

namespace imapd::wire {
namespace {

using Mailboxes = SearchSource::Mailboxes;

constexpr std::array<std::pair<std::string_view, Mailboxes>, 7> kSpecifiers = {{
    {"SELECTED", Mailboxes::kSelected},
    {"INBOXES", Mailboxes::kInboxes},
    {"PERSONAL", Mailboxes::kPersonal},
    {"SUBSCRIBED", Mailboxes::kSubscribed},
    {"SUBTREE", Mailboxes::kSubtree},
    {"SUBTREE-ONE", Mailboxes::kSubtreeOne},
    {"MAILBOXES", Mailboxes::kNamed},
}};

// one-or-more-mailbox = mailbox / "(" mailbox *(SP mailbox) ")"
Result<void> parse_names(Cursor& cursor, std::vector<std::string>& names, std::size_t& names_left) {
  const bool list = cursor.skip('(');
  do {
    if (names_left-- == 0) return syntax_error("too many mailbox names");
    TRY_ASSIGN(name, parse_mailbox(cursor));
    names.push_back(std::move(name));
  } while (list && cursor.skip(' '));
  if (list) TRY(cursor.expect(')', "after the mailbox names"));
  return {};
}

// filter-mailboxes = "selected" / "inboxes" / "personal" / "subscribed" / ("subtree" / "subtree-one" / "mailboxes") SP
//                    one-or-more-mailbox
Result<SearchSource> parse_source(Cursor& cursor, std::size_t& names_left) {
  // A list here is of scope options, of which there are none.
  if (cursor.peek() == '(') return syntax_error("unknown scope option");
  const std::string word = parse_keyword(cursor);
  for (const auto& [name, mailboxes] : kSpecifiers) {
    if (word != name) continue;
    SearchSource source{mailboxes, {}};
    if (mailboxes < Mailboxes::kSubtree) return source;
    TRY(cursor.expect(' ', "after " + word));
    TRY(parse_names(cursor, source.names, names_left));
    return source;
  }
  return unknown_word("mailbox specifier", word);
}

// esearch-source-opts = "IN" SP "(" filter-mailboxes *(SP filter-mailboxes) [SP "(" scope-options ")"] ")"
Result<std::vector<SearchSource>> parse_sources(Cursor& cursor) {
  std::vector<SearchSource> sources;
  std::size_t names_left = limits::kMultisearchNamesMax;
  TRY(cursor.expect(' ', "after IN"));
  TRY(cursor.expect('(', "after IN"));
  do {
    if (sources.size() == limits::kMultisearchNamesMax) return syntax_error("too many mailbox specifiers");
    TRY_ASSIGN(source, parse_source(cursor, names_left));
    sources.push_back(std::move(source));
  } while (cursor.skip(' '));
  TRY(cursor.expect(')', "after the mailbox specifiers"));
  return sources;
}

}  // namespace

// esearch = "ESEARCH" [SP esearch-source-opts] [SP search-return-opts] SP search-program
Result<MultiSearch> parse_multi_search(Cursor& cursor) {
  MultiSearch command;
  Cursor ahead = cursor;
  if (parse_keyword(ahead) == "IN") {
    cursor = ahead;
    TRY_ASSIGN(sources, parse_sources(cursor));
    command.sources = std::move(sources);
    TRY(cursor.expect(' ', "after the mailbox specifiers"));
  }
  TRY_ASSIGN(search, parse_search(cursor, Numbering::kUid));
  command.returns = search.returns;
  command.charset = std::move(search.charset);
  command.program = std::move(search.program);
  command.names_mod_seq = search.names_mod_seq;
  return command;
}

}  // namespace imapd::wire
