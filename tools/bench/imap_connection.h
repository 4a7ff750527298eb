// A small IMAP client: one command at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/client/connection.h"

namespace tools::bench {

struct ImapReply {
  // Without "* " and line ends; a literal stands in its line as it came.
  std::vector<std::string> untagged;
  // The tagged line without its tag: "OK [MODIFIED 7] done".
  std::string tagged;

  [[nodiscard]] bool ok() const { return tagged.starts_with("OK"); }
  [[nodiscard]] bool has_code(std::string_view code) const;
};

// What a FETCH reply says of one message.
struct FetchedMessage {
  std::uint32_t uid = 0;
  std::uint64_t mod_seq = 0;
  bool claimed = false;
};

// Operation    Connects and logs in when made; every call waits for its tagged reply. Throws client::Failure when the connection
//              breaks or a require…() is not answered OK.
// Concurrency  None: a thread each.
// Limits       A reply is held in memory whole.
class ImapConnection {
 public:
  ImapConnection(const std::string& address, const client::Credentials& credentials);
  ~ImapConnection();
  ImapConnection(const ImapConnection&) = delete;
  ImapConnection& operator=(const ImapConnection&) = delete;

  ImapReply command(std::string_view line);
  ImapReply require(std::string_view line);
  // The number of untagged lines in the answer, which is not kept: for answers of very many lines, none with a literal.
  std::uint64_t count_untagged(std::string_view line);
  // By a non-synchronizing literal (LITERAL+).
  void append(std::string_view mailbox, std::string_view message);
  // SELECT with CONDSTORE.
  void select(std::string_view mailbox);
  // Begins IDLE, after which only the socket, which it answers, is to be read.
  int idle();
  [[nodiscard]] int socket() const { return socket_; }

 private:
  void connect_to(const std::string& address);
  void send_all(std::string_view bytes) const;
  // Up to the line end, literals included; false at the end of the connection.
  std::string read_response();
  std::string read_line() { return std::string(next_line()); }
  // Valid until the next read.
  std::string_view next_line();
  void read_more();
  ImapReply read_reply(const std::string& tag);

  int socket_ = -1;
  std::uint64_t tag_ = 0;
  std::string received_;
  std::size_t used_ = 0;
};

// The UID, MODSEQ and claim in an untagged FETCH; nothing for other responses and for one without UID.
std::optional<FetchedMessage> parse_fetch(std::string_view untagged);

// A small mail of about `size_bytes`.
std::string mail(std::size_t size_bytes);

}  // namespace tools::bench
