#include <algorithm>
#include <charconv>
#include <vector>

#include "imapd/mime/bytes.h"
#include "imapd/mime/encoded_word.h"
#include "imapd/mime/gmime.h"
#include "imapd/mime/header_reader.h"
#include "imapd/mime/message_tree.h"
#include "imapd/mime/parameters.h"
#include "imapd/mime/queue_fields.h"
#include "imapd/mime/queue_message.h"
#include "imapd/mime/text.h"

namespace imapd::mime {
namespace {

// `Claimq-Attribute: name; value="..."` as compose() writes it in the plain case.
bool read_plain_attribute(std::string_view value, std::map<std::string, std::string>& attributes) {
  constexpr std::string_view kValue = "; value=\"";
  value = trim(value);
  const std::size_t semicolon = value.find(';');
  if (semicolon == std::string_view::npos || !value.substr(semicolon).starts_with(kValue)) return false;
  const std::string_view name = value.substr(0, semicolon);
  if (!is_token(name) || name == kNoName) return false;
  std::string_view quoted = value.substr(semicolon + kValue.size());
  if (quoted.find_first_of("\"\\\r\n") != quoted.size() - 1 || !quoted.ends_with('"')) return false;
  quoted.remove_suffix(1);
  attributes[std::string(name)] = quoted;
  return true;
}

void read_attribute(std::string_view value, std::map<std::string, std::string>& attributes) {
  if (read_plain_attribute(value, attributes)) return;
  ParameterizedValue read = parse_parameterized(unfold(value));
  if (read.value == kNoName) read.value = decode_parameter(read.parameters, "name").value_or(read.value);
  attributes[read.value] = decode_parameter(read.parameters, "value").value_or("");
}

// Reads what means the same whoever wrote the message. False for other fields.
bool read_own_field(const Field& field, QueueMessage& message, bool& composed) {
  if (!starts_with_name(field.name, "claimq-")) return false;
  if (same_name(field.name, kAttributeField)) {
    read_attribute(field.value, message.attributes);
  } else if (same_name(field.name, kKeyField)) {
    message.key = decode_own_value(unfold(field.value));
  } else if (same_name(field.name, kGroupField)) {
    message.group = decode_own_value(unfold(field.value));
  } else if (same_name(field.name, kQueueField)) {
    message.queue = decode_own_value(unfold(field.value));
  } else if (same_name(field.name, kContentTypeField)) {
    message.content_type = decode_own_value(unfold(field.value));
  } else if (same_name(field.name, kPriorityField)) {
    const std::string_view text = trim(field.value);
    int priority = kDefaultPriority;
    std::from_chars(text.data(), text.data() + text.size(), priority);
    message.priority = std::clamp(priority, 0, kPriorityMax);
  } else if (same_name(field.name, kVersionField)) {
    composed = true;
  } else {
    return false;
  }
  return true;
}

std::string bare_message_id(std::string_view value) {
  value = trim(value);
  if (value.starts_with('<')) value.remove_prefix(1);
  value = value.substr(0, value.find('>'));
  return unfold(value);
}

// compose()'s own form without GMime: `Tue, 24 Nov 2026 06:40:29 +0000`.
std::optional<Timestamp> read_composed_date(std::string_view value) {
  constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  value = trim(value);
  if (value.size() != 31 || !value.ends_with(" +0000")) return std::nullopt;
  const auto number = [&](std::size_t at, std::size_t size) {
    int result = -1;
    const char* end = value.data() + at + size;
    return std::from_chars(value.data() + at, end, result).ptr == end ? result : -1;
  };
  const std::size_t month = kMonths.find(value.substr(8, 3));
  const int day = number(5, 2);
  const int year = number(12, 4);
  const int hour = number(17, 2);
  const int minute = number(20, 2);
  const int second = number(23, 2);
  if (month == std::string_view::npos || month % 3 != 0 || std::min({day, year, hour, minute, second}) < 0)
    return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month / 3 + 1)),
                                         std::chrono::day(static_cast<unsigned>(day)));
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
         std::chrono::seconds(second);
}

Timestamp read_date(std::string_view value) {
  if (const auto date = read_composed_date(value)) return *date;
  const auto date = parse_date(unfold(value));
  return date ? Timestamp(date->instant()) : Timestamp();
}

void add_header_attribute(const Field& field, std::map<std::string, std::string>& attributes) {
  if (field.name.empty()) return;
  std::string name(kHeaderAttribute);
  name.append(to_lower(field.name));
  std::string value = decode_header(unfold(field.value));
  const auto [at, added] = attributes.try_emplace(std::move(name), value);
  if (!added) at->second.append("\n").append(value);
}

void read_composed_body(std::string_view body, std::string_view encoding, std::string_view shown_type,
                        QueueMessage& message) {
  message.body = decode_transfer(body, encoding);
  if (!message.content_type.empty()) return;
  if (starts_with_name(shown_type, "text/") && shown_type.ends_with(kAddedCharset))
    shown_type.remove_suffix(kAddedCharset.size());
  message.content_type = shown_type;
}

void read_foreign_body(std::string_view rfc5322, std::optional<std::string> type, QueueMessage& message) {
  const MessageTree tree = parse_message(rfc5322);
  const Part& root = tree.root();
  message.body =
      root.kind == Part::Kind::kLeaf ? decode_body(root, rfc5322) : std::string(root.body.of(rfc5322));
  if (message.content_type.empty())
    message.content_type = type ? std::move(*type) : "text/plain; charset=us-ascii";
}

}  // namespace

QueueMessage decode(std::string_view rfc5322) {
  QueueMessage message;
  std::vector<Field> others;
  std::optional<std::string> content_type;
  std::string_view encoding;
  bool composed = false;
  HeaderReader reader(rfc5322);
  while (const auto field = reader.next()) {
    if (read_own_field(*field, message, composed)) continue;
    if (same_name(field->name, "date")) {
      message.date = read_date(field->value);
    } else if (same_name(field->name, "message-id")) {
      message.message_id = bare_message_id(field->value);
    } else if (same_name(field->name, "content-type")) {
      if (!content_type) content_type = unfold(field->value);
    } else if (same_name(field->name, "content-transfer-encoding")) {
      encoding = trim(field->value);
    }
    others.push_back(*field);
  }

  constexpr std::string_view kComposed[] = {
      "from", "date", "message-id", "subject", "mime-version", "content-type", "content-transfer-encoding"};
  for (const Field& field : others) {
    const bool ours =
        composed && std::any_of(std::begin(kComposed), std::end(kComposed),
                                [&](std::string_view name) { return same_name(field.name, name); });
    if (!ours) add_header_attribute(field, message.attributes);
  }
  if (composed) {
    const std::string shown = content_type.value_or(std::string(kDefaultContentType));
    read_composed_body(rfc5322.substr(reader.position()), encoding, shown, message);
  } else {
    read_foreign_body(rfc5322, std::move(content_type), message);
  }
  return message;
}

}  // namespace imapd::mime
