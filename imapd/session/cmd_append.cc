#include <algorithm>
#include <string>
#include <utility>

#include "imapd/base/limits.h"
#include "imapd/session/commands.h"
#include "imapd/session/new_message.h"

// APPEND (RFC 3501, section 6.3.11; RFC 3502: several messages at once; RFC 3516: literal8; RFC 4315: APPENDUID; RFC 7889:
// APPENDLIMIT; RFC 4469: CATENATE).
namespace imapd::session {
namespace {

std::size_t number_of_parts(const wire::Append& append) {
  std::size_t count = 0;
  for (const wire::AppendMessage& message : append.messages) count += std::max<std::size_t>(1, message.catenate.size());
  return count;
}

}  // namespace

Task<Reply> run(Session& session, wire::Append command) {
  const auto mailbox = session.find(command.mailbox);
  if (!mailbox || !mailbox->selectable) co_return no("There is no such mailbox", wire::code::kTryCreate);
  const auth::Rights rights = session.rights(*mailbox);
  if (!rights.has(auth::Right::kInsert)) co_return no("You may not put messages here", wire::code::kNoPerm);
  if (number_of_parts(command) > limits::kAppendPartsMax) {
    std::string text = "At most " + std::to_string(limits::kAppendPartsMax) + " messages or parts of them at once";
    co_return no(std::move(text), wire::code::kLimit);
  }

  store::Append request;
  request.mailbox = mailbox->id;
  request.actor = session.actor(*mailbox);
  // The framer holds what is sent to APPENDLIMIT, all together; what is named by URLs must not make more of it.
  std::size_t bytes_left = session.services().options.message_bytes_max;
  for (wire::AppendMessage& asked : command.messages) {
    auto made = co_await new_message(session, std::move(asked), rights, bytes_left);
    if (auto* refusal = std::get_if<Reply>(&made)) co_return std::move(*refusal);
    request.messages.push_back(std::move(std::get<store::NewMessage>(made)));
    bytes_left -= request.messages.back().body.size();
  }
  const auto appended = co_await async(session.store(), &store::Store::append, std::move(request));
  if (!appended) co_return not_appended(appended.error());
  UidSet uids;
  for (const Uid uid : appended->uids) uids.add(uid);
  if (session.selected() && session.view().mailbox() == mailbox->id) session.changed_here(uids);
  // RFC 4315, section 3: what the user may not select tells nothing of itself.
  if (!rights.has(auth::Right::kRead)) co_return ok("APPEND done");
  co_return ok("APPEND done", wire::code::append_uid(appended->uid_validity, uids));
}

}  // namespace imapd::session
