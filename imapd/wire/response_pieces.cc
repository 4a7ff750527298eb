#include <algorithm>

#include "imapd/base/check.h"
#include "imapd/wire/grammar_atoms.h"
#include "imapd/wire/response.h"
#include "imapd/wire/utf7.h"

namespace imapd::wire {
namespace {

constexpr std::size_t kQuotedBytesMax = 1024;

bool may_be_quoted(std::string_view value) {
  return value.size() <= kQuotedBytesMax &&
         std::all_of(value.begin(), value.end(), [](char c) { return (c >= 0x20 && c < 0x7f) || c == '\t'; });
}

void append_quoted(std::string& to, std::string_view value) {
  to += '"';
  for (const char c : value) {
    if (c == '"' || c == '\\') to += '\\';
    to += c;
  }
  to += '"';
}

// uQUOTED-CHAR of RFC 6855, section 3, in a name that is UTF-8.
bool may_be_quoted_utf8(std::string_view name) {
  return name.size() <= kQuotedBytesMax && std::all_of(name.begin(), name.end(), [](char c) {
           const auto byte = static_cast<unsigned char>(c);
           return byte >= 0x20 && byte != 0x7f;
         });
}

}  // namespace

// string = quoted / literal
void append_string(std::string& to, std::string_view value) {
  if (!may_be_quoted(value)) {
    append_literal_header(to, value.size());
    to += value;
    return;
  }
  append_quoted(to, value);
}

// nstring = string / nil
void append_nstring(std::string& to, std::optional<std::string_view> value) {
  if (value) {
    append_string(to, *value);
  } else {
    to += "NIL";
  }
}

// astring = 1*ASTRING-CHAR / string
void append_astring(std::string& to, std::string_view value) {
  const bool bare = !value.empty() && value.size() <= kQuotedBytesMax &&
                    std::all_of(value.begin(), value.end(), is_astring_char) && !equals_ignoring_case(value, "NIL");
  if (bare) {
    to += value;
  } else {
    append_string(to, value);
  }
}

void append_mailbox(std::string& to, std::string_view name, MailboxNames names) {
  const auto encoded = utf7_encode(name);
  CHECK(encoded.has_value());
  const bool is_ascii = std::all_of(name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (names == MailboxNames::kUtf7) {
    append_astring(to, *encoded);
  } else if (!is_ascii && may_be_quoted_utf8(name)) {
    append_quoted(to, name);
  } else {
    append_astring(to, name);
  }
}

void append_literal_header(std::string& to, std::size_t size) { to += '{' + std::to_string(size) + "}\r\n"; }

// "(" [flag-fetch *(SP flag-fetch)] ")"
void append_flags(std::string& to, const FlagSet& flags, ClaimedAs claimed_as, bool recent) {
  std::size_t count = 0;
  const auto add = [&](std::string_view name) {
    if (count++ > 0) to += ' ';
    to += name;
  };
  to += '(';
  for (const Flag& flag : flags.flags()) {
    const bool claimed = flag.is_system() && flag.system() == SystemFlag::kClaimed;
    if (!claimed || claimed_as != ClaimedAs::kKeyword) add(flag.name());
    if (claimed && claimed_as != ClaimedAs::kBackslash) add("$Claimed");
  }
  if (recent) add("\\Recent");
  to += ')';
}

// "BODY" section ["<" number ">"] / "RFC822" / "RFC822.HEADER" / "RFC822.TEXT"
void append_section_name(std::string& to, const FetchSection& item) {
  switch (item.name) {
    case FetchSection::Name::kRfc822: to += "RFC822"; return;
    case FetchSection::Name::kRfc822Header: to += "RFC822.HEADER"; return;
    case FetchSection::Name::kRfc822Text: to += "RFC822.TEXT"; return;
    case FetchSection::Name::kBody: to += "BODY["; break;
    case FetchSection::Name::kBinary: to += "BINARY["; break;
    case FetchSection::Name::kBinarySize: to += "BINARY.SIZE["; break;
  }
  const SectionSpec& section = item.section;
  for (std::size_t i = 0; i < section.part.size(); ++i) {
    if (i > 0) to += '.';
    to += std::to_string(section.part[i]);
  }
  if (!section.part.empty() && section.kind != SectionSpec::Kind::kWhole) to += '.';
  switch (section.kind) {
    case SectionSpec::Kind::kWhole: break;
    case SectionSpec::Kind::kHeader: to += "HEADER"; break;
    case SectionSpec::Kind::kHeaderFields: to += "HEADER.FIELDS"; break;
    case SectionSpec::Kind::kHeaderFieldsNot: to += "HEADER.FIELDS.NOT"; break;
    case SectionSpec::Kind::kText: to += "TEXT"; break;
    case SectionSpec::Kind::kMime: to += "MIME"; break;
  }
  if (!section.fields.empty()) {
    to += " (";
    for (std::size_t i = 0; i < section.fields.size(); ++i) {
      if (i > 0) to += ' ';
      append_astring(to, section.fields[i]);
    }
    to += ')';
  }
  to += ']';
  if (item.partial) to += '<' + std::to_string(item.partial->offset) + '>';
}

void append_number_ranges(std::string& to, std::span<const SequenceSet::Range> ranges) {
  bool first = true;
  for (const SequenceSet::Range& range : ranges) {
    if (!first) to += ',';
    first = false;
    to += std::to_string(range.first);
    if (range.last != range.first) to += ':' + std::to_string(range.last);
  }
}

std::string number_set(std::span<const std::uint32_t> numbers) {
  std::vector<SequenceSet::Range> ranges;
  for (const std::uint32_t number : numbers) {
    if (!ranges.empty() && number - 1 == ranges.back().last) {
      ranges.back().last = number;
    } else {
      ranges.push_back({.first = number, .last = number});
    }
  }
  std::string text;
  append_number_ranges(text, ranges);
  return text;
}

std::string_view status_item_name(StatusItem item) {
  switch (item) {
    case StatusItem::kMessages: return "MESSAGES";
    case StatusItem::kRecent: return "RECENT";
    case StatusItem::kUidNext: return "UIDNEXT";
    case StatusItem::kUidValidity: return "UIDVALIDITY";
    case StatusItem::kUnseen: return "UNSEEN";
    case StatusItem::kHighestModSeq: return "HIGHESTMODSEQ";
    case StatusItem::kSize: return "SIZE";
    case StatusItem::kDeleted: return "DELETED";
    case StatusItem::kDeletedStorage: return "DELETED-STORAGE";
    case StatusItem::kAppendLimit: return "APPENDLIMIT";
    case StatusItem::kMailboxId: return "MAILBOXID";
  }
  return "";
}

namespace code {

std::string capability(std::string_view capabilities) { return "CAPABILITY " + std::string(capabilities); }

// "PERMANENTFLAGS" SP "(" [flag-perm *(SP flag-perm)] ")"
std::string permanent_flags(const FlagSet& flags, ClaimedAs claimed_as, bool any) {
  std::string text = "PERMANENTFLAGS ";
  append_flags(text, flags, claimed_as);
  if (!any) return text;
  text.pop_back();
  text += text.ends_with('(') ? "\\*)" : " \\*)";
  return text;
}

std::string uid_next(Uid uid) { return "UIDNEXT " + std::to_string(uid.value()); }
std::string uid_validity(UidValidity uid_validity) { return "UIDVALIDITY " + std::to_string(uid_validity.value()); }
std::string unseen(std::uint32_t sequence_number) { return "UNSEEN " + std::to_string(sequence_number); }
std::string mailbox_id(std::string_view object_id) { return "MAILBOXID (" + std::string(object_id) + ')'; }
std::string in_progress(std::string_view tag, std::uint32_t progress, std::uint32_t goal) {
  std::string text = "INPROGRESS (";
  append_string(text, tag);
  return text + ' ' + std::to_string(progress) + ' ' + std::to_string(goal) + ')';
}
std::string highest_mod_seq(ModSeq mod_seq) { return "HIGHESTMODSEQ " + std::to_string(mod_seq.value()); }

std::string modified(std::span<const std::uint32_t> ascending_sequence_numbers) {
  CHECK(!ascending_sequence_numbers.empty());
  return "MODIFIED " + number_set(ascending_sequence_numbers);
}

std::string modified(const UidSet& uids) {
  CHECK(!uids.empty());
  return "MODIFIED " + uids.to_string();
}

// resp-code-apnd = "APPENDUID" SP nz-number SP append-uid
std::string append_uid(UidValidity uid_validity, const UidSet& uids) {
  CHECK(!uids.empty());
  return "APPENDUID " + std::to_string(uid_validity.value()) + ' ' + uids.to_string();
}

// resp-text-code =/ "NOUPDATE" SP quoted (RFC 5267)
std::string no_update(std::string_view tag) {
  std::string text = "NOUPDATE ";
  append_string(text, tag);
  return text;
}

// resp-code-copy = "COPYUID" SP nz-number SP uid-set SP uid-set
std::string copy_uid(UidValidity uid_validity, const UidSet& from, const UidSet& to) {
  CHECK(!from.empty());
  CHECK(from.size() == to.size());
  return "COPYUID " + std::to_string(uid_validity.value()) + ' ' + from.to_string() + ' ' + to.to_string();
}

}  // namespace code

}  // namespace imapd::wire
