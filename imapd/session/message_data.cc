#include "imapd/session/message_data.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "imapd/mime/body_structure.h"
#include "imapd/mime/envelope.h"
#include "imapd/mime/message_tree.h"
#include "imapd/mime/preview.h"
#include "imapd/mime/section.h"
#include "imapd/search/stored_content.h"

namespace imapd::session {
namespace {

using Kind = wire::SectionSpec::Kind;
using Octets = std::variant<std::string, StoredOctets>;

using Name = wire::FetchSection::Name;
using Literal = wire::FetchWriter::Literal;

bool is_binary(const wire::FetchSection& item) { return item.name == Name::kBinary || item.name == Name::kBinarySize; }

FetchNeeds::Content needed_for(const wire::FetchSection& item) {
  if (is_binary(item)) return FetchNeeds::Content::kWhole;
  const wire::SectionSpec& section = item.section;
  if (!section.part.empty()) return FetchNeeds::Content::kWhole;
  switch (section.kind) {
    case Kind::kWhole:
      return FetchNeeds::Content::kNone;
    case Kind::kHeader:
    case Kind::kHeaderFields:
    case Kind::kHeaderFieldsNot:
    case Kind::kText:
    case Kind::kMime:
      return FetchNeeds::Content::kHeader;
  }
  return FetchNeeds::Content::kWhole;
}

mime::Section mime_section(const wire::SectionSpec& section) {
  mime::Section wanted{section.part, mime::Section::Kind::kAll, section.fields};
  switch (section.kind) {
    case Kind::kWhole:
      break;
    case Kind::kHeader:
      wanted.kind = mime::Section::Kind::kHeader;
      break;
    case Kind::kHeaderFields:
      wanted.kind = mime::Section::Kind::kHeaderFields;
      break;
    case Kind::kHeaderFieldsNot:
      wanted.kind = mime::Section::Kind::kHeaderFieldsNot;
      break;
    case Kind::kText:
      wanted.kind = mime::Section::Kind::kText;
      break;
    case Kind::kMime:
      wanted.kind = mime::Section::Kind::kMime;
      break;
  }
  return wanted;
}

Octets cut(Octets octets, const std::optional<wire::Partial>& partial) {
  if (!partial) return octets;
  const std::uint64_t offset = partial->offset;
  const std::uint64_t count = partial->count;
  if (auto* text = std::get_if<std::string>(&octets)) {
    return offset < text->size() ? text->substr(offset, count) : std::string();
  }
  auto& range = std::get<StoredOctets>(octets);
  const std::uint64_t skipped = std::min(offset, range.size);
  return StoredOctets{range.begin + skipped, std::min(count, range.size - skipped)};
}

std::size_t bytes_held(const FormedItem& item) {
  if (const auto* structure = std::get_if<FormedStructure>(&item)) return structure->value.size();
  const auto& content = std::get<FormedSection>(item).content;
  const auto* text = content ? std::get_if<std::string>(&*content) : nullptr;
  return text != nullptr ? text->size() : 0;
}

// Forms items of one message; parses it at most once.
class Former {
 public:
  Former(const store::Snapshot& snapshot, const store::MessageState& message)
      : message_(message), content_(snapshot, message.body) {}

  Result<void> read(FetchNeeds::Content needed) {
    if (needed == FetchNeeds::Content::kWhole) {
      TRY_ASSIGN(bytes, content_.bytes());
      bytes_ = bytes;
      tree_ = mime::parse_message(bytes);
    }
    if (needed != FetchNeeds::Content::kNone) {
      TRY_ASSIGN(header, content_.header());
      header_ = header;
    }
    return {};
  }

  FormedSection section(const wire::FetchSection& item) const {
    std::optional<Octets> found = item.section.part.empty() ? top_level(item.section) : part(item.section);
    if (!found) return FormedSection{&item, std::nullopt};
    return FormedSection{&item, cut(std::move(*found), item.partial)};
  }

  // kFailedPrecondition: its transfer encoding is unknown.
  Result<FormedItem> binary(const wire::FetchSection& item) const {
    auto decoded = mime::decoded_section(*tree_, bytes_, item.section.part);
    if (decoded.outcome == mime::DecodedSection::Outcome::kUnknownEncoding) {
      return make_error(Code::kFailedPrecondition, "The transfer encoding of a part is unknown");
    }
    if (item.name == Name::kBinarySize) {
      std::string name;
      wire::append_section_name(name, item);
      return FormedItem(FormedStructure{std::move(name), std::to_string(decoded.content ? decoded.content->view().size() : 0)});
    }
    if (!decoded.content) return FormedItem(FormedSection{&item, std::nullopt});
    std::string_view view = decoded.content->view();
    if (item.partial) view = view.substr(std::min<std::size_t>(item.partial->offset, view.size()), item.partial->count);
    const Literal literal = view.find('\0') == view.npos ? Literal::kPlain : Literal::kLiteral8;
    return FormedItem(FormedSection{&item, octets_of(view), literal});
  }

