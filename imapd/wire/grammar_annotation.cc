#include "imapd/wire/grammar_annotation.h"

#include <algorithm>
#include <utility>

#include "imapd/base/limits.h"
#include "imapd/wire/grammar_atoms.h"

namespace imapd::wire {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// section-part = nz-number *("." nz-number); what an entry that begins with a digit is of.
bool is_section_part(std::string_view level) {
  bool at_begin = true;
  for (const char c : level) {
    if (at_begin ? c < '1' || c > '9' : !is_digit(c) && c != '.') return false;
    at_begin = c == '.';
  }
  return !at_begin;
}

// Section 3.2. A pattern's levels may be anything.
Result<void> check_entry(std::string_view entry) {
  if (entry.size() > limits::kMetadataEntryBytesMax) return syntax_error("entry name is too long");
  const bool bad = std::ranges::any_of(entry, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte >= 0x7f;
  });
  if (bad) return syntax_error("entry name holds a character that it may not");
  if (entry.find("//") != entry.npos) return syntax_error("entry name has an empty component");
  if (is_annotation_pattern(entry)) return {};
  if (!entry.starts_with('/')) return syntax_error("entry name must begin with '/'");
  if (entry.ends_with('/')) return syntax_error("entry name has an empty component");
  const std::string_view first = entry.substr(1, entry.find('/', 1) - 1);
  if (is_digit(first.front()) && !is_section_part(first)) return syntax_error("there is no such part: " + printable(first));
  return {};
}

// entry-match = list-mailbox
Result<std::string> parse_entry_match(Cursor& cursor) {
  std::string entry;
  if (cursor.peek() == '"' || cursor.peek() == '{') {
    TRY_ASSIGN(text, parse_string(cursor, "entry name"));
    entry = std::move(text);
  } else {
    entry = cursor.take_while(is_list_char);
  }
  if (entry.empty()) return syntax_error("entry name expected");
  TRY(check_entry(entry));
  return entry;
}

// entry = astring ; slash-separated path to entry; MUST NOT contain "*" or "%"
Result<std::string> parse_entry(Cursor& cursor) {
  TRY_ASSIGN(entry, parse_entry_match(cursor));
  if (is_annotation_pattern(entry)) return syntax_error("entry name must not be a pattern");
  return entry;
}

template <class Value>
void add_once(std::vector<Value>& to, Value value) {
  if (std::ranges::find(to, value) == to.end()) to.push_back(std::move(value));
}

// entries = entry-match / "(" entry-match *(SP entry-match) ")"
Result<std::vector<std::string>> parse_entries(Cursor& cursor) {
  std::vector<std::string> entries;
  const bool list = cursor.skip('(');
  do {
    TRY_ASSIGN(entry, parse_entry_match(cursor));
    add_once(entries, std::move(entry));
    if (entries.size() > limits::kMetadataEntriesPerCommandMax) return syntax_error("too many entries");
  } while (list && cursor.skip(' '));
  if (list) TRY(cursor.expect(')', "after the entries"));
  return entries;
}

// attrib = astring ; only `value` and `size` are registered
Result<std::string> parse_attribute_name(Cursor& cursor) {
  TRY_ASSIGN(name, parse_astring(cursor, "attribute"));
  return to_upper(name);
}

Result<void> parse_attribute(Cursor& cursor, std::vector<AnnotationAttribute>& attributes) {
  using enum AnnotationAttribute;
  TRY_ASSIGN(name, parse_attribute_name(cursor));
  const std::string_view word = std::string_view(name).substr(0, name.find('.'));
  const std::string_view suffix = std::string_view(name).substr(word.size());
  const bool known = (word == "VALUE" || word == "SIZE") && (suffix.empty() || suffix == ".PRIV" || suffix == ".SHARED");
  if (!known) return unknown_word("attribute", name);
  if (suffix != ".SHARED") add_once(attributes, word == "VALUE" ? kValuePrivate : kSizePrivate);
  if (suffix != ".PRIV") add_once(attributes, word == "VALUE" ? kValueShared : kSizeShared);
  return {};
}

// attribs = attrib / "(" attrib *(SP attrib) ")"
Result<std::vector<AnnotationAttribute>> parse_attributes(Cursor& cursor) {
  std::vector<AnnotationAttribute> attributes;
  const bool list = cursor.skip('(');
  do {
    TRY(parse_attribute(cursor, attributes));
  } while (list && cursor.skip(' '));
  if (list) TRY(cursor.expect(')', "after the attributes"));
  return attributes;
}

