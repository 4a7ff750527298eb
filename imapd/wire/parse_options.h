#pragma once

namespace imapd::wire {

// What a client has enabled that changes what its commands mean.
struct ParseOptions {
  // RFC 6855, section 3, and RFC 9051: quoted strings may hold UTF-8, and mailbox names are UTF-8 instead of modified UTF-7.
  bool utf8 = false;
};

}  // namespace imapd::wire
