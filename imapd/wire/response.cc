#include "imapd/wire/response.h"

#include <algorithm>
#include <array>

#include "imapd/base/check.h"
#include "imapd/wire/grammar_atoms.h"
#include "imapd/wire/mailbox_pattern.h"
#include "imapd/wire/object_id.h"

namespace imapd::wire {
namespace {

std::string_view condition_name(Condition condition) {
  switch (condition) {
    case Condition::kOk: return "OK";
    case Condition::kNo: return "NO";
    case Condition::kBad: return "BAD";
    case Condition::kPreAuth: return "PREAUTH";
    case Condition::kBye: return "BYE";
  }
  return "BAD";
}

}  // namespace

// response-tagged = tag SP resp-cond-state CRLF
// resp-text = ["[" resp-text-code "]" SP] text
void ResponseWriter::tagged(std::string_view tag, Condition condition, std::string_view text, std::string_view code) {
  out_ += tag;
  out_ += ' ';
  out_ += condition_name(condition);
  out_ += ' ';
  if (!code.empty()) {
    out_ += '[';
    out_ += code;
    out_ += "] ";
  }
  // text = 1*TEXT-CHAR: never empty.
  out_ += text.empty() ? "-" : printable_line(text);
  out_ += "\r\n";
}

// continue-req = "+" SP (resp-text / base64) CRLF
void ResponseWriter::continuation(std::string_view text) {
  out_ += "+ ";
  out_ += printable_line(text);
  out_ += "\r\n";
}

void ResponseWriter::line(std::string_view line) {
  out_ += "* ";
  out_ += line;
  out_ += "\r\n";
}

void ResponseWriter::capability(std::string_view capabilities) { line("CAPABILITY " + std::string(capabilities)); }

// enable-data = "ENABLED" *(SP capability) (RFC 5161)
void ResponseWriter::enabled(std::span<const std::string> capabilities) {
  std::string text = "ENABLED";
  for (const std::string& capability : capabilities) text += ' ' + capability;
  line(text);
}

void ResponseWriter::flags(const FlagSet& flags) {
  std::string text = "FLAGS ";
  append_flags(text, flags, claimed_as_);
  line(text);
}

void ResponseWriter::exists(std::uint32_t count) { line(std::to_string(count) + " EXISTS"); }

void ResponseWriter::recent(std::uint32_t count) {
  if (recent_shown_) line(std::to_string(count) + " RECENT");
}

void ResponseWriter::expunge(std::uint32_t sequence_number) { line(std::to_string(sequence_number) + " EXPUNGE"); }

// expunged-resp = "VANISHED" [SP "(EARLIER)"] SP known-uids (RFC 7162)
void ResponseWriter::vanished(const UidSet& uids, bool earlier) {
  CHECK(!uids.empty());
  line((earlier ? "VANISHED (EARLIER) " : "VANISHED ") + uids.to_string());
}

// mailbox-list = "(" [mbx-list-flags] ")" SP (DQUOTE QUOTED-CHAR DQUOTE / nil) SP mailbox [SP mbox-list-extended]
void ResponseWriter::list_line(std::string_view name, const ListLine& list) {
  std::string text(name);
  text += " (";
  for (std::size_t i = 0; i < list.attributes.size(); ++i) {
    if (i > 0) text += ' ';
    text += list.attributes[i];
  }
  text += ") \"";
  text += kDelimiter;
  text += "\" ";
  append_mailbox(text, list.mailbox, mailbox_names_);
  if (list.child_info_subscribed) text += " (\"CHILDINFO\" (\"SUBSCRIBED\"))";
  if (list.old_name) {
    text += " (\"OLDNAME\" (";
    append_mailbox(text, *list.old_name, mailbox_names_);
    text += "))";
  }
  line(text);
}

void ResponseWriter::list(const ListLine& line) { list_line("LIST", line); }
void ResponseWriter::lsub(const ListLine& line) { list_line("LSUB", line); }
void ResponseWriter::list_delimiter() { line(std::string("LIST (\\Noselect) \"") + kDelimiter + "\" \"\""); }
void ResponseWriter::name_space() { line(std::string("NAMESPACE ((\"\" \"") + kDelimiter + "\")) NIL NIL"); }

// "STATUS" SP mailbox SP "(" [status-att-list] ")"
void ResponseWriter::status(const StatusLine& status) {
  std::string text = "STATUS ";
  append_mailbox(text, status.mailbox, mailbox_names_);
  text += " (";
  bool first = true;
  for (const auto& [item, value] : status.items) {
    if (!first) text += ' ';
    first = false;
    text += status_item_name(item);
    text += ' ';
    text += item == StatusItem::kMailboxId ? '(' + mailbox_object_id(MailboxId(value)) + ')' : std::to_string(value);
  }
  text += ')';
  line(text);
}

// "SEARCH" [1*(SP nz-number) SP search-sort-mod-seq]
// search-sort-mod-seq = "(" "MODSEQ" SP mod-sequence-value ")" (RFC 7162)
void ResponseWriter::search(std::span<const std::uint32_t> numbers, std::optional<ModSeq> highest) {
  number_line("SEARCH", numbers, highest);
}

void ResponseWriter::sort(std::span<const std::uint32_t> numbers, std::optional<ModSeq> highest) {
  number_line("SORT", numbers, highest);
}

void ResponseWriter::number_line(std::string_view name, std::span<const std::uint32_t> numbers, std::optional<ModSeq> highest) {
  out_ += "* ";
  out_ += name;
  for (const std::uint32_t number : numbers) {
    out_ += ' ';
    out_ += std::to_string(number);
  }
  // RFC 7162, 3.1.5: left out when nothing was found.
  if (highest && !numbers.empty()) out_ += " (MODSEQ " + std::to_string(highest->value()) + ')';
  out_ += "\r\n";
}

// esearch-response = "ESEARCH" [search-correlator] [SP "UID"] *(SP search-return-data) (RFC 4731, RFC 4466)
// search-correlator = SP "(" "TAG" SP tag-string ["MAILBOX" SP astring SP "UIDVALIDITY" SP nz-number] ")" (RFC 7377)
void ResponseWriter::esearch(const EsearchLine& found) {
  std::string text = "ESEARCH (TAG ";
  append_string(text, found.tag);
  if (found.mailbox) {
    text += " MAILBOX ";
    append_mailbox(text, found.mailbox->name, mailbox_names_);
    text += " UIDVALIDITY " + std::to_string(found.mailbox->uid_validity.value());
  }
  text += found.uid ? ") UID" : ")";
  const auto add = [&text](std::string_view name, const auto& value) {
    if (value) text += ' ' + std::string(name) + ' ' + std::to_string(*value);
  };
  add("MIN", found.min);
  add("MAX", found.max);
  if (!found.all.empty()) text += " ALL " + found.all;
  add("COUNT", found.count);
  if (found.partial) {
    const std::string& numbers = found.partial->numbers;
    text += " PARTIAL (" + found.partial->range.to_string() + ' ' + (numbers.empty() ? "NIL" : numbers) + ')';
  }
  if (found.mod_seq) text += " MODSEQ " + std::to_string(found.mod_seq->value());
  if (!found.remove_from.empty()) text += " REMOVEFROM (" + found.remove_from + ')';
  if (!found.add_to.empty()) text += " ADDTO (" + found.add_to + ')';
  line(text);
}

// id_response = "ID" SP id_params_list (RFC 2971)
void ResponseWriter::id(std::span<const std::pair<std::string, std::string>> fields) {
  std::string text = "ID (";
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (i > 0) text += ' ';
    append_string(text, fields[i].first);
    text += ' ';
    append_string(text, fields[i].second);
  }
  text += ')';
  line(text);
}