// att-search = "value" / "value.priv" / "value.shared"
Result<AnnotationScope> parse_value_attribute(Cursor& cursor) {
  TRY_ASSIGN(name, parse_attribute_name(cursor));
  if (name == "VALUE") return AnnotationScope::kBoth;
  if (name == "VALUE.PRIV") return AnnotationScope::kPrivate;
  if (name == "VALUE.SHARED") return AnnotationScope::kShared;
  return syntax_error("attribute must be value, value.priv or value.shared");
}

// att-sort = "value.priv" / "value.shared"
Result<AnnotationScope> parse_scoped_value_attribute(Cursor& cursor) {
  TRY_ASSIGN(scope, parse_value_attribute(cursor));
  if (scope == AnnotationScope::kBoth) return syntax_error("attribute must end in .priv or .shared");
  return scope;
}

// value = nstring / literal8
Result<std::optional<std::string>> parse_value(Cursor& cursor) {
  if (cursor.peek() == '~') {
    TRY_ASSIGN(value, parse_message_literal(cursor));
    return std::optional<std::string>(std::move(value));
  }
  if (cursor.peek() == '"' || cursor.peek() == '{') {
    TRY_ASSIGN(value, parse_string(cursor, "value", Quoted8Bit::kAccepted));
    return std::optional<std::string>(std::move(value));
  }
  return parse_nstring(cursor, "value");
}

// entry-att = entry SP "(" att-value *(SP att-value) ")"
// att-value = attrib SP value
Result<SetAnnotation> parse_entry_att(Cursor& cursor) {
  SetAnnotation set;
  TRY_ASSIGN(entry, parse_entry(cursor));
  set.entry = std::move(entry);
  TRY(cursor.expect(' ', "after the entry"));
  TRY(cursor.expect('(', "before the attributes"));
  do {
    TRY_ASSIGN(scope, parse_scoped_value_attribute(cursor));
    add_once(set.scopes, scope);
    TRY(cursor.expect(' ', "before the value"));
    TRY(parse_value(cursor));
  } while (cursor.skip(' '));
  TRY(cursor.expect(')', "after the attributes"));
  return set;
}

}  // namespace

bool is_annotation_pattern(std::string_view entry) { return entry.find_first_of("*%") != entry.npos; }

// fetch-att =/ "ANNOTATION" SP "(" entries SP attribs ")"
Result<FetchAnnotation> parse_fetch_annotation(Cursor& cursor) {
  FetchAnnotation item;
  TRY(cursor.expect(' ', "after ANNOTATION"));
  TRY(cursor.expect('(', "after ANNOTATION"));
  TRY_ASSIGN(entries, parse_entries(cursor));
  item.entries = std::move(entries);
  TRY(cursor.expect(' ', "before the attributes"));
  TRY_ASSIGN(attributes, parse_attributes(cursor));
  item.attributes = std::move(attributes);
  TRY(cursor.expect(')', "after the attributes"));
  return item;
}

// search-key =/ "ANNOTATION" SP entry-match SP att-search SP value
Result<SearchAnnotation> parse_search_annotation(Cursor& cursor) {
  SearchAnnotation key;
  TRY(cursor.expect(' ', "after ANNOTATION"));
  TRY_ASSIGN(entry, parse_entry_match(cursor));
  key.entry = std::move(entry);
  TRY(cursor.expect(' ', "after the entry"));
  TRY_ASSIGN(scope, parse_value_attribute(cursor));
  key.scope = scope;
  TRY(cursor.expect(' ', "before the value"));
  TRY_ASSIGN(value, parse_value(cursor));
  key.value = std::move(value);
  return key;
}

// sort-key =/ "ANNOTATION" SP entry SP att-sort
Result<SortAnnotation> parse_sort_annotation(Cursor& cursor) {
  SortAnnotation key;
  TRY(cursor.expect(' ', "after ANNOTATION"));
  TRY_ASSIGN(entry, parse_entry(cursor));
  key.entry = std::move(entry);
  TRY(cursor.expect(' ', "after the entry"));
  TRY_ASSIGN(scope, parse_scoped_value_attribute(cursor));
  key.scope = scope;
  return key;
}

// att-annotate = "ANNOTATION" SP "(" entry-att *(SP entry-att) ")"
Result<std::vector<SetAnnotation>> parse_set_annotations(Cursor& cursor) {
  std::vector<SetAnnotation> sets;
  TRY(cursor.expect(' ', "after ANNOTATION"));
  TRY(cursor.expect('(', "after ANNOTATION"));
  do {
    TRY_ASSIGN(set, parse_entry_att(cursor));
    sets.push_back(std::move(set));
    if (sets.size() > limits::kMetadataEntriesPerCommandMax) return syntax_error("too many entries");
  } while (cursor.skip(' '));
  TRY(cursor.expect(')', "after the entries"));
  return sets;
}

}  // namespace imapd::wire
