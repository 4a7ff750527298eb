#pragma once

#include "imapd/wire/command.h"

// The keys of a search. IMAP's SEARCH parses into them; whoever else searches (Purge, Redrive, filters of a queue) names them
// through here and needs not know the wire.
namespace imapd::search {

using SearchKey = wire::SearchKey;
using wire::SearchAge;
using wire::SearchAll;
using wire::SearchAnd;
using wire::SearchAnnotation;
using wire::SearchBody;
using wire::SearchDate;
using wire::SearchEmailId;
using wire::SearchFilter;
using wire::SearchFlag;
using wire::SearchHeader;
using wire::SearchModSeq;
using wire::SearchNot;
using wire::SearchNumbers;
using wire::SearchOr;
using wire::SearchRecent;
using wire::SearchSize;
using wire::SearchText;

}  // namespace imapd::search
