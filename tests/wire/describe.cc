#include "tests/wire/describe.h"

#include <gtest/gtest.h>

#include "imapd/wire/parse_command.h"
#include "imapd/wire/response.h"

namespace imapd::wire {
namespace {

template <class... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};
template <class... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
  std::string text;
  for (const std::string& part : parts) {
    if (!text.empty()) text += separator;
    text += part;
  }
  return text;
}

std::string describe(const std::vector<Flag>& flags) {
  std::vector<std::string> names;
  for (const Flag& flag : flags) names.push_back(flag.name());
  return '(' + join(names, " ") + ')';
}

std::string describe(const std::vector<SearchKey>& keys, std::string_view separator) {
  std::vector<std::string> parts;
  for (const SearchKey& key : keys) parts.push_back(describe(key));
  return '(' + join(parts, separator) + ')';
}

std::string describe(const FetchItem& item) {
  static constexpr const char* kNames[] = {"ENVELOPE", "FLAGS", "INTERNALDATE", "UID", "BODY", "BODYSTRUCTURE", "SIZE", "MODSEQ",
                                            "EMAILID", "THREADID", "SAVEDATE", "PREVIEW"};
  if (const auto* attribute = std::get_if<FetchAttribute>(&item)) return kNames[static_cast<int>(*attribute)];
  if (const auto* annotation = std::get_if<FetchAnnotation>(&item)) {
    static constexpr const char* kAttributes[] = {"value.priv", "value.shared", "size.priv", "size.shared"};
    std::string text = "ANNOTATION[" + join(annotation->entries, "|") + "]";
    for (const AnnotationAttribute attribute : annotation->attributes) text += std::string(" ") + kAttributes[static_cast<int>(attribute)];
    return text;
  }
  const auto& section = std::get<FetchSection>(item);
  std::string text;
  append_section_name(text, section);
  if (section.partial) text.insert(text.size() - 1, '.' + std::to_string(section.partial->count));
  return (section.peek ? "peek " : "") + text;
}

constexpr const char* kScopes[] = {"value", "value.priv", "value.shared"};

std::string describe(const std::vector<SetAnnotation>& sets) {
  std::string text;
  for (const SetAnnotation& set : sets) {
    text += " annotation[" + set.entry + ']';
    for (const AnnotationScope scope : set.scopes) text += std::string(" ") + kScopes[static_cast<int>(scope)];
  }
  return text;
}

std::string describe(const std::vector<StatusItem>& items) {
  std::vector<std::string> names;
  for (const StatusItem item : items) names.emplace_back(status_item_name(item));
  return '(' + join(names, " ") + ')';
}

std::string describe(const List& list) {
  std::string text = "LIST";
  if (list.extended) text += " extended";
  if (list.select_subscribed) text += " select:subscribed";
  if (list.select_remote) text += " select:remote";
  if (list.select_recursive_match) text += " select:recursivematch";
  if (list.select_special_use) text += " select:special-use";
  text += " [" + list.reference + "] [" + join(list.patterns, "|") + ']';
  if (list.return_subscribed) text += " return:subscribed";
  if (list.return_children) text += " return:children";
  if (list.return_special_use) text += " return:special-use";
  if (list.return_my_rights) text += " return:myrights";
  if (list.return_status) text += " return:status" + describe(*list.return_status);
  return text;
}

std::string describe(const Select& select) {
  std::string text = select.mode == OpenMode::kReadOnly ? "EXAMINE" : "SELECT";
  text += " [" + select.mailbox + ']';
  if (select.condstore) text += " condstore";
  if (select.annotate) text += " annotate";
  if (!select.qresync) return text;
  text += " qresync " + std::to_string(select.qresync->uid_validity.value()) + ' ' +
          std::to_string(select.qresync->mod_seq.value());
  if (select.qresync->known_uids) text += " known " + select.qresync->known_uids->to_string();
  if (const auto& match = select.qresync->sequence_match) text += " match " + match->first.to_string() + '/' + match->second.to_string();
  return text;
}

std::string describe(const Search& search) {
  std::string text = "SEARCH";
  if (search.uid) text += " uid";
  if (search.returns) {
    text += " return(";
    if (search.returns->min) text += "min ";
    if (search.returns->max) text += "max ";
    if (search.returns->all) text += "all ";
    if (search.returns->count) text += "count ";
    if (search.returns->save) text += "save ";
    if (search.returns->context) text += "context ";
    if (search.returns->update) text += "update ";
    if (search.returns->partial) text += "partial:" + search.returns->partial->to_string() + ' ';
    text += ')';
  }
  if (search.charset) text += " charset:" + *search.charset;
  if (search.names_mod_seq) text += " names_mod_seq";
  return text + ' ' + describe(search.program);
}

