#include "imapd/wire/grammar_fetch.h"

#include <algorithm>
#include <array>

#include "imapd/wire/grammar_annotation.h"
#include "imapd/wire/grammar_atoms.h"
#include "imapd/wire/grammar_flags.h"
#include "imapd/wire/grammar_result_options.h"
#include "imapd/wire/grammar_sets.h"

namespace imapd::wire {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Collects the items; an attribute asked for twice is answered once.
class FetchItems {
 public:
  void add(FetchItem item) {
    if (const auto* attribute = std::get_if<FetchAttribute>(&item)) {
      const unsigned bit = 1u << static_cast<unsigned>(*attribute);
      if ((seen_ & bit) != 0) return;
      seen_ |= bit;
    }
    if (const auto* annotation = std::get_if<FetchAnnotation>(&item)) annotation_entries_ += annotation->entries.size();
    items_.push_back(std::move(item));
  }
  std::size_t size() const { return items_.size(); }
  std::size_t annotation_entries() const { return annotation_entries_; }  // Of all items.
  std::vector<FetchItem> take() { return std::move(items_); }

 private:
  unsigned seen_ = 0;
  std::size_t annotation_entries_ = 0;
  std::vector<FetchItem> items_;
};

// header-list = "(" header-fld-name *(SP header-fld-name) ")"
Result<std::vector<std::string>> parse_header_list(Cursor& cursor) {
  TRY(cursor.expect(' ', "before the header fields"));
  TRY(cursor.expect('(', "before the header fields"));
  std::vector<std::string> fields;
  do {
    TRY_ASSIGN(field, parse_astring(cursor, "header field name"));
    if (field.empty()) return syntax_error("header field name is empty");
    fields.push_back(std::move(field));
  } while (cursor.skip(' '));
  TRY(cursor.expect(')', "after the header fields"));
  return fields;
}

// section-msgtext = "HEADER" / "HEADER.FIELDS" [".NOT"] SP header-list / "TEXT"
// section-text = section-msgtext / "MIME"
Result<void> parse_section_text(Cursor& cursor, SectionSpec& section) {
  const std::string word = parse_keyword(cursor);
  if (word == "HEADER") {
    section.kind = SectionSpec::Kind::kHeader;
  } else if (word == "TEXT") {
    section.kind = SectionSpec::Kind::kText;
  } else if (word == "MIME" && !section.part.empty()) {
    section.kind = SectionSpec::Kind::kMime;
  } else if (word == "HEADER.FIELDS" || word == "HEADER.FIELDS.NOT") {
    section.kind = word == "HEADER.FIELDS" ? SectionSpec::Kind::kHeaderFields : SectionSpec::Kind::kHeaderFieldsNot;
    TRY_ASSIGN(fields, parse_header_list(cursor));
    section.fields = std::move(fields);
  } else if (word == "MIME") {
    return syntax_error("section MIME needs a part number before it");
  } else {
    return unknown_word("section", word);
  }
  return {};
}

// section = "[" [section-spec] "]"
// section-spec = section-msgtext / (section-part ["." section-text])
// section-part = nz-number *("." nz-number)
Result<SectionSpec> parse_section(Cursor& cursor) {
  SectionSpec section;
  TRY(cursor.expect('[', "to begin a section"));
  if (cursor.skip(']')) return section;
  bool text_follows = true;
  while (text_follows && is_digit(cursor.peek())) {
    TRY_ASSIGN(number, parse_nz_number(cursor, "part number"));
    section.part.push_back(number);
    text_follows = cursor.skip('.');
  }
  if (text_follows) TRY(parse_section_text(cursor, section));
  TRY(cursor.expect(']', "after a section"));
  return section;
}

// ["<" number64 "." nz-number64 ">"] (RFC 9051)
Result<std::optional<Partial>> parse_partial(Cursor& cursor) {
  if (!cursor.skip('<')) return std::optional<Partial>();
  TRY_ASSIGN(offset, parse_number64(cursor, "offset of a partial fetch"));
  TRY(cursor.expect('.', "in a partial fetch"));
  if (cursor.peek() == '0') return syntax_error("size of a partial fetch must not begin with 0");
  TRY_ASSIGN(count, parse_number64(cursor, "size of a partial fetch"));
  TRY(cursor.expect('>', "after a partial fetch"));
  return std::optional<Partial>(Partial{.offset = offset, .count = count});
}

std::optional<FetchItem> simple_fetch_item(std::string_view word) {
  using Kind = SectionSpec::Kind;
  using Name = FetchSection::Name;
  static constexpr std::array<std::pair<std::string_view, FetchAttribute>, 10> kAttributes = {{
      {"ENVELOPE", FetchAttribute::kEnvelope},
      {"FLAGS", FetchAttribute::kFlags},
      {"INTERNALDATE", FetchAttribute::kInternalDate},
      {"UID", FetchAttribute::kUid},
      {"BODYSTRUCTURE", FetchAttribute::kBodyStructure},
      {"RFC822.SIZE", FetchAttribute::kRfc822Size},
      {"MODSEQ", FetchAttribute::kModSeq},
      {"EMAILID", FetchAttribute::kEmailId},
      {"THREADID", FetchAttribute::kThreadId},
      {"SAVEDATE", FetchAttribute::kSaveDate},
  }};
  for (const auto& [name, attribute] : kAttributes) {
    if (word == name) return FetchItem(attribute);
  }
  const auto section = [](Name name, Kind kind, bool peek) {
    FetchSection item;
    item.name = name;
    item.section.kind = kind;
    item.peek = peek;
    return FetchItem(std::move(item));
  };
  if (word == "RFC822") return section(Name::kRfc822, Kind::kWhole, false);
  if (word == "RFC822.HEADER") return section(Name::kRfc822Header, Kind::kHeader, true);
  if (word == "RFC822.TEXT") return section(Name::kRfc822Text, Kind::kText, false);
  return std::nullopt;
}

// section-binary = "[" [section-part] "]" (RFC 3516)
// fetch-att =/ "BINARY" [".PEEK"] section-binary [partial] / "BINARY.SIZE" section-binary
Result<FetchItem> parse_binary(Cursor& cursor, std::string_view word) {
  FetchSection item;
  item.name = word == "BINARY.SIZE" ? FetchSection::Name::kBinarySize : FetchSection::Name::kBinary;
  item.peek = word != "BINARY";
  TRY_ASSIGN(section, parse_section(cursor));
  if (section.kind != SectionSpec::Kind::kWhole) return syntax_error("BINARY takes part numbers only");
  item.section = std::move(section);
  if (item.name == FetchSection::Name::kBinary) {
    TRY_ASSIGN(partial, parse_partial(cursor));
    item.partial = partial;
  }
  return FetchItem(std::move(item));
}

// fetch-att =/ "PREVIEW" [SP "(" preview-mod *(SP preview-mod) ")"] (RFC 8970)
// preview-mod = "LAZY" ; changes nothing here, as a preview is always made at once
Result<FetchItem> parse_preview(Cursor& cursor) {
  Cursor ahead = cursor;
  if (!ahead.skip(' ') || !ahead.skip('(')) return FetchItem(FetchAttribute::kPreview);
  // `FETCH 1 PREVIEW (CHANGEDSINCE 1)`: what follows need not be the preview's.
  if (parse_keyword(ahead) != "LAZY") return FetchItem(FetchAttribute::kPreview);
  TRY(ahead.expect(')', "after LAZY"));
  cursor = ahead;
  return FetchItem(FetchAttribute::kPreview);
}

// fetch-att = "ENVELOPE" / "FLAGS" / "INTERNALDATE" / "RFC822" [".HEADER" / ".SIZE" / ".TEXT"] / "BODY" ["STRUCTURE"] / "UID" /
//             "BODY" section ["<" number "." nz-number ">"] / "BODY.PEEK" section ["<" number "." nz-number ">"] / "MODSEQ" /
//             "EMAILID" / "THREADID" (RFC 8474) / "SAVEDATE" (RFC 8514) / "ANNOTATION" ... (RFC 5257)
Result<FetchItem> parse_fetch_att(Cursor& cursor) {
  const std::string word = parse_keyword(cursor);
  if ((word == "BODY" && cursor.peek() == '[') || word == "BODY.PEEK") {
    FetchSection item;
    item.peek = word == "BODY.PEEK";
    TRY_ASSIGN(section, parse_section(cursor));
    TRY_ASSIGN(partial, parse_partial(cursor));
    item.section = std::move(section);
    item.partial = partial;
    return FetchItem(std::move(item));
  }
  if (word == "BINARY" || word == "BINARY.PEEK" || word == "BINARY.SIZE") return parse_binary(cursor, word);
  if (word == "PREVIEW") return parse_preview(cursor);
  if (word == "ANNOTATION") {
    TRY_ASSIGN(annotation, parse_fetch_annotation(cursor));
    return FetchItem(std::move(annotation));
  }
  if (word == "BODY") return FetchItem(FetchAttribute::kBody);
  if (auto item = simple_fetch_item(word)) return *std::move(item);
  return unknown_word("item", word);
}

// ALL, FAST and FULL (RFC 3501, 6.4.5).
std::optional<std::vector<FetchAttribute>> expand_macro(std::string_view word) {
  using enum FetchAttribute;
  if (word == "ALL") return {{kFlags, kInternalDate, kRfc822Size, kEnvelope}};
  if (word == "FAST") return {{kFlags, kInternalDate, kRfc822Size}};
  if (word == "FULL") return {{kFlags, kInternalDate, kRfc822Size, kEnvelope, kBody}};
  return std::nullopt;
}

// fetch-modifiers = SP "(" fetch-modifier *(SP fetch-modifier) ")" (RFC 4466)
// chgsince-fetch-mod = "CHANGEDSINCE" SP mod-sequence-value (RFC 7162); 0 is accepted, as some clients send it
// rexpunges-fetch-mod = "VANISHED"
// modifier-partial = "PARTIAL" SP partial-range (RFC 9394)
Result<void> parse_fetch_modifiers(Cursor& cursor, Fetch& fetch) {
  TRY(cursor.expect('(', "before the modifiers"));
  do {
    const std::string word = parse_keyword(cursor);
    if (word == "CHANGEDSINCE") {
      if (fetch.changed_since) return syntax_error("CHANGEDSINCE is repeated");
      TRY(cursor.expect(' ', "after CHANGEDSINCE"));
      TRY_ASSIGN(mod_seq, parse_mod_sequence_valzer(cursor, "CHANGEDSINCE"));
      fetch.changed_since = mod_seq;
    } else if (word == "VANISHED") {
      fetch.vanished = true;
    } else if (word == "PARTIAL") {
      if (fetch.partial) return syntax_error("PARTIAL is repeated");
      TRY(cursor.expect(' ', "after PARTIAL"));
      TRY_ASSIGN(range, parse_partial_range(cursor));
      fetch.partial = range;
    } else {
      return unknown_word("modifier", word);
    }
  } while (cursor.skip(' '));
  TRY(cursor.expect(')', "after the modifiers"));
  if (fetch.vanished && !(fetch.uid && fetch.changed_since)) return syntax_error("VANISHED needs UID FETCH and CHANGEDSINCE");
  if (fetch.partial && !fetch.uid) return syntax_error("PARTIAL needs UID FETCH");
  return {};
}

// store-modifiers = SP "(" store-modifier *(SP store-modifier) ")" (RFC 4466)
// store-modifier =/ "UNCHANGEDSINCE" SP mod-sequence-valzer (RFC 7162)
Result<ModSeq> parse_store_modifiers(Cursor& cursor) {
  TRY(cursor.expect('(', "before the modifiers"));
  const std::string word = parse_keyword(cursor);
  if (word != "UNCHANGEDSINCE") return unknown_word("modifier", word);
  TRY(cursor.expect(' ', "after UNCHANGEDSINCE"));
  TRY_ASSIGN(mod_seq, parse_mod_sequence_valzer(cursor, "UNCHANGEDSINCE"));
  TRY(cursor.expect(')', "after the modifiers"));
  return mod_seq;
}

}  // namespace

