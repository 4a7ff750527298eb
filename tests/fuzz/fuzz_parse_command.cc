// Every input is a command or a bad command, whose text stays on its line. What a command names survives being written and read
// again.

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "imapd/base/check.h"
#include "imapd/wire/mailbox_pattern.h"
#include "imapd/wire/parse_command.h"
#include "imapd/wire/response.h"
#include "imapd/wire/utf7.h"

namespace {

using namespace imapd::wire;

void check_bad(const BadCommand& bad) {
  CHECK(!bad.tag.empty());
  CHECK(!bad.text.empty());
  CHECK(std::all_of(bad.tag.begin(), bad.tag.end(), [](char c) { return c > 0x20 && c < 0x7f; }));
  CHECK(std::all_of(bad.text.begin(), bad.text.end(), [](char c) { return c >= 0x20 && c < 0x7f; }));
}

void check_mailbox_survives(const Delete& command) {
  std::string text = "a DELETE ";
  append_mailbox(text, command.mailbox, MailboxNames::kUtf7);
  const auto again = parse_command(text + "\r\n");
  CHECK(std::holds_alternative<Command>(again));
  CHECK(std::get<Delete>(std::get<Command>(again).verb).mailbox == command.mailbox);
}

void check_strings_survive(const Login& command) {
  std::string text = "a LOGIN ";
  append_astring(text, command.user);
  text += ' ';
  append_string(text, command.password);
  const auto again = parse_command(text + "\r\n");
  CHECK(std::holds_alternative<Command>(again));
  const auto& login = std::get<Login>(std::get<Command>(again).verb);
  CHECK(login.user == command.user);
  CHECK(login.password == command.password);
}

void check_items_survive(const Fetch& command) {
  for (const FetchItem& item : command.items) {
    const auto* section = std::get_if<FetchSection>(&item);
    if (section == nullptr || section->name != FetchSection::Name::kBody || section->partial) continue;
    std::string text = "a FETCH 1 ";
    append_section_name(text, *section);
    const auto again = parse_command(text + "\r\n");
    CHECK(std::holds_alternative<Command>(again));
    const auto& read = std::get<Fetch>(std::get<Command>(again).verb).items;
    CHECK(read.size() == 1);
    CHECK(std::get<FetchSection>(read[0]).section == section->section);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view frame(reinterpret_cast<const char*>(data), size);
  const auto parsed = parse_command(frame);
  if (const auto* bad = std::get_if<BadCommand>(&parsed)) {
    check_bad(*bad);
    return 0;
  }
  const auto& verb = std::get<Command>(parsed).verb;
  if (const auto* command = std::get_if<Delete>(&verb)) check_mailbox_survives(*command);
  if (const auto* command = std::get_if<Login>(&verb)) check_strings_survive(*command);
  if (const auto* command = std::get_if<Fetch>(&verb)) check_items_survive(*command);
  if (const auto* command = std::get_if<List>(&verb)) {
    for (const std::string& pattern : command->patterns) matches_mailbox_pattern(pattern, "INBOX/dead letters");
  }
  return 0;
}
