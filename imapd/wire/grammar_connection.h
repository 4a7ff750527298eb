#pragma once

#include "imapd/wire/command_connection.h"
#include "imapd/wire/grammar_cursor.h"

namespace imapd::wire {

// compress = "COMPRESS" SP algorithm; algorithm = "DEFLATE", others may come (RFC 4978, section 6).
Result<Compress> parse_compress(Cursor& cursor);

}  // namespace imapd::wire
