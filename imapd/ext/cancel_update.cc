#include "imapd/ext/cancel_update.h"

#include "imapd/session/search_context.h"

// CANCELUPDATE (RFC 5267, section 4.3.5).
namespace imapd::session {

Task<Reply> run(Session& session, wire::CancelUpdate command) {
  SearchContexts& contexts = session.contexts();
  for (const std::string& tag : command.tags) {
    if (!contexts.has(tag)) co_return bad("No command with such a tag is being updated");
  }
  for (const std::string& tag : command.tags) contexts.cancel(tag);
  session.view().watch(!contexts.empty());
  co_return ok("No further updates");
}

}  // namespace imapd::session
