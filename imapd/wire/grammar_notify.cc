#include "imapd/wire/grammar_notify.h"

#include <array>
#include <optional>
#include <utility>

#include "imapd/wire/grammar_atoms.h"
#include "imapd/wire/grammar_fetch.h"
#include "imapd/wire/grammar_mailbox.h"

namespace imapd::wire {
namespace {

using Mailboxes = NotifyGroup::Mailboxes;

bool is_of_selected(Mailboxes mailboxes) { return mailboxes == Mailboxes::kSelected || mailboxes == Mailboxes::kSelectedDelayed; }

// filter-mailboxes = "selected" / "selected-delayed" / "inboxes" / "personal" / "subscribed" /
//                    ("subtree" / "mailboxes") SP one-or-more-mailbox
std::optional<Mailboxes> mailboxes_called(std::string_view word) {
  static constexpr std::array<std::pair<std::string_view, Mailboxes>, 7> kNames = {{
      {"SELECTED", Mailboxes::kSelected},
      {"SELECTED-DELAYED", Mailboxes::kSelectedDelayed},
      {"INBOXES", Mailboxes::kInboxes},
      {"PERSONAL", Mailboxes::kPersonal},
      {"SUBSCRIBED", Mailboxes::kSubscribed},
      {"SUBTREE", Mailboxes::kSubtree},
      {"MAILBOXES", Mailboxes::kNamed},
  }};
  for (const auto& [name, mailboxes] : kNames) {
    if (word == name) return mailboxes;
  }
  return std::nullopt;
}

std::optional<NotifyEvent> event_called(std::string_view word) {
  static constexpr std::array<std::pair<std::string_view, NotifyEvent>, 7> kNames = {{
      {"MESSAGENEW", NotifyEvent::kMessageNew},
      {"MESSAGEEXPUNGE", NotifyEvent::kMessageExpunge},
      {"FLAGCHANGE", NotifyEvent::kFlagChange},
      {"MAILBOXNAME", NotifyEvent::kMailboxName},
      {"SUBSCRIPTIONCHANGE", NotifyEvent::kSubscriptionChange},
      {"MAILBOXMETADATACHANGE", NotifyEvent::kMailboxMetadataChange},
      {"SERVERMETADATACHANGE", NotifyEvent::kServerMetadataChange},
  }};
  for (const auto& [name, event] : kNames) {
    if (word == name) return event;
  }
  return std::nullopt;
}

// one-or-more-mailbox = mailbox / "(" mailbox *(SP mailbox) ")"
Result<void> parse_names(Cursor& cursor, NotifyGroup& group) {
  const bool list = cursor.skip('(');
  do {
    TRY_ASSIGN(name, parse_mailbox(cursor));
    group.names.push_back(std::move(name));
  } while (list && cursor.skip(' '));
  if (list) TRY(cursor.expect(')', "after the mailbox names"));
  return {};
}

// event = message-event / mailbox-event / user-event / event-ext
// message-event = ("MessageNew" [SP "(" fetch-att *(SP fetch-att) ")"]) / "MessageExpunge" / "FlagChange" / "AnnotationChange"
Result<void> parse_event(Cursor& cursor, Notify& notify, NotifyGroup& group) {
  TRY_ASSIGN(word, parse_atom(cursor, "event"));
  const auto event = event_called(to_upper(word));
  if (!event) {
    notify.unknown_event = true;
    return {};
  }
  group.events.add(*event);
  Cursor ahead = cursor;
  if (*event != NotifyEvent::kMessageNew || !ahead.skip(' ') || ahead.peek() != '(') return {};
  cursor = ahead;
  if (!is_of_selected(group.mailboxes)) return syntax_error("items are for the selected mailbox only");
  TRY_ASSIGN(items, parse_fetch_items(cursor));
  group.new_items = std::move(items);
  return {};
}

// RFC 5465, sections 5 and 6.1.
Result<void> check_events(const NotifyGroup& group) {
  using enum NotifyEvent;
  if (group.events.has(kMessageNew) != group.events.has(kMessageExpunge)) {
    return syntax_error("MessageNew and MessageExpunge go together");
  }
  if (group.events.has(kFlagChange) && !group.events.has(kMessageNew)) {
    return syntax_error("FlagChange needs MessageNew and MessageExpunge");
  }
  if (!is_of_selected(group.mailboxes)) return {};
  for (const NotifyEvent event : {kMailboxName, kSubscriptionChange, kMailboxMetadataChange, kServerMetadataChange}) {
    if (group.events.has(event)) return syntax_error("the selected mailbox has events of messages only");
  }
  return {};
}

// event-group = "(" filter-mailboxes SP events ")"
// events = ("(" event *(SP event) ")") / "NONE"
Result<NotifyGroup> parse_group(Cursor& cursor, Notify& notify) {
  TRY(cursor.expect('(', "before an event group"));
  const std::string word = parse_keyword(cursor);
  const auto mailboxes = mailboxes_called(word);
  if (!mailboxes) return unknown_word("mailbox specifier", word);
  NotifyGroup group;
  group.mailboxes = *mailboxes;
  if (group.mailboxes == Mailboxes::kSubtree || group.mailboxes == Mailboxes::kNamed) {
    TRY(cursor.expect(' ', "after the mailbox specifier"));
    TRY(parse_names(cursor, group));
  }
  TRY(cursor.expect(' ', "before the events"));
  if (cursor.skip('(')) {
    do {
      TRY(parse_event(cursor, notify, group));
    } while (cursor.skip(' '));
    TRY(cursor.expect(')', "after the events"));
  } else if (const std::string none = parse_keyword(cursor); none != "NONE") {
    return unknown_word("event list", none);
  }
  TRY(cursor.expect(')', "after an event group"));
  if (!notify.unknown_event) TRY(check_events(group));
  return group;
}

}  // namespace

// notify = "NOTIFY" SP ("SET" [SP "STATUS"] SP event-group *(SP event-group) / "NONE")
Result<Notify> parse_notify(Cursor& cursor) {
  Notify notify;
  const std::string word = parse_keyword(cursor);
  if (word == "NONE") return notify;
  if (word != "SET") return unknown_word("argument", word);
  TRY(cursor.expect(' ', "after SET"));
  if (cursor.peek() != '(') {
    const std::string status = parse_keyword(cursor);
    if (status != "STATUS") return unknown_word("indicator", status);
    notify.status = true;
    TRY(cursor.expect(' ', "after STATUS"));
  }
  bool has_selected = false;
  std::size_t names = 0;
  do {
    TRY_ASSIGN(group, parse_group(cursor, notify));
    if (is_of_selected(group.mailboxes) && std::exchange(has_selected, true)) {
      return syntax_error("the selected mailbox is named twice");
    }
    names += group.names.size();
    if (names > limits::kNotifyNamesMax) return syntax_error("too many mailbox names");
    notify.groups.push_back(std::move(group));
    if (notify.groups.size() > limits::kNotifyGroupsMax) return syntax_error("too many event groups");
  } while (cursor.skip(' '));
  return notify;
}

}  // namespace imapd::wire
