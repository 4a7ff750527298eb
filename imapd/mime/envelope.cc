#include "imapd/mime/envelope.h"

#include <array>
#include <optional>
#include <vector>

#include "imapd/mime/address.h"
#include "imapd/mime/bytes.h"
#include "imapd/mime/header_reader.h"
#include "imapd/mime/imap_string.h"

namespace imapd::mime {
namespace {

// In the order of the envelope structure.
enum Member { kDate, kSubject, kFrom, kSender, kReplyTo, kTo, kCc, kBcc, kInReplyTo, kMessageId, kMembers };
constexpr std::array<std::string_view, kMembers> kNames = {
    "date", "subject", "from", "sender", "reply-to", "to", "cc", "bcc", "in-reply-to", "message-id"};

using Values = std::array<std::optional<std::string>, kMembers>;

// Of a field that is there twice, the first counts.
Values read_values(std::string_view header) {
  Values values;
  HeaderReader reader(header);
  while (const auto field = reader.next()) {
    for (std::size_t i = 0; i < kMembers; ++i) {
      if (!values[i] && same_name(field->name, kNames[i])) values[i] = unfold(field->value);
    }
  }
  return values;
}

void append_addresses(std::string& to, const std::vector<Address>& addresses) {
  if (addresses.empty()) {
    to.append("NIL");
    return;
  }
  to.push_back('(');
  for (const Address& address : addresses) {
    to.push_back('(');
    append_imap_nstring(to, address.name);
    to.push_back(' ');
    append_imap_nstring(to, address.route);
    to.push_back(' ');
    append_imap_nstring(to, address.mailbox);
    to.push_back(' ');
    append_imap_nstring(to, address.host);
    to.push_back(')');
  }
  to.push_back(')');
}

}  // namespace

std::string envelope(std::string_view header) {
  const Values values = read_values(header);
  std::string result = "(";
  std::string from;
  for (std::size_t i = 0; i < kMembers; ++i) {
    if (i > 0) result.push_back(' ');
    if (i < kFrom || i > kBcc) {
      append_imap_nstring(result, values[i]);
      continue;
    }
    std::string list;
    append_addresses(list, values[i] ? parse_addresses(*values[i]) : std::vector<Address>());
    if (i == kFrom) from = list;
    // An absent or empty Sender or Reply-To shows the From.
    if ((i == kSender || i == kReplyTo) && list == "NIL") list = from;
    result.append(list);
  }
  result.push_back(')');
  return result;
}

}  // namespace imapd::mime