  std::string preview() const { return mime::preview(*tree_, bytes_); }
  std::string envelope() const { return mime::envelope(header_); }
  std::string structure(mime::Extended extended) const { return mime::body_structure(*tree_, bytes_, extended); }

 private:
  std::optional<Octets> top_level(const wire::SectionSpec& section) const {
    switch (section.kind) {
      case Kind::kWhole:
        return StoredOctets{0, message_.size()};
      case Kind::kHeader:
        return StoredOctets{0, header_.size()};
      case Kind::kHeaderFields:
        return mime::header_fields(header_, section.fields);
      case Kind::kHeaderFieldsNot:
        return mime::header_fields_not(header_, section.fields);
      case Kind::kText:
        return StoredOctets{header_.size(), message_.size() - header_.size()};
      case Kind::kMime:
        return std::nullopt;
    }
    return std::nullopt;
  }

  std::optional<Octets> part(const wire::SectionSpec& section) const {
    const auto found = mime::section(*tree_, bytes_, mime_section(section));
    if (!found) return std::nullopt;
    return octets_of(found->view());
  }

  // A place in the message where `view` is one, else a copy.
  Octets octets_of(std::string_view view) const {
    const std::less_equal<const char*> not_after;
    const bool borrowed =
        not_after(bytes_.data(), view.data()) && not_after(view.data() + view.size(), bytes_.data() + bytes_.size());
    if (!borrowed) return std::string(view);
    return StoredOctets{static_cast<std::uint64_t>(view.data() - bytes_.data()), view.size()};
  }

  const store::MessageState& message_;
  search::StoredContent content_;
  std::string_view header_;
  std::string_view bytes_;
  std::optional<mime::MessageTree> tree_;
};

}  // namespace

FetchNeeds::FetchNeeds(const std::vector<wire::FetchItem>& items) {
  for (const wire::FetchItem& item : items) {
    if (const auto* section = std::get_if<wire::FetchSection>(&item)) {
      content = std::max(content, needed_for(*section));
      sets_seen = sets_seen || !section->peek;
      continue;
    }
    if (std::holds_alternative<wire::FetchAnnotation>(item)) continue;
    switch (std::get<wire::FetchAttribute>(item)) {
      case wire::FetchAttribute::kEnvelope:
        content = std::max(content, Content::kHeader);
        break;
      case wire::FetchAttribute::kPreview:
      case wire::FetchAttribute::kBody:
      case wire::FetchAttribute::kBodyStructure:
        content = Content::kWhole;
        break;
      case wire::FetchAttribute::kFlags:
        flags = true;
        break;
      case wire::FetchAttribute::kUid:
        uid = true;
        break;
      case wire::FetchAttribute::kModSeq:
        mod_seq = true;
        break;
      case wire::FetchAttribute::kInternalDate:
      case wire::FetchAttribute::kRfc822Size:
      case wire::FetchAttribute::kEmailId:
      case wire::FetchAttribute::kThreadId:
      case wire::FetchAttribute::kSaveDate:
        break;
    }
  }
}

Result<std::vector<FormedItem>> form_content(const store::Snapshot& snapshot, const store::MessageState& message,
                                             const std::vector<wire::FetchItem>& items, const FetchNeeds& needs,
                                             std::size_t formed_bytes_max) {
  Former former(snapshot, message);
  TRY(former.read(needs.content));
  std::vector<FormedItem> formed;
  std::size_t formed_bytes = 0;
  for (const wire::FetchItem& item : items) {
    if (!formed.empty()) formed_bytes += bytes_held(formed.back());
    if (formed_bytes > formed_bytes_max) return make_error(Code::kResourceExhausted, "Too much is asked of one message");
    if (const auto* section = std::get_if<wire::FetchSection>(&item)) {
      if (!is_binary(*section)) {
        formed.emplace_back(former.section(*section));
        continue;
      }
      TRY_ASSIGN(binary, former.binary(*section));
      formed.push_back(std::move(binary));
      continue;
    }
    if (std::holds_alternative<wire::FetchAnnotation>(item)) continue;
    const auto attribute = std::get<wire::FetchAttribute>(item);
    if (attribute == wire::FetchAttribute::kEnvelope) formed.emplace_back(FormedStructure{"ENVELOPE", former.envelope()});
    if (attribute == wire::FetchAttribute::kPreview) {
      std::string value;
      wire::append_string(value, former.preview());
      formed.emplace_back(FormedStructure{"PREVIEW", std::move(value)});
    }
    if (attribute == wire::FetchAttribute::kBody) {
      formed.emplace_back(FormedStructure{"BODY", former.structure(mime::Extended::kNo)});
    }
    if (attribute == wire::FetchAttribute::kBodyStructure) {
      formed.emplace_back(FormedStructure{"BODYSTRUCTURE", former.structure(mime::Extended::kYes)});
    }
  }
  return formed;
}

}  // namespace imapd::session
