#include "imapd/mime/section.h"

#include <unordered_set>

#include "imapd/mime/bytes.h"
#include "imapd/mime/gmime.h"
#include "imapd/mime/header_reader.h"

namespace imapd::mime {
namespace {

enum class Pick { kNamed, kOthers };

std::string pick_fields(std::string_view header, const std::vector<std::string>& names, Pick pick) {
  std::unordered_set<std::string> wanted;
  for (const std::string& name : names) wanted.insert(to_lower(name));
  std::string picked;
  HeaderReader reader(header);
  while (const auto field = reader.next()) {
    if (wanted.contains(to_lower(field->name)) != (pick == Pick::kNamed)) continue;
    picked.append(field->whole);
    if (!picked.ends_with('\n')) picked.append("\r\n");
  }
  picked.append("\r\n");
  return picked;
}

std::optional<SectionBytes> of_message(const Part& message, std::string_view bytes, const Section& wanted) {
  const std::string_view header = message.header.of(bytes);
  switch (wanted.kind) {
    case Section::Kind::kHeader:
      return SectionBytes(header);
    case Section::Kind::kHeaderFields:
      return SectionBytes(pick_fields(header, wanted.fields, Pick::kNamed));
    case Section::Kind::kHeaderFieldsNot:
      return SectionBytes(pick_fields(header, wanted.fields, Pick::kOthers));
    case Section::Kind::kText:
      return SectionBytes(message.body.of(bytes));
    case Section::Kind::kAll:
    case Section::Kind::kMime:
      break;
  }
  return std::nullopt;
}

}  // namespace

std::optional<SectionBytes> section(const MessageTree& tree, std::string_view bytes, const Section& wanted) {
  const Part* part = tree.find(wanted.part);
  if (part == nullptr) return std::nullopt;
  if (wanted.part.empty()) {
    if (wanted.kind == Section::Kind::kAll) return SectionBytes(bytes);
    return of_message(*part, bytes, wanted);
  }
  if (wanted.kind == Section::Kind::kAll) return SectionBytes(part->body.of(bytes));
  if (wanted.kind == Section::Kind::kMime) return SectionBytes(part->header.of(bytes));
  // HEADER and TEXT of a part mean the message inside it.
  if (part->kind != Part::Kind::kMessage) return std::nullopt;
  return of_message(tree.parts[part->children.front()], bytes, wanted);
}

DecodedSection decoded_section(const MessageTree& tree, std::string_view bytes, const std::vector<std::uint32_t>& numbers) {
  using enum DecodedSection::Outcome;
  const Part* part = tree.find(numbers);
  if (part == nullptr) return {kNoSuchPart, std::nullopt};
  if (numbers.empty()) return {kDecoded, SectionBytes(bytes)};
  const std::string_view body = part->body.of(bytes);
  if (part->kind != Part::Kind::kLeaf) return {kDecoded, SectionBytes(body)};
  switch (transfer_encoding(part->encoding)) {
    case TransferEncoding::kIdentity:
      return {kDecoded, SectionBytes(body)};
    case TransferEncoding::kEncoded:
      return {kDecoded, SectionBytes(decode_transfer(body, part->encoding))};
    case TransferEncoding::kUnknown:
      break;
  }
  return {kUnknownEncoding, std::nullopt};
}

std::string header_fields(std::string_view header, const std::vector<std::string>& names) {
  return pick_fields(header, names, Pick::kNamed);
}

std::string header_fields_not(std::string_view header, const std::vector<std::string>& names) {
  return pick_fields(header, names, Pick::kOthers);
}

}  // namespace imapd::mime
