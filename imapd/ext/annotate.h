#pragma once

#include <span>
#include <string>

#include "imapd/session/reply.h"
#include "imapd/store/message.h"
#include "imapd/wire/command.h"

// ANNOTATE-EXPERIMENT-1 (RFC 5257): the claim of a message, for reading (search/annotation.h).
namespace imapd::ext {

// `(entry (attribute value ...) ...)`; "" when no entry matches. What is named without a pattern is there, as NIL if need be.
std::string annotation_list(const wire::FetchAnnotation& item, const store::MessageState& message, const store::Actor& asker);

// `(entry ...)`: all that a change of a claim may have changed (section 4.4).
std::string changed_annotations();

// Why these, which are not empty, are not set.
session::Reply annotation_refusal(std::span<const wire::SetAnnotation> sets);

}  // namespace imapd::ext
