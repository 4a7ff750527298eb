#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "imapd/session/reply.h"
#include "imapd/session/session.h"
#include "imapd/wire/command.h"

// Named searches (RFC 5466): annotations of the server, /private/filters/values/<name> or else /shared/filters/values/<name>.
namespace imapd::session {

// Is FILTER a key of it, at any depth?
bool names_filters(const wire::SearchKey& program);

// Puts the keys of each filter in its place, as if in parentheses; filters may name others, in no circle. `names_mod_seq` becomes
// true when one has a MODSEQ key. nullopt: done. Else the command ends with this: NO [UNDEFINED-FILTER name], also for a filter
// whose value is no search program; NO [LIMIT] when all together are larger than a search may be.
std::optional<Reply> put_filters(Session& session, wire::SearchKey& program, bool& names_mod_seq);
template <class Command>
std::optional<Reply> put_filters(Session& session, Command& command) {
  return put_filters(session, command.program, command.names_mod_seq);
}

// How a SEARCH or ESEARCH ends that names a charset (nullopt: none) in which strings are not, or may not be said to be. nullopt: it
// goes on.
std::optional<Reply> charset_refusal(const Session& session, const std::optional<std::string>& charset,
                                     const wire::SearchKey& program);
template <class Command>
std::optional<Reply> charset_refusal(const Session& session, const Command& command) {
  return charset_refusal(session, command.charset, command.program);
}

// What is wrong with setting an annotation of the server to this: it is a filter's value and no search program, or of a name that
// no FILTER can name. nullopt: nothing. `entry` is in lower case.
std::optional<std::string> fault_of_filter(std::string_view entry, std::string_view value);

}  // namespace imapd::session