Result<SectionSpec> parse_section_spec(std::string_view text) {
  const std::string bracketed = '[' + std::string(text) + ']';
  Cursor cursor(bracketed);
  TRY_ASSIGN(section, parse_section(cursor));
  if (!cursor.rest().empty()) return syntax_error("unexpected text after the section");
  return section;
}

// ("ALL" / "FULL" / "FAST" / fetch-att / "(" fetch-att *(SP fetch-att) ")")
Result<std::vector<FetchItem>> parse_fetch_items(Cursor& cursor) {
  FetchItems items;
  if (cursor.skip('(')) {
    do {
      TRY_ASSIGN(item, parse_fetch_att(cursor));
      items.add(std::move(item));
      if (items.size() > limits::kFetchItemsMax) return syntax_error("too many items");
      if (items.annotation_entries() > limits::kMetadataEntriesPerCommandMax) return syntax_error("too many entries");
    } while (cursor.skip(' '));
    TRY(cursor.expect(')', "after the items"));
    return items.take();
  }
  Cursor ahead = cursor;
  if (const auto attributes = expand_macro(parse_keyword(ahead))) {
    cursor = ahead;
    for (const FetchAttribute attribute : *attributes) items.add(attribute);
    return items.take();
  }
  TRY_ASSIGN(item, parse_fetch_att(cursor));
  items.add(std::move(item));
  return items.take();
}