std::string describe(const MultiSearch& search) {
  std::string text = "ESEARCH";
  for (const SearchSource& source : search.sources) {
    text += " in:" + std::to_string(static_cast<int>(source.mailboxes)) + '[' + join(source.names, "|") + ']';
  }
  if (search.returns) text += " return";
  if (search.names_mod_seq) text += " names_mod_seq";
  return text + ' ' + describe(search.program);
}

std::string describe(const Sort& sort) {
  std::string text = "SORT";
  if (sort.uid) text += " uid";
  if (sort.returns) text += " return";
  text += " keys:" + std::to_string(sort.criteria.size()) + " charset:" + sort.charset;
  for (const SortCriterion& criterion : sort.criteria) {
    if (criterion.key != SortKey::kAnnotation) continue;
    text += " annotation[" + criterion.annotation.entry + "] " + kScopes[static_cast<int>(criterion.annotation.scope)];
  }
  if (sort.names_mod_seq) text += " names_mod_seq";
  return text + ' ' + describe(sort.program);
}

std::string describe(const Thread& thread) {
  std::string text = thread.algorithm == ThreadAlgorithm::kReferences ? "THREAD references" : "THREAD orderedsubject";
  if (thread.uid) text += " uid";
  text += " charset:" + thread.charset;
  if (thread.names_mod_seq) text += " names_mod_seq";
  return text + ' ' + describe(thread.program);
}

std::string describe(const SetAcl& set) {
  const char* const mode = set.mode == SetAcl::Mode::kReplace ? "=" : set.mode == SetAcl::Mode::kAdd ? "+" : "-";
  return "SETACL [" + set.mailbox + "] [" + set.identifier + "] " + mode + set.rights;
}

std::string describe(const Fetch& fetch) {
  std::vector<std::string> items;
  for (const FetchItem& item : fetch.items) items.push_back(describe(item));
  std::string text = "FETCH ";
  if (fetch.uid) text += "uid ";
  text += fetch.set.to_string() + " {" + join(items, ",") + '}';
  if (fetch.changed_since) text += " changedsince " + std::to_string(fetch.changed_since->value());
  if (fetch.vanished) text += " vanished";
  if (fetch.partial) text += " partial:" + fetch.partial->to_string();
  return text;
}

std::string describe(const Store& store) {
  std::string text = "STORE ";
  if (store.uid) text += "uid ";
  text += store.set.to_string();
  if (store.unchanged_since) text += " unchangedsince " + std::to_string(store.unchanged_since->value());
  if (!store.annotations.empty()) return text + describe(store.annotations);
  text += store.mode == StoreMode::kAdd ? " +" : store.mode == StoreMode::kRemove ? " -" : " =";
  return text + describe(store.flags) + (store.silent ? " silent" : "");
}

std::string describe(const AppendMessage& message) {
  std::string text = ' ' + describe(message.flags);
  if (message.date) text += ' ' + format_date_time(*message.date);
  text += describe(message.annotations);
  for (const MessagePart& part : message.catenate) {
    const auto* url = std::get_if<MessageUrl>(&part);
    text += url != nullptr ? " url<" + url->url + '>' : " text<" + std::get<std::string>(part) + '>';
  }
  return message.catenate.empty() ? text + " <" + message.text + '>' : text;
}

std::string describe(const Append& append) {
  std::string text = "APPEND [" + append.mailbox + ']';
  for (const AppendMessage& message : append.messages) text += describe(message);
  return text;
}

std::string describe(const Replace& replace) {
  return std::string(replace.uid ? "UID " : "") + "REPLACE " + replace.set.to_string() + " [" + replace.mailbox + ']' + describe(replace.with);
}

std::string describe(const Id& id) {
  std::string text = "ID";
  for (const auto& [field, value] : id.fields) text += ' ' + field + '=' + value.value_or("NIL");
  return text;
}

std::string describe(const Notify& notify) {
  static constexpr const char* kMailboxes[] = {"selected", "delayed", "inboxes", "personal", "subscribed", "subtree", "named"};
  static constexpr const char* kEvents[] = {"new", "expunge", "flags", "name", "subscription", "metadata", "server"};
  std::string text = "NOTIFY";
  if (notify.status) text += " status";
  if (notify.unknown_event) text += " unknown-event";
  for (const NotifyGroup& group : notify.groups) {
    text += std::string(" (") + kMailboxes[static_cast<int>(group.mailboxes)];
    for (const std::string& name : group.names) text += " [" + name + ']';
    for (int event = 0; event < 7; ++event) {
      if (group.events.has(static_cast<NotifyEvent>(event))) text += std::string(" ") + kEvents[event];
    }
    for (const FetchItem& item : group.new_items) text += " {" + describe(item) + '}';
    text += ')';
  }
  return text;
}