// message-data = nz-number SP ("EXPUNGE" / ("FETCH" SP msg-att))
FetchWriter::FetchWriter(ResponseWriter& responses, std::uint32_t sequence_number)
    : out_(responses.out()), claimed_as_(responses.claimed_as()), recent_shown_(responses.recent_shown()) {
  out_ += "* ";
  out_ += std::to_string(sequence_number);
  out_ += " FETCH (";
}

// message-data =/ uniqueid SP "UIDFETCH" SP msg-att (RFC 9586)
FetchWriter::FetchWriter(ResponseWriter& responses, Uid uid)
    : out_(responses.out()), claimed_as_(responses.claimed_as()), recent_shown_(responses.recent_shown()) {
  out_ += "* ";
  out_ += std::to_string(uid.value());
  out_ += " UIDFETCH (";
}

void FetchWriter::item(std::string_view name) {
  if (!first_) out_ += ' ';
  first_ = false;
  out_ += name;
  out_ += ' ';
}

void FetchWriter::uid(Uid uid) {
  item("UID");
  out_ += std::to_string(uid.value());
}

void FetchWriter::flags(const FlagSet& flags, bool recent) {
  item("FLAGS");
  append_flags(out_, flags, claimed_as_, recent && recent_shown_);
}

// "MODSEQ" SP "(" permsg-modsequence ")" (RFC 7162)
void FetchWriter::mod_seq(ModSeq mod_seq) {
  item("MODSEQ");
  out_ += '(' + std::to_string(mod_seq.value()) + ')';
}

void FetchWriter::internal_date(const DateTime& date) {
  item("INTERNALDATE");
  out_ += '"' + format_date_time(date) + '"';
}

void FetchWriter::rfc822_size(std::uint64_t size) {
  item("RFC822.SIZE");
  out_ += std::to_string(size);
}

void FetchWriter::formed(std::string_view name, std::string_view value) {
  item(name);
  out_ += value;
}

// "EMAILID" SP "(" objectid ")" (RFC 8474)
void FetchWriter::email_id(std::string_view object_id) {
  item("EMAILID");
  out_ += '(';
  out_ += object_id;
  out_ += ')';
}

// "SAVEDATE" SP (date-time / nil) (RFC 8514)
void FetchWriter::save_date(const DateTime& date) {
  item("SAVEDATE");
  out_ += '"' + format_date_time(date) + '"';
}

void FetchWriter::section(const FetchSection& section, std::optional<std::string_view> content, Literal literal) {
  if (content && !content->empty()) {
    section_header(section, content->size(), literal);
    out_ += *content;
    return;
  }
  std::string name;
  append_section_name(name, section);
  item(name);
  out_ += content ? "\"\"" : "NIL";
}

void FetchWriter::section_header(const FetchSection& section, std::size_t size, Literal literal) {
  std::string name;
  append_section_name(name, section);
  item(name);
  if (literal == Literal::kLiteral8) out_ += '~';
  append_literal_header(out_, size);
}

void FetchWriter::finish() { out_ += ")\r\n"; }

}  // namespace imapd::wire
