#include "imapd/mime/encode_nuls.h"

#include <string_view>
#include <utility>

#include "imapd/mime/bytes.h"
#include "imapd/mime/encoded_word.h"
#include "imapd/mime/gmime.h"
#include "imapd/mime/header_reader.h"
#include "imapd/mime/message_tree.h"

namespace imapd::mime {
namespace {

constexpr std::string_view kEncodingField = "Content-Transfer-Encoding: base64\r\n";

bool holds_nul(std::string_view bytes) { return bytes.find('\0') != bytes.npos; }

// The fields of `header` with kEncodingField for those that said how the body is encoded.
void append_header(std::string& to, std::string_view header) {
  HeaderReader reader(header);
  std::size_t fields_end = 0;
  while (const auto field = reader.next()) {
    if (!same_name(field->name, "content-transfer-encoding")) to.append(field->whole);
    fields_end = reader.position();
  }
  to.append(kEncodingField);
  to.append(header.substr(fields_end));
}

}  // namespace

Result<std::string> encode_nuls(std::string message) {
  if (!holds_nul(message)) return message;
  const std::string_view bytes = message;
  const MessageTree tree = parse_message(bytes);
  std::string encoded;
  std::size_t copied = 0;
  // Leaves stand in the order of the message and do not overlap.
  for (const Part& part : tree.parts) {
    if (part.kind != Part::Kind::kLeaf || !holds_nul(part.body.of(bytes))) continue;
    if (transfer_encoding(part.encoding) != TransferEncoding::kIdentity) {
      return make_error(Code::kFailedPrecondition, "A part with a NUL says that it is encoded");
    }
    encoded.append(bytes.substr(copied, part.header.begin - copied));
    append_header(encoded, part.header.of(bytes));
    append_base64_lines(encoded, part.body.of(bytes));
    copied = part.body.end;
  }
  encoded.append(bytes.substr(copied));
  if (holds_nul(encoded)) return make_error(Code::kInvalidArgument, "The message holds a NUL outside the bodies of its parts");
  return encoded;
}

}  // namespace imapd::mime