std::string describe_transfer(std::string_view name, bool uid, const SequenceSet& set, std::string_view mailbox) {
  return std::string(name) + (uid ? " uid " : " ") + set.to_string() + " [" + std::string(mailbox) + ']';
}

}  // namespace

std::string describe(const SearchKey& key) {
  return std::visit(
      Overloaded{
          [](const SearchAll&) { return std::string("all"); },
          [](const SearchFlag& k) { return (k.set ? "has:" : "lacks:") + k.flag.name(); },
          [](const SearchRecent& k) { return std::string(k.set ? "recent" : "old"); },
          [](const SearchNumbers& k) { return (k.uid ? "uid:" : "seq:") + k.set.to_string(); },
          [](const SearchHeader& k) { return "header:" + k.field + '=' + k.value; },
          [](const SearchBody& k) { return "body:" + k.value; },
          [](const SearchText& k) { return "text:" + k.value; },
          [](const SearchDate& k) {
            return std::string(k.source == SearchDate::Source::kSent ? "sent" : k.source == SearchDate::Source::kSaved ? "saved" : "internal") +
                   (k.relation == SearchDate::Relation::kBefore ? "<" : k.relation == SearchDate::Relation::kOn ? "=" : ">=") +
                   format_date(k.date);
          },
          [](const SearchAge& k) {
            return std::string(k.relation == SearchAge::Relation::kOlder ? "age>=" : "age<=") + std::to_string(k.seconds);
          },
          [](const SearchSize& k) {
            return std::string(k.relation == SearchSize::Relation::kLarger ? "size>" : "size<") + std::to_string(k.octets);
          },
          [](const SearchAnnotation& k) {
            return "annotation[" + k.entry + "] " + kScopes[static_cast<int>(k.scope)] + '=' + k.value.value_or("NIL");
          },
          [](const SearchFilter& k) { return "filter:" + k.name; },
          [](const SearchEmailId& k) { return "emailid:" + (k.email_id ? std::to_string(*k.email_id) : std::string("none")); },
          [](const SearchModSeq& k) {
            std::string text = "modseq>=" + std::to_string(k.at_least.value());
            if (!k.flag) return text;
            return text + " of " + k.flag->name() + '/' + std::to_string(static_cast<int>(k.entry_type));
          },
          [](const SearchAnd& k) { return "and" + describe(k.keys, " "); },
          [](const SearchOr& k) { return "or" + describe(k.keys, " "); },
          [](const SearchNot& k) { return "not" + describe(k.keys, " "); },
      },
      key.key);
}

