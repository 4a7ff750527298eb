#include <algorithm>
#include <array>

#include "imapd/base/flag.h"
#include "imapd/ext/registry.h"
#include "imapd/session/commands.h"

// Commands about the connection itself: CAPABILITY, NOOP, CHECK, LOGOUT, STARTTLS, ID, ENABLE, NAMESPACE.
namespace imapd::session {

Task<Reply> run(Session& session, wire::Capability) {
  session.out().capability(ext::capabilities(session));
  co_return ok("CAPABILITY done");
}

// What changed is told by the loop, as after every command.
Task<Reply> run(Session&, wire::Noop) { co_return ok("NOOP done"); }

// Nothing to do: an answer of ours is durable when it is given.
Task<Reply> run(Session&, wire::Check) { co_return ok("CHECK done"); }

Task<Reply> run(Session& session, wire::Logout) {
  session.end("Logging out");
  co_return ok("LOGOUT done");
}

// RFC 3501, section 6.2.1. The loop begins TLS behind the answer.
Task<Reply> run(Session& session, wire::StartTls) {
  if (session.connection().stream().tls() != nullptr) co_return bad("This is TLS already");
  if (session.services().tls == nullptr) co_return bad("STARTTLS is not offered here");
  session.ask_for_layer(Session::Layer::kTls);
  co_return ok("Begin TLS now");
}

// RFC 2971. What the client says of itself is not kept.
Task<Reply> run(Session& session, wire::Id) {
  const std::array<std::pair<std::string, std::string>, 1> fields = {{{"name", "claimq"}}};
  session.out().id(fields);
  co_return ok("ID done");
}

// RFC 5161. Unknown names are ignored; ENABLED lists what is on because of this command.
Task<Reply> run(Session& session, wire::Enable command) {
  std::vector<std::string> enabled;
  for (const ext::Extension& extension : ext::extensions()) {
    const auto is_asked = [&extension](const std::string& name) { return equals_ignoring_case(name, extension.name); };
    if (!extension.enables || std::ranges::none_of(command.capabilities, is_asked)) continue;
    session.enable(*extension.enables);
    enabled.emplace_back(extension.name);
  }
  session.out().enabled(enabled);
  co_return ok("ENABLE done");
}

// RFC 2342: personal, other users', shared.
Task<Reply> run(Session& session, wire::Namespace) {
  session.out().line(R"(NAMESPACE (("INBOX/" "/")) NIL (("" "/")))");
  co_return ok("NAMESPACE done");
}

}  // namespace imapd::session