// fetch = "FETCH" SP sequence-set SP (macro / fetch-att / "(" fetch-att *(SP fetch-att) ")") [fetch-modifiers]
Result<Fetch> parse_fetch(Cursor& cursor, Numbering numbering) {
  Fetch fetch;
  fetch.uid = numbering == Numbering::kUid;
  TRY_ASSIGN(set, parse_sequence_set(cursor));
  fetch.set = std::move(set);
  TRY(cursor.expect(' ', "after the sequence set"));
  TRY_ASSIGN(items, parse_fetch_items(cursor));
  fetch.items = std::move(items);
  if (cursor.skip(' ')) TRY(parse_fetch_modifiers(cursor, fetch));
  return fetch;
}

// store = "STORE" SP sequence-set [store-modifiers] SP store-att-flags
// store-att-flags = (["+" / "-"] "FLAGS" [".SILENT"]) SP (flag-list / (flag *(SP flag))) / att-annotate (RFC 5257)
Result<Store> parse_store(Cursor& cursor, Numbering numbering) {
  Store store;
  store.uid = numbering == Numbering::kUid;
  TRY_ASSIGN(set, parse_sequence_set(cursor));
  store.set = std::move(set);
  TRY(cursor.expect(' ', "after the sequence set"));
  if (cursor.peek() == '(') {
    TRY_ASSIGN(unchanged_since, parse_store_modifiers(cursor));
    store.unchanged_since = unchanged_since;
    TRY(cursor.expect(' ', "after the modifiers"));
  }
  Cursor ahead = cursor;
  if (parse_keyword(ahead) == "ANNOTATION") {
    cursor = ahead;
    TRY_ASSIGN(annotations, parse_set_annotations(cursor));
    store.annotations = std::move(annotations);
    return store;
  }
  store.mode = cursor.skip('+') ? StoreMode::kAdd : cursor.skip('-') ? StoreMode::kRemove : StoreMode::kReplace;
  const std::string item = parse_keyword(cursor);
  if (item != "FLAGS" && item != "FLAGS.SILENT") return unknown_word("item", item);
  store.silent = item == "FLAGS.SILENT";
  TRY(cursor.expect(' ', "before the flags"));
  const bool is_list = cursor.peek() == '(';
  TRY_ASSIGN(flags, parse_store_flags(cursor));
  store.flags = std::move(flags);
  // imapflow writes the modifiers behind the flags. Read as an error its conditional STORE could never win.
  if (is_list && store.unchanged_since == std::nullopt && cursor.skip(' ')) {
    TRY_ASSIGN(unchanged_since, parse_store_modifiers(cursor));
    store.unchanged_since = unchanged_since;
  }
  return store;
}

}  // namespace imapd::wire
