#pragma once

#include <vector>

#include "imapd/wire/annotation.h"
#include "imapd/wire/grammar_cursor.h"

// RFC 5257, section 5; each after the word ANNOTATION.
namespace imapd::wire {

Result<FetchAnnotation> parse_fetch_annotation(Cursor& cursor);
Result<SearchAnnotation> parse_search_annotation(Cursor& cursor);
Result<SortAnnotation> parse_sort_annotation(Cursor& cursor);
// At least one.
Result<std::vector<SetAnnotation>> parse_set_annotations(Cursor& cursor);

}  // namespace imapd::wire
