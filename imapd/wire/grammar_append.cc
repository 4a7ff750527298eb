#include "imapd/wire/grammar_append.h"

#include <utility>

#include "imapd/wire/grammar_annotation.h"
#include "imapd/wire/grammar_atoms.h"
#include "imapd/wire/grammar_flags.h"
#include "imapd/wire/grammar_mailbox.h"

namespace imapd::wire {
namespace {

// utf8-literal = "UTF8" SP "(" literal8 ")" (RFC 6855, section 4), after its word
Result<std::string> parse_utf8_literal(Cursor& cursor) {
  TRY(cursor.expect(' ', "after UTF8"));
  TRY(cursor.expect('(', "after UTF8"));
  if (cursor.peek() != '~') return syntax_error("UTF8 takes a literal8");
  TRY_ASSIGN(text, parse_message_literal(cursor));
  TRY(cursor.expect(')', "after the message"));
  return text;
}

// A mailbox name, encoded, and a section: what is longer names nothing.
constexpr std::size_t kUrlBytesMax = 8 * 1024;

// cat-part = "TEXT" SP literal / "URL" SP astring (RFC 4469, section 5)
// cat-part =/ utf8-literal (RFC 6855, section 4)
// TEXT takes a literal8 too: there is no reason why a piece of a message may not hold what a whole one may.
Result<MessagePart> parse_cat_part(Cursor& cursor) {
  const std::string word = parse_keyword(cursor);
  if (word == "UTF8") {
    TRY_ASSIGN(text, parse_utf8_literal(cursor));
    return MessagePart(std::move(text));
  }
  if (word != "TEXT" && word != "URL") return unknown_word("part of CATENATE", word);
  TRY(cursor.expect(' ', "after " + word));
  if (word == "TEXT") {
    TRY_ASSIGN(text, parse_message_literal(cursor));
    return MessagePart(std::move(text));
  }
  TRY_ASSIGN(url, parse_astring(cursor, "URL"));
  if (url.size() > kUrlBytesMax) return syntax_error("URL is longer than " + std::to_string(kUrlBytesMax) + " bytes");
  return MessagePart(MessageUrl{std::move(url)});
}

// append-data = literal / literal8 / utf8-literal / "CATENATE" SP "(" cat-part *(SP cat-part) ")"
Result<void> parse_append_data(Cursor& cursor, AppendMessage& message) {
  Cursor ahead = cursor;
  const std::string word = parse_keyword(ahead);
  if (word == "UTF8") {
    cursor = ahead;
    TRY_ASSIGN(text, parse_utf8_literal(cursor));
    message.text = std::move(text);
  } else if (word == "CATENATE") {
    cursor = ahead;
    TRY(cursor.expect(' ', "after CATENATE"));
    TRY(cursor.expect('(', "after CATENATE"));
    do {
      TRY_ASSIGN(part, parse_cat_part(cursor));
      message.catenate.push_back(std::move(part));
    } while (cursor.skip(' '));
    TRY(cursor.expect(')', "after the parts of CATENATE"));
  } else {
    TRY_ASSIGN(text, parse_message_literal(cursor));
    message.text = std::move(text);
  }
  return {};
}

// append-message = SP [flag-list SP] [date-time SP] [append-ext SP] append-data (RFC 4466, section 6), after its first space
// append-ext =/ att-annotate (RFC 5257)
Result<AppendMessage> parse_append_message(Cursor& cursor) {
  AppendMessage message;
  if (cursor.peek() == '(') {
    TRY_ASSIGN(flags, parse_flag_list(cursor));
    message.flags = std::move(flags);
    TRY(cursor.expect(' ', "after the flags"));
  }
  if (cursor.peek() == '"') {
    TRY_ASSIGN(date, parse_date_time_argument(cursor));
    message.date = date;
    TRY(cursor.expect(' ', "after the date-time"));
  }
  Cursor ahead = cursor;
  if (parse_keyword(ahead) == "ANNOTATION") {
    cursor = ahead;
    TRY_ASSIGN(annotations, parse_set_annotations(cursor));
    message.annotations = std::move(annotations);
    TRY(cursor.expect(' ', "after the annotations"));
  }
  TRY(parse_append_data(cursor, message));
  return message;
}

}  // namespace

// append = "APPEND" SP mailbox 1*append-message (RFC 3502)
Result<Append> parse_append(Cursor& cursor) {
  Append append;
  TRY_ASSIGN(mailbox, parse_mailbox(cursor));
  append.mailbox = std::move(mailbox);
  TRY(cursor.expect(' ', "after the mailbox name"));
  do {
    TRY_ASSIGN(message, parse_append_message(cursor));
    append.messages.push_back(std::move(message));
  } while (cursor.skip(' '));
  return append;
}

// replace = "REPLACE" SP seq-number SP mailbox append-message (RFC 8508, section 5)
// seq-number = nz-number / "*"
Result<Replace> parse_replace(Cursor& cursor, Numbering numbering) {
  Replace replace;
  replace.uid = numbering == Numbering::kUid;
  std::uint32_t number = SequenceSet::kStar;
  if (!cursor.skip('*')) {
    TRY_ASSIGN(sent, parse_nz_number(cursor, "message number"));
    number = sent;
  }
  replace.set.add({number, number});
  TRY(cursor.expect(' ', "after the message number"));
  TRY_ASSIGN(mailbox, parse_mailbox(cursor));
  replace.mailbox = std::move(mailbox);
  TRY(cursor.expect(' ', "after the mailbox name"));
  TRY_ASSIGN(with, parse_append_message(cursor));
  replace.with = std::move(with);
  return replace;
}

}  // namespace imapd::wire