std::string describe(const Command& command) {
  const std::string verb = std::visit(
      Overloaded{
          [](const Capability&) { return std::string("CAPABILITY"); },
          [](const Noop&) { return std::string("NOOP"); },
          [](const Logout&) { return std::string("LOGOUT"); },
          [](const StartTls&) { return std::string("STARTTLS"); },
          [](const Compress& v) { return "COMPRESS " + v.mechanism; },
          [](const Unauthenticate&) { return std::string("UNAUTHENTICATE"); },
          [](const Login& v) { return "LOGIN [" + v.user + "] [" + v.password + ']'; },
          [](const Authenticate& v) {
            return "AUTHENTICATE " + v.mechanism + (v.initial_response ? " [" + *v.initial_response + ']' : "");
          },
          [](const Enable& v) { return "ENABLE " + join(v.capabilities, " "); },
          [](const Id& v) { return describe(v); },
          [](const Select& v) { return describe(v); },
          [](const Create& v) {
            return "CREATE [" + v.mailbox + ']' + (v.special_use.empty() ? "" : " use " + join(v.special_use, " "));
          },
          [](const Delete& v) { return "DELETE [" + v.mailbox + ']'; },
          [](const Rename& v) { return "RENAME [" + v.from + "] [" + v.to + ']'; },
          [](const Subscribe& v) { return "SUBSCRIBE [" + v.mailbox + ']'; },
          [](const Unsubscribe& v) { return "UNSUBSCRIBE [" + v.mailbox + ']'; },
          [](const List& v) { return describe(v); },
          [](const Lsub& v) { return "LSUB [" + v.reference + "] [" + v.pattern + ']'; },
          [](const Namespace&) { return std::string("NAMESPACE"); },
          [](const Status& v) { return "STATUS [" + v.mailbox + "] " + describe(v.items); },
          [](const Append& v) { return describe(v); },
          [](const Replace& v) { return describe(v); },
          [](const GetQuota& v) { return "GETQUOTA [" + v.root + ']'; },
          [](const GetQuotaRoot& v) { return "GETQUOTAROOT [" + v.mailbox + ']'; },
          [](const SetQuota& v) {
            std::string text = "SETQUOTA [" + v.root + ']';
            for (const auto& [resource, limit] : v.limits) text += ' ' + resource + ' ' + std::to_string(limit);
            return text;
          },
          [](const GetMetadata& v) {
            static constexpr const char* kDepths[] = {"0", "1", "infinity"};
            return "GETMETADATA [" + v.mailbox + "] " + join(v.entries, " ") + " depth " +
                   kDepths[static_cast<int>(v.depth)] + (v.size_max ? " max " + std::to_string(*v.size_max) : "");
          },
          [](const SetMetadata& v) {
            std::string text = "SETMETADATA [" + v.mailbox + ']';
            for (const auto& [entry, value] : v.entries) text += ' ' + entry + (value ? " [" + *value + ']' : " NIL");
            return text;
          },
          [](const Notify& v) { return describe(v); },
          [](const Check&) { return std::string("CHECK"); },
          [](const Close&) { return std::string("CLOSE"); },
          [](const MultiSearch& v) { return describe(v); },
          [](const CancelUpdate& v) { return "CANCELUPDATE [" + join(v.tags, "|") + ']'; },
          [](const Unselect&) { return std::string("UNSELECT"); },
          [](const Expunge&) { return std::string("EXPUNGE"); },
          [](const UidExpunge& v) { return "EXPUNGE uid " + v.uids.to_string(); },
          [](const Idle&) { return std::string("IDLE"); },
          [](const Search& v) { return describe(v); },
          [](const Sort& v) { return describe(v); },
          [](const Thread& v) { return describe(v); },
          [](const SetAcl& v) { return describe(v); },
          [](const DeleteAcl& v) { return "DELETEACL [" + v.mailbox + "] [" + v.identifier + ']'; },
          [](const GetAcl& v) { return "GETACL [" + v.mailbox + ']'; },
          [](const ListRights& v) { return "LISTRIGHTS [" + v.mailbox + "] [" + v.identifier + ']'; },
          [](const MyRights& v) { return "MYRIGHTS [" + v.mailbox + ']'; },
          [](const Fetch& v) { return describe(v); },
          [](const Store& v) { return describe(v); },
          [](const Copy& v) { return describe_transfer("COPY", v.uid, v.set, v.mailbox); },
          [](const Move& v) { return describe_transfer("MOVE", v.uid, v.set, v.mailbox); },
      },
      command.verb);
  return command.tag + ' ' + verb;
}

std::string parse_and_describe(std::string_view frame) {
  const auto parsed = parse_command(frame);
  if (const auto* command = std::get_if<Command>(&parsed)) return describe(*command);
  const auto& bad = std::get<BadCommand>(parsed);
  return bad.tag + " BAD " + bad.text;
}

Events run_framer(const FramerLimits& limits, const std::vector<std::string_view>& pieces) {
  Framer framer(limits);
  Events events;
  for (const std::string_view piece : pieces) {
    framer.feed(piece);
    for (bool more = true; more;) {
      std::visit(Overloaded{
                     [&](NeedBytes) { more = false; },
                     [&](NeedContinuation) { events.emplace_back("continue"); },
                     [&](NeedRoom room) {
                       events.push_back("room " + std::to_string(room.bytes));
                       framer.allow_literals(room.bytes);
                     },
                     [&](const Frame& frame) { events.push_back("frame:" + std::string(frame.bytes)); },
                     [&](const TooLong& refused) {
                       static constexpr const char* kReasons[] = {"line ", "literal ", "message ", "no room "};
                       events.push_back(kReasons[static_cast<int>(refused.reason)] + refused.tag + (refused.close ? " close" : ""));
                     },
                 },
                 framer.next());
    }
  }
  return events;
}

Events run_framer_every_way(const FramerLimits& limits, std::string_view bytes) {
  const Events whole = run_framer(limits, {bytes});
  std::vector<std::string_view> single;
  for (std::size_t i = 0; i < bytes.size(); ++i) single.push_back(bytes.substr(i, 1));
  EXPECT_EQ(run_framer(limits, single), whole) << "one byte at a time: " << bytes;
  for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
    EXPECT_EQ(run_framer(limits, {bytes.substr(0, cut), bytes.substr(cut)}), whole) << "cut at " << cut << ": " << bytes;
  }
  return whole;
}

}  // namespace imapd::wire
